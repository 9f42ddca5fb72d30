import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  AlreadyCompensating,
  Compensate,
  type DurableClient,
  execution,
  ExecutionCancelled,
  ExecutionFinished,
  hours,
  InvalidArgument,
  Run,
  sleep,
  Step,
  step,
  Workflow,
} from 'nest-durable';
import { type ApiDatabase, onDatabase } from '../../support/api-database.js';
import { eventually } from '../../support/eventually.js';
import { Gate } from '../../support/gate.js';
import { failureOf } from '../../support/outcome.js';
import { HASTY } from '../../support/restart.js';

let runs: string[] = [];
let charging = new Gate();
let undoing = new Gate();

@Workflow()
class Order {
  @Run()
  async run(how: 'charges' | 'sleeps' | 'backs off') {
    await this.reserve();
    if (how === 'sleeps') await sleep(hours(1));
    if (how === 'backs off') {
      await step('fails', { retry: { base: '1h' } }, () => Promise.reject(new Error('no')));
    }
    await this.charge();
    await step('never', { compensate: () => void runs.push('undo never') }, () => void runs.push('never'));
  }

  @Step() async reserve() {
    return 'reserved';
  }
  @Compensate('reserve') async free() {
    runs.push('free');
  }

  @Step() async charge() {
    // It succeeds although it is told to stop.
    await charging.pass(execution().signal).catch(() => undefined);
    return 'charged';
  }
  @Compensate('charge') async refund() {
    await undoing.pass(execution().signal);
    runs.push('refund');
  }
}

/** Its body ends when the test wants it. */
@Workflow()
class Deaf {
  @Run()
  async run() {
    await step('charge', { compensate: () => void runs.push('refund') }, () => charging.pass());
    await step('never', () => void runs.push('never'));
  }
}

const PROVIDERS = [Order, Deaf];
const UNDO = { compensate: true };

async function isWaiting(client: DurableClient, id: string): Promise<void> {
  await eventually(async () => (await client.getExecution(id)).status === 'waiting');
}

async function expectCancelled(client: DurableClient, id: string, reason?: string): Promise<void> {
  const failure = await failureOf((await client.handle(Order, { id })).result(), ExecutionCancelled);
  expect(failure).toMatchObject({ executionId: id, ...(reason !== undefined && { reason }) });
}

function begin(database: ApiDatabase): void {
  beforeEach(() => {
    runs = [];
    charging = new Gate();
    undoing = new Gate();
  });
  afterEach(() => database.closeApps());
}

