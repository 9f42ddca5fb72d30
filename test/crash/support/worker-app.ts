import 'reflect-metadata';
import { createInterface } from 'node:readline';
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { type DatabaseOptions, DurableClient, DurableModule } from '../../../lib/index.js';
import { plannedClass } from '../../integration/random-pipelines/planned-class.js';
import { randomPlan } from '../../integration/random-pipelines/random-plan.js';
import { leaveEffect, openEffects } from './effects.js';
import { arm } from './failpoints.js';
import { sagaWorkflows } from './saga-workflows.js';
import { SETTINGS, type WorkerMessage, type WorkerOrder, type WorkerSettings } from './settings.js';
import { spoilRecords } from './spoil.js';
import { StderrLogger } from './stderr-logger.js';
import { observeWorker } from './worker-identity.js';
import { allWorkflows, withTransactions } from './workflows.js';

// One worker process of the crash programme. It says what happens on its output, takes orders on its input, and
// goes when that ends, as it does when the test is gone.

@Module({})
class WorkerModule {
  static async withSettings(settings: WorkerSettings): Promise<DynamicModule> {
    const { database, lease = '2s', pollInterval = 100, concurrency = 20, shutdownTimeout } = settings;
    const isEmbedded = 'embedded' in database;
    return {
      module: WorkerModule,
      imports: [
        DurableModule.forRoot({
          database: isEmbedded ? database : await ownDataSource(database.url, settings.ownConnections),
          lease,
          pollInterval,
          queues: { default: { concurrency } },
          ...(shutdownTimeout === undefined ? {} : { shutdownTimeout }),
        }),
      ],
      providers: [
        ...allWorkflows.filter((workflow) => !isEmbedded || !withTransactions.includes(workflow)),
        ...sagaWorkflows,
        ...(settings.seeds ?? []).map((seed) =>
          plannedClass(randomPlan(seed), { began: ({ args }) => leaveEffect(args) }),
        ),
      ],
    };
  }
}

/** As an application's own: transactional steps need one. */
async function ownDataSource(url: string, max = 10): Promise<DatabaseOptions> {
  const dataSource = new DataSource({ type: 'postgres', url, extra: { max } });
  return { dataSource: await dataSource.initialize() };
}

function say(message: WorkerMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

const settings = JSON.parse(process.env[SETTINGS] ?? '{}') as WorkerSettings;
openEffects(settings.effects);
observeWorker();
if (settings.failpoint !== undefined) arm(settings.failpoint);
if (settings.spoil !== undefined) spoilRecords(settings.spoil);

const app = await NestFactory.createApplicationContext(await WorkerModule.withSettings(settings), {
  logger: new StderrLogger(),
});
app.enableShutdownHooks();
const client = app.get(DurableClient);
say({ type: 'ready' });

createInterface(process.stdin)
  .on('line', (line) => void obey(JSON.parse(line) as WorkerOrder))
  .on('close', () => process.exit());

async function obey(order: WorkerOrder): Promise<void> {
  const { ask } = order;
  try {
    say({ type: 'acknowledged', id: await done(order), ask });
  } catch (error) {
    say({
      type: 'refused',
      error: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      ask,
    });
  }
}

async function done(order: WorkerOrder): Promise<string> {
  if (order.type === 'start') {
    const { workflow, input, key } = order;
    return (await client.start(workflow, input, key === undefined ? {} : { key })).id;
  }
  const { workflow } = await client.getExecution(order.id);
  const handle = await client.handle(workflow, { id: order.id });
  await handle.result();
  return order.id;
}
