import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type DurableClient,
  execution,
  ExecutionCancelled,
  ExecutionFinished,
  ExecutionNotFound,
  hours,
  Run,
  sleep,
  step,
  Workflow,
} from 'nest-durable';
import { onDatabase, onEachDatabase } from '../../support/api-database.js';
import { eventually } from '../../support/eventually.js';
import { Deferred, Gate } from '../../support/gate.js';
import { failureOf } from '../../support/outcome.js';
import { HASTY } from '../../support/restart.js';

let runs: string[] = [];
let gate = new Gate();
let aborted = new Deferred<unknown>();

@Workflow()
class Charges {
  @Run()
  async run() {
    const charge = await step('charge', { retry: { maxAttempts: 3, base: 0 } }, async () => {
      const { signal } = execution();
      signal.addEventListener('abort', () => aborted.resolve(signal.reason));
      await gate.pass();
      return 'charged';
    });
    runs.push('went on');
    await step('never', () => void runs.push('never'));
    return charge;
  }
}

@Workflow()
class Obeys {
  @Run()
  async run() {
    await step('obeys', () => gate.pass(execution().signal));
    await step('never', () => void runs.push('never'));
  }
}

@Workflow()
class Sleeper {
  @Run()
  async run() {
    try {
      await sleep(hours(1));
    } finally {
      runs.push('finally');
    }
  }
}

const PROVIDERS = [Charges, Obeys, Sleeper];

async function isWaiting(client: DurableClient, id: string): Promise<void> {
  await eventually(async () => (await client.getExecution(id)).status === 'waiting');
}

onEachDatabase((database) => {
  beforeEach(() => {
    runs = [];
    gate = new Gate();
    aborted = new Deferred();
  });
  afterEach(() => database.closeApps());

  describe('cancel()', () => {
    it('ends an execution that has not begun, at once', async () => {
      const { client } = await database.start(PROVIDERS, { worker: false });
      const handle = await client.start(Charges);
      await handle.cancel('not needed');
      expect(await handle.status()).toBe('cancelled');
      const error = await failureOf(handle.result(), ExecutionCancelled);
      expect(error).toMatchObject({ executionId: handle.id, reason: 'not needed' });
    });

    it('ends an execution that is to begin later', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Charges, undefined, { delay: hours(1) });
      await client.cancel(handle.id);
      expect(await failureOf(handle.result(), ExecutionCancelled)).not.toHaveProperty('reason');
      const { cancelReason, cancelRequested, completedAt } = await client.getExecution(handle.id);
      expect(cancelReason).toBeUndefined();
      expect(cancelRequested).toBe(false);
      expect(completedAt).toBeInstanceOf(Date);
    });

    it('aborts the signal of a step that runs, and records what it did all the same', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Charges);
      await gate.reached();
      await handle.cancel('the customer called');
      expect(await aborted.promise).toBeInstanceOf(ExecutionCancelled);
      expect(await handle.status()).toBe('running');
      expect((await client.getExecution(handle.id)).cancelRequested).toBe(true);
      gate.open();
      await failureOf(handle.result(), ExecutionCancelled);
      const { steps, cancelReason, error } = await client.getExecution(handle.id, { steps: true });
      expect(steps).toMatchObject([{ path: 'charge', status: 'completed', output: 'charged' }]);
      expect(cancelReason).toBe('the customer called');
      expect(error).toBeInstanceOf(ExecutionCancelled);
      expect(runs).toEqual([]);
    });

    it('needs no further attempt of a step that ends because of its signal', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Obeys);
      await gate.reached();
      await handle.cancel();
      await failureOf(handle.result(), ExecutionCancelled);
      expect(gate.arrivals).toBe(1);
      expect(runs).toEqual([]);
    });

    it('ends an execution that sleeps; its code sees nothing of it', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Sleeper);
      await isWaiting(client, handle.id);
      await handle.cancel();
      await failureOf(handle.result(), ExecutionCancelled);
      expect(await handle.status()).toBe('cancelled');
      expect(runs).toEqual([]);
    });

    it('ends an execution that was begun by an application which is gone', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(Sleeper);
      await isWaiting(first.client, id);
      await first.close();
      const { client } = await database.start(PROVIDERS);
      await client.cancel(id, 'late');
      const failure = await failureOf((await client.handle(Sleeper, { id })).result(), ExecutionCancelled);
      expect(failure.reason).toBe('late');
      expect(runs).toEqual([]);
    });

    it('of one that has ended is ExecutionFinished, and changes nothing', async () => {
      const { client } = await database.start(PROVIDERS);
      gate.open();
      const handle = await client.start(Charges);
      await handle.result();
      for (const cancel of [() => handle.cancel('late'), () => client.cancel(handle.id)]) {
        const failure = await failureOf(cancel(), ExecutionFinished);
        expect(failure).toMatchObject({ executionId: handle.id, status: 'completed' });
      }
      expect(await client.getExecution(handle.id)).toMatchObject({
        status: 'completed',
        cancelReason: undefined,
      });
    });

    it('twice is one cancellation', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Charges);
      await gate.reached();
      await Promise.all([handle.cancel('first'), handle.cancel('second')]);
      gate.open();
      await failureOf(handle.result(), ExecutionCancelled);
      await failureOf(handle.cancel(), ExecutionFinished);
    });

    it.each(['00000000-0000-7000-8000-000000000000', 'no id', ''])(
      'of an unknown execution (%j) is ExecutionNotFound',
      async (id) => {
        const { client } = await database.start(PROVIDERS);
        await failureOf(client.cancel(id), ExecutionNotFound);
      },
    );
  });
});

onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    runs = [];
    gate = new Gate();
    aborted = new Deferred();
  });
  afterEach(() => database.closeApps());

  describe('cancel() from another application', () => {
    it('reaches the signal of a step that runs within a second', async () => {
      const worker = await database.start(PROVIDERS);
      const caller = await database.start(PROVIDERS, { worker: false });
      const handle = await caller.client.start(Charges);
      await gate.reached();
      const before = performance.now();
      await handle.cancel('from afar');
      expect(await aborted.promise).toMatchObject({ reason: 'from afar' });
      expect(performance.now() - before).toBeLessThan(1_500); // A second, and what a busy machine adds.
      gate.open();
      await failureOf(handle.result(), ExecutionCancelled);
      const { steps } = await worker.client.getExecution(handle.id, { steps: true });
      expect(steps).toMatchObject([{ path: 'charge', status: 'completed' }]);
    });

    it('ends an execution that sleeps', async () => {
      await database.start(PROVIDERS);
      const { client } = await database.start(PROVIDERS, { worker: false });
      const handle = await client.start(Sleeper);
      await isWaiting(client, handle.id);
      await handle.cancel();
      await failureOf(handle.result(), ExecutionCancelled);
    });
  });
});
