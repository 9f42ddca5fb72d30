import { setTimeout as pause } from 'node:timers/promises';
import { type LoggerService, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DurableClient, DurableModule, printTimeline } from 'nest-durable';
import { OrderWorkflow } from '../order.workflow.js';
import type { Order } from '../order.js';
import { ShopModule } from '../shop.module.js';
import type { Report, Request } from './messages.js';
import { progressOf } from './reading.js';
import { StormyLedger } from './stormy-ledger.js';

/** The process that the demo kills: the whole shop, with its database in a directory. */
const [directory = '.durable', ledger = 'ledger.log', stormyOrder = ''] = process.argv.slice(2);
const LOOK_EVERY_MS = 80;

@Module({
  imports: [
    DurableModule.forRoot({ database: { embedded: directory } }),
    ShopModule.register({
      ledger: new StormyLedger(ledger, { request: 250, answer: 900 }, stormyOrder),
      courierComesIn: '3s',
    }),
  ],
})
class DemoModule {}

const app = await NestFactory.createApplicationContext(DemoModule, { logger: logger() });
app.enableShutdownHooks();
const client = app.get(DurableClient);
const placed = new Map<string, string>();

process.on('message', (request: Request) => void answer(request));
process.once('disconnect', () => void close());
tell({ type: 'ready' });
while (process.connected) {
  await tellProgress();
  await pause(LOOK_EVERY_MS);
}

async function answer(request: Request): Promise<void> {
  switch (request.type) {
    case 'place':
      return await place(request.order);
    case 'timeline': {
      const execution = await client.getExecution(placed.get(request.order) ?? '', { steps: true });
      return tell({ type: 'timeline', text: printTimeline(execution, request) });
    }
    case 'count':
      return tell({ type: 'count', executions: await client.countExecutions({ workflow: OrderWorkflow }) });
    case 'close':
      return process.disconnect();
  }
}

async function place(order: Order): Promise<void> {
  const handle = await client.start(OrderWorkflow, order, { key: order.id });
  placed.set(order.id, handle.id);
  tell({ type: 'placed', order: order.id, execution: handle.id, isNew: handle.created });
  handle.result().then(
    (receipt) => tell({ type: 'finished', order: order.id, receipt }),
    (error: unknown) => tell({ type: 'failed', order: order.id, reason: String(error) }),
  );
}

async function tellProgress(): Promise<void> {
  const orders = await Promise.all(
    [...placed].map(async ([order, id]) => progressOf(order, await client.getExecution(id, { steps: true }))),
  );
  tell({ type: 'progress', orders });
}

function tell(report: Report): void {
  if (process.connected) process.send?.(report);
}

async function close(): Promise<void> {
  await app.close();
  process.exit();
}

/** Only what the engine itself has to say. */
function logger(): LoggerService {
  const pass = (text: unknown, context: unknown): void => {
    if (String(context).startsWith('Durable')) tell({ type: 'log', text: String(text) });
  };
  const toStderr = (text: unknown, ...rest: unknown[]): void => console.error(text, ...rest);
  return { log: pass, warn: pass, error: toStderr, fatal: toStderr };
}
