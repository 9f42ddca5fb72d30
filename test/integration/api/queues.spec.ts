import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import {
  type DurableClient,
  DurableModule,
  getDurableClientToken,
  DurableClient as Client,
  execution,
  InjectDurableClient,
  Run,
  step,
  Workflow,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import { type DurableApp, startModules } from '../../support/durable-app.js';
import { eventually } from '../../support/eventually.js';
import { Gate } from '../../support/gate.js';

let gate = new Gate();
/** How many run at this moment, and the most that ever did, by queue. */
let running: Map<string, number> = new Map();
let most: Map<string, number> = new Map();

async function count(queue: string, work: () => Promise<void>): Promise<void> {
  const now = (running.get(queue) ?? 0) + 1;
  running.set(queue, now);
  most.set(queue, Math.max(most.get(queue) ?? 0, now));
  await work();
  running.set(queue, (running.get(queue) ?? 0) - 1);
}

@Workflow()
class Counted {
  @Run()
  async run(queue: string) {
    await step('work', () => count(queue, () => new Promise((resolve) => setImmediate(resolve))));
    await step('more', () => count(queue, () => gate.pass(execution().signal)));
  }
}

@Workflow({ queue: 'reports' })
class Report {
  @Run()
  async run() {
    return 'report';
  }
}

@Injectable()
class TwoClients {
  constructor(
    @InjectDurableClient() readonly plain: Client,
    @InjectDurableClient('second') readonly second: Client,
  ) {}
}

onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    gate = new Gate();
    running = new Map();
    most = new Map();
  });
  afterEach(() => database.closeApps());

  describe('Queues', () => {
    const queues = { default: { concurrency: 3 }, reports: { concurrency: 1, pollInterval: '200ms' } };

    it('run no more at once than their concurrency, each for itself', async () => {
      const { client } = await database.start([Counted], { queues });
      const handles = await Promise.all(
        ['default', 'reports'].flatMap((queue) =>
          Array.from({ length: 8 }, () => client.start(Counted, queue, { queue })),
        ),
      );
      await gate.reached(4);
      await eventually(() => (running.get('default') ?? 0) + (running.get('reports') ?? 0) === 4);
      gate.open();
      await Promise.all(handles.map((handle) => handle.result()));
      expect(Object.fromEntries(most)).toEqual({ default: 3, reports: 1 });
    });

    it('do not wait for each other', async () => {
      const { client } = await database.start([Counted, Report], { queues });
      const held = await client.startMany(Counted, ['default', 'default', 'default', 'default']);
      await gate.reached(3);
      const handle = await client.start(Report);
      expect(await handle.result()).toBe('report');
      expect((await client.getExecution(handle.id)).queue).toBe('reports');
      gate.open();
      await Promise.all(held.map((each) => each.result()));
    });

    it('of which this application works for none are left to others', async () => {
      const first = await database.start([Counted, Report], { queues: { default: {} } });
      const handle = await first.client.start(Report);
      gate.open();
      await (await first.client.start(Counted, 'default')).result();
      expect(await handle.status()).toBe('pending');
      await first.close();
      const { client } = await database.start([Counted, Report], { queues });
      expect(await (await client.handle(Report, { id: handle.id })).result()).toBe('report');
    });
  });
});

onDatabase('PostgreSQL', (database) => {
  describe('Two engines in one application', () => {
    let app: DurableApp | undefined;
    let clients: TwoClients;
    afterAll(() => app?.close());

    async function idsOf(client: DurableClient): Promise<string[]> {
      return (await client.listExecutions()).executions.map(({ id }) => id);
    }

    it('have a name, a schema and a client each, and run each their own', async () => {
      app = await startModules({
        imports: [
          DurableModule.forRoot({ database: database.options, queues: { default: {}, reports: {} } }),
          DurableModule.forRoot({
            name: 'second',
            schema: 'second',
            database: database.options,
            queues: { reports: {} },
          }),
        ],
        providers: [Report, TwoClients],
      });
      clients = app.module.get(TwoClients);
      const [plain, second] = await Promise.all([clients.plain.start(Report), clients.second.start(Report)]);
      expect(await Promise.all([plain.result(), second.result()])).toEqual(['report', 'report']);
      expect(await idsOf(clients.plain)).toEqual([plain.id]);
      expect(await idsOf(clients.second)).toEqual([second.id]);
    });

    it('can be found by their token', () => {
      expect(app?.module.get(getDurableClientToken('second'), { strict: false })).toBe(clients.second);
      expect(app?.module.get(getDurableClientToken(), { strict: false })).toBe(clients.plain);
      expect(clients.plain).not.toBe(clients.second);
    });
  });

  describe('Several applications on one database', () => {
    beforeEach(() => {
      gate = new Gate();
    });
    afterEach(() => database.closeApps());

    it('share the work, and each execution runs once', async () => {
      const apps = await Promise.all(
        [1, 2, 3].map(() => database.start([Report], { queues: { reports: {} } })),
      );
      const [first] = apps;
      if (first === undefined) throw new Error('No application was started.');
      const handles = await first.client.startMany(
        Report,
        Array.from({ length: 200 }, () => undefined),
      );
      await Promise.all(handles.map((handle) => handle.result()));
      expect(
        await first.client.countExecutions({ status: 'completed', workflow: Report }),
      ).toBeGreaterThanOrEqual(200);
    });

    it('run what another one starts that has no worker, and tell it the result', async () => {
      const starter = await database.start([Report], { worker: false });
      await database.start([Report], { queues: { reports: {} } });
      expect(await (await starter.client.start(Report)).result()).toBe('report');
    });
  });
});
