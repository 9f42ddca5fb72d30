import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Branch,
  Compensate,
  type DurableClient,
  execution,
  type ExecutionHandle,
  ForEach,
  Parallel,
  Pipeline,
  Run,
  Step,
  type Undo,
  While,
  Workflow,
} from 'nest-durable';
import { type ApiDatabase, onDatabase } from '../../support/api-database.js';
import type { DurableApp } from '../../support/durable-app.js';
import { eventually } from '../../support/eventually.js';
import { Gate } from '../../support/gate.js';
import { causeOf } from '../../support/outcome.js';
import { HASTY, restartAt } from '../../support/restart.js';

let runs: string[] = [];
let gate = new Gate();
let undoing = new Gate();
/** The undo of this one waits at the gate. */
let heldUp = '';

async function note(undone: string): Promise<void> {
  if (undone === heldUp) await undoing.pass(execution().signal);
  runs.push(undone);
}

interface Facts {
  list: number[];
  left?: number;
  sum?: number;
}

/** Blocks in blocks: what a replay has to find again before it can undo. */
@Workflow()
class Deep extends Pipeline<Facts, Facts> {
  @Step() begin() {
    return { left: 2 };
  }

  @While({ do: ['each', 'tick'], max: 3 }) rounds(data: Facts) {
    return (data.left ?? 0) > 0;
  }
  @Step({ in: 'rounds' }) tick(data: Facts) {
    return { left: (data.left ?? 0) - 1 };
  }
  @ForEach({ do: ['check', 'kind'], concurrency: 2, in: 'rounds' }) each(data: Facts) {
    return data.list;
  }
  @Step({ in: 'each' }) check(data: Facts, item: number) {
    return { sum: item * (data.left ?? 0) };
  }
  @Branch({ true: 'even', false: 'odd' }, { in: 'each' }) kind(_data: Facts, item: number) {
    return item % 2 === 0;
  }
  @Step({ in: 'kind' }) even() {}
  @Step({ in: 'kind' }) odd() {}

  @Compensate('begin') async unbegin(data: Facts) {
    await note(`begin ${data.left}`);
  }
  @Compensate(['check', 'even', 'odd'])
  async undo(data: Facts, { step, item, index }: Undo<unknown, number>) {
    await note(`${step} ${item} at ${index} of ${data.sum}`);
  }

  @Parallel(['fails', 'charge', 'reserve']) last() {}
  @Step({ in: 'last', retry: { maxAttempts: 1 } }) async fails(): Promise<void> {
    await gate.reached(2);
    throw new Error('failed');
  }
  // Both complete because they are told to stop, when the failure is already recorded.
  @Step({ in: 'last' }) async charge() {
    await gate.pass(execution().signal).catch(() => undefined);
  }
  @Step({ in: 'last' }) async reserve() {
    await gate.pass(execution().signal).catch(() => undefined);
  }
  @Compensate(['charge', 'reserve']) async unlast(_data: Facts, { step }: Undo) {
    await note(step);
  }
}

/** The first item is the slowest, and fails when all others are done. */
@Workflow()
class FirstFailsLast extends Pipeline<{ items: number[] }> {
  @ForEach({ do: 'send', concurrency: 2 }) each(data: { items: number[] }) {
    return data.items;
  }
  @Step({ in: 'each', retry: { maxAttempts: 1 } }) async send(
    data: { items: number[] },
    _item: number,
    index: number,
  ) {
    if (index === data.items.length - 1) gate.open();
    if (index > 0) return;
    await gate.pass();
    throw new Error('failed');
  }
  @Compensate('send') async unsend(_data: object, { item }: Undo<unknown, number>) {
    await note(`send ${item}`);
  }
}

@Workflow()
class SideBySide {
  @Run()
  async run() {
    await Promise.all([this.work('fails'), this.work('one'), this.chain()]);
  }

  async chain() {
    await this.work('quick');
    await this.work('two');
    await this.work('never');
  }

  @Step({ retry: { maxAttempts: 1 } })
  async work(name: string) {
    if (name === 'quick') return;
    if (name === 'fails') {
      await gate.reached(2);
      throw new Error('failed');
    }
    await gate.pass(execution().signal).catch(() => undefined);
  }
  @Compensate('work') async undo(_undo: Undo, name: string) {
    await note(name);
  }
}

/** What runs beside the failure ends when the test wants it. */
@Workflow()
class DeafBeside {
  @Run()
  async run() {
    await Promise.all([this.fails(), this.charge()]);
  }
  @Step({ retry: { maxAttempts: 1 } }) async fails(): Promise<void> {
    await gate.reached();
    throw new Error('failed');
  }
  @Step() async charge() {
    await gate.pass();
  }
  @Compensate('charge') async refund() {
    await note('charge');
  }
}

const PROVIDERS = [Deep, FirstFailsLast, SideBySide, DeafBeside];

async function expectUndone(
  handle: ExecutionHandle,
  client: DurableClient,
  expected: readonly string[],
): Promise<void> {
  await causeOf(handle, Error);
  const { status, compensationResults, steps } = await client.getExecution(handle.id, { steps: true });
  expect(runs).toEqual(expected);
  expect(status).toBe('compensated');
  expect(compensationResults).toHaveLength(expected.length);
  const undos = steps?.filter((step) => step.kind === 'undo' && step.status === 'completed');
  expect(undos?.map(({ compensates }) => compensates)).toEqual(compensationResults?.map(({ path }) => path));
  expect(new Set(undos?.map(({ path }) => path)).size).toBe(expected.length);
}

