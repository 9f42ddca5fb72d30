import 'reflect-metadata';
import { createInterface } from 'node:readline';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DurableClient, DurableModule } from '../../../lib/index.js';
import { armWaits, type WaitFailpoint } from './wait-failpoints.js';
import { waitWorkflows } from './wait-workflows.js';

// A process that runs executions which wait, or that only sends: run by a ChildScript. It says when it is ready, sends
// what it is told to, and goes when its input ends.

export interface WaitWorkerSettings {
  readonly url: string;
  readonly lease: string;
  readonly worker: boolean;
  readonly failpoint?: WaitFailpoint;
}

/** What it is told, one JSON text a line. */
export type WaitOrder =
  | { readonly broadcast: { readonly scope: string; readonly value: number } }
  | { readonly event: { readonly id: string; readonly number: number; readonly key?: string } };

const settings = JSON.parse(process.argv[2] ?? '{}') as WaitWorkerSettings;
if (settings.failpoint !== undefined) armWaits(settings.failpoint);

@Module({
  imports: [
    DurableModule.forRoot({
      database: { url: settings.url },
      worker: settings.worker,
      lease: settings.lease,
      pollInterval: 100,
      queues: { default: { concurrency: 30 } },
    }),
  ],
  providers: settings.worker ? [...waitWorkflows] : [],
})
class WaitWorkerModule {}

const app = await NestFactory.createApplicationContext(WaitWorkerModule, { logger: false });
const client = app.get(DurableClient);
process.stdout.write('ready\n');

createInterface(process.stdin)
  .on('line', (line) => void obey(JSON.parse(line) as WaitOrder))
  .on('close', () => process.exit());

async function obey(order: WaitOrder): Promise<void> {
  if ('broadcast' in order) {
    await client.broadcast('news', order.broadcast.value, { scope: order.broadcast.scope });
  } else {
    const { id, number, key } = order.event;
    await client.sendEvent(id, 'number', number, key === undefined ? {} : { idempotencyKey: key });
  }
  process.stdout.write('sent\n');
}