onDatabase('PostgreSQL', (database) => {
  begin(database);

  describe('cancel() with compensate', () => {
    it('undoes what was done, also what succeeds while it is told to stop', async () => {
      const { client } = await database.start(PROVIDERS);
      undoing.open();
      const handle = await client.start(Order, 'charges');
      await charging.reached();
      await handle.cancel('the customer called', UNDO);
      await expectCancelled(client, handle.id, 'the customer called');
      expect(runs).toEqual(['refund', 'free']);
      expect(await client.getExecution(handle.id)).toMatchObject({
        status: 'compensated',
        cancelReason: 'the customer called',
        error: expect.any(ExecutionCancelled),
        compensationResults: [
          { step: 'charge', undo: 'refund', status: 'completed' },
          { step: 'reserve', undo: 'free', status: 'completed' },
        ],
      });
    });

    it.each(['sleeps', 'backs off'] as const)('undoes one that %s, whose code is in memory', async (how) => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Order, how);
      await isWaiting(client, handle.id);
      await handle.cancel('enough', UNDO);
      await expectCancelled(client, handle.id, 'enough');
      expect(runs).toEqual(['free']);
      expect(await handle.status()).toBe('compensated');
    });

    it.each(['sleeps', 'backs off'] as const)('undoes one that %s, whose code is gone', async (how) => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(Order, how);
      await isWaiting(first.client, id);
      await first.close();
      const { client } = await database.start(PROVIDERS);
      await client.cancel(id, 'enough', UNDO);
      await expectCancelled(client, id, 'enough');
      expect(runs).toEqual(['free']);
      expect((await client.getExecution(id)).status).toBe('compensated');
    });

    it('waits for a worker where there is none', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(Order, 'sleeps');
      await isWaiting(first.client, id);
      await first.close();
      const second = await database.start(PROVIDERS, { worker: false });
      await second.client.cancel(id, 'enough', UNDO);
      // Whoever asks for less does not take it back, and whoever asks again changes nothing.
      await second.client.cancel(id, 'enough');
      await second.client.cancel(id, 'enough', UNDO);
      expect((await second.client.getExecution(id)).cancelRequested).toBe(true);
      await second.close();
      const { client } = await database.start(PROVIDERS);
      await expectCancelled(client, id, 'enough');
      expect(runs).toEqual(['free']);
      expect((await client.getExecution(id)).status).toBe('compensated');
    });

    it('has nothing to undo in one that has not begun', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Order, 'sleeps', { delay: hours(1) });
      await handle.cancel('enough', UNDO);
      expect(await handle.status()).toBe('cancelled');
      await expectCancelled(client, handle.id, 'enough');
      expect((await client.getExecution(handle.id)).compensationResults).toBeUndefined();
    });

    it('has nothing to undo in one that has completed nothing', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Deaf);
      await charging.reached();
      await handle.cancel('enough', UNDO);
      await failureOf(handle.cancel('', { compensate: 'yes' as never }), InvalidArgument);
      charging.open();
      await failureOf(handle.result(), ExecutionCancelled);
      expect(runs).toEqual(['refund']);
    });

    it('of one that is being undone is AlreadyCompensating, with and without it', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Order, 'charges');
      await charging.reached();
      await handle.cancel('first', UNDO);
      await undoing.reached();
      await eventually(async () => (await handle.status()) === 'compensating');
      for (const options of [UNDO, {}, { compensate: false }]) {
        const failure = await failureOf(handle.cancel('second', options), AlreadyCompensating);
        expect(failure).toMatchObject({ action: 'cancel()' });
        expect(failure.message).toContain(handle.id);
      }
      undoing.open();
      await expectCancelled(client, handle.id, 'first');
      expect(runs).toEqual(['refund', 'free']);
      expect((await client.getExecution(handle.id)).cancelReason).toBe('first');
      expect(await failureOf(handle.cancel('third', UNDO), ExecutionFinished)).toMatchObject({
        status: 'compensated',
      });
    });
  });

  describe('cancel() twice', () => {
    it('without it and then with it undoes, while the first has not ended it', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Deaf);
      await charging.reached();
      await handle.cancel('first');
      await handle.cancel('second', UNDO);
      charging.open();
      await failureOf(handle.result(), ExecutionCancelled);
      expect(runs).toEqual(['refund']);
      expect(await handle.status()).toBe('compensated');
    });

    it('with it and then without it undoes all the same', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Deaf);
      await charging.reached();
      await handle.cancel('first', UNDO);
      await handle.cancel('second');
      charging.open();
      await failureOf(handle.result(), ExecutionCancelled);
      expect(runs).toEqual(['refund']);
      expect(await handle.status()).toBe('compensated');
    });
  });

  it('cancel() without compensate undoes nothing', async () => {
    const { client } = await database.start(PROVIDERS);
    const running = await client.start(Order, 'charges');
    await charging.reached();
    const asleep = await client.start(Order, 'sleeps');
    await isWaiting(client, asleep.id);
    for (const handle of [running, asleep]) {
      await handle.cancel();
      await expectCancelled(client, handle.id);
      expect(await handle.status()).toBe('cancelled');
      const { compensationResults, compensatedAt } = await client.getExecution(handle.id);
      expect({ compensationResults, compensatedAt }).toEqual({});
    }
    expect(runs).toEqual([]);
  });
});

onDatabase('PostgreSQL', (database) => {
  begin(database);

  describe('cancel() with compensate from another application', () => {
    it('reaches what runs, and has it undone where it runs', async () => {
      await database.start(PROVIDERS);
      const { client } = await database.start(PROVIDERS, { worker: false });
      undoing.open();
      const handle = await client.start(Order, 'charges');
      await charging.reached();
      await handle.cancel('from afar', UNDO);
      await expectCancelled(client, handle.id, 'from afar');
      expect(runs).toEqual(['refund', 'free']);
      expect(await handle.status()).toBe('compensated');
    });

    it('is not lost with an application that closes meanwhile, but has time for its bodies', async () => {
      const { client } = await database.start(PROVIDERS, { worker: false });
      const worker = await database.start(PROVIDERS, { shutdownTimeout: '20s' });
      const handle = await client.start(Deaf);
      await charging.reached();
      await worker.client.cancel(handle.id, 'enough', UNDO);
      const closing = worker.close();
      // More than enough for a shutdown that waits for nothing.
      for (let turn = 0; turn < 100; turn += 1) await client.getExecution(handle.id);
      charging.open();
      await closing;
      await database.start(PROVIDERS);
      await failureOf(handle.result(), ExecutionCancelled);
      expect(runs).toEqual(['refund']);
      expect(await handle.status()).toBe('compensated');
    });

    it('reaches what sleeps, whichever worker takes it', async () => {
      const apps = [await database.start(PROVIDERS), await database.start(PROVIDERS)];
      const { client } = await database.start(PROVIDERS, { worker: false });
      const handles = await client.startMany(Order, ['sleeps', 'sleeps', 'sleeps', 'sleeps']);
      for (const { id } of handles) await isWaiting(client, id);
      for (const handle of handles) await handle.cancel('from afar', UNDO);
      for (const { id } of handles) await expectCancelled(client, id, 'from afar');
      expect(apps).toHaveLength(2);
      expect(runs).toEqual(['free', 'free', 'free', 'free']);
    });
  });
});