async function restarted(app: DurableApp, database: ApiDatabase): Promise<DurableClient> {
  const { client } = await restartAt(undoing, app, database, PROVIDERS);
  return client;
}

onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    runs = [];
    gate = new Gate();
    undoing = new Gate();
    heldUp = '';
  });
  afterEach(() => database.closeApps());

  describe('Undoing goes on in the next application', () => {
    it.each(['charge', 'even 2 at 1 of 2', 'check 1 at 0 of 2', 'begin 2'])(
      'through blocks in blocks, from where it was (%s)',
      async (at) => {
        heldUp = at;
        const app = await database.start(PROVIDERS, HASTY);
        const { id } = await app.client.start(Deep, { list: [1, 2] });
        const client = await restarted(app, database);
        await causeOf(await client.handle(Deep, { id }), Error);
        expect([...runs].sort()).toEqual(
          [
            ...['begin 2', 'charge', 'reserve'],
            ...['check 1 at 0 of 2', 'check 2 at 1 of 4', 'even 2 at 1 of 4', 'odd 1 at 0 of 2'],
            ...['check 1 at 0 of 1', 'check 2 at 1 of 2', 'even 2 at 1 of 2', 'odd 1 at 0 of 1'],
          ].sort(),
        );
        expect(runs.at(-1)).toBe('begin 2');
      },
    );

    it('with every item that was completed beside the one that failed', async () => {
      heldUp = 'send 3';
      const app = await database.start(PROVIDERS, HASTY);
      const { id } = await app.client.start(FirstFailsLast, { items: [0, 1, 2, 3, 4] });
      const client = await restarted(app, database);
      await expectUndone(await client.handle(FirstFailsLast, { id }), client, [
        'send 4',
        'send 3',
        'send 2',
        'send 1',
      ]);
    });

    it('with everything that completed after the failure', async () => {
      heldUp = 'one';
      const app = await database.start(PROVIDERS, HASTY);
      const { id } = await app.client.start(SideBySide);
      const client = await restarted(app, database);
      await causeOf(await client.handle(SideBySide, { id }), Error);
      expect([...runs].sort()).toEqual(['one', 'quick', 'two']);
      expect(runs.at(-1)).toBe('quick');
    });

    it('as often as it has to', async () => {
      const expected = ['send 4', 'send 3', 'send 2', 'send 1'];
      let app = await database.start(PROVIDERS, HASTY);
      const { id } = await app.client.start(FirstFailsLast, { items: [0, 1, 2, 3, 4] });
      for (heldUp of expected) {
        await undoing.reached();
        await app.close();
        undoing = new Gate();
        if (heldUp === 'send 1') undoing.open();
        app = await database.start(PROVIDERS, HASTY);
      }
      await expectUndone(await app.client.handle(FirstFailsLast, { id }), app.client, expected);
    });

    it('with what a body completed during the shutdown, and is not done twice', async () => {
      heldUp = 'send 2';
      const app = await database.start(PROVIDERS, { shutdownTimeout: '20s' });
      const { id } = await app.client.start(FirstFailsLast, { items: [0, 1, 2] });
      await undoing.reached();
      const closing = app.close();
      undoing.open();
      await closing;
      expect(runs).toEqual(['send 2']);
      const { client } = await database.start(PROVIDERS);
      expect((await client.getExecution(id, { steps: true })).steps).toContainEqual(
        expect.objectContaining({ compensates: 'each/2/send', status: 'completed' }),
      );
      await expectUndone(await client.handle(FirstFailsLast, { id }), client, ['send 2', 'send 1']);
    });

    it('where the shutdown comes while the failed one still waits for what runs beside it', async () => {
      const app = await database.start(PROVIDERS, { shutdownTimeout: '20s' });
      const { id } = await app.client.start(DeafBeside);
      await eventually(async () => (await app.client.getExecution(id, { steps: true })).steps?.length === 1);
      const closing = app.close();
      gate.open();
      await closing;
      const { client } = await database.start(PROVIDERS);
      await causeOf(await client.handle(DeafBeside, { id }), Error);
      expect(runs).toEqual(['charge']);
      expect((await client.getExecution(id)).status).toBe('compensated');
    });
  });
});

onDatabase('PostgreSQL', (database) => {
  afterEach(() => database.closeApps());

  it('Undoing is handed over to another application at once', async () => {
    runs = [];
    gate = new Gate();
    undoing = new Gate();
    heldUp = 'send 2';
    const first = await database.start(PROVIDERS, { ...HASTY, lease: '10m' });
    const { id } = await first.client.start(FirstFailsLast, { items: [0, 1, 2] });
    await undoing.reached();
    const second = await database.start(PROVIDERS, { lease: '10m' });
    await eventually(async () => (await second.client.getExecution(id)).status === 'compensating');
    await first.close();
    undoing.open();
    const handle = await second.client.handle(FirstFailsLast, { id });
    await expectUndone(handle, second.client, ['send 2', 'send 1']);
  });
});
