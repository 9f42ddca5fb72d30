import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  AlreadyCompensating,
  CompensationFailed,
  type DurableClient,
  execution,
  ExecutionCancelled,
  ExecutionFinished,
  ExecutionNotFound,
  FatalError,
  hours,
  InvalidArgument,
  Run,
  sleep,
  step,
  Workflow,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import { eventually } from '../../support/eventually.js';
import { Deferred, Gate } from '../../support/gate.js';
import { failureOf } from '../../support/outcome.js';
import { HASTY } from '../../support/restart.js';

let runs: string[] = [];
let gate = new Gate();
let aborted = new Deferred<unknown>();
let undoing = new Gate();

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

/** Books, and then does something that takes a while. */
@Workflow()
class Books {
  @Run()
  async run(input: { next: 'sleep' | 'work'; undo?: 'fails' | 'waits' }) {
    const undo = async (booked: string): Promise<void> => {
      if (input.undo === 'waits') await undoing.pass();
      if (input.undo === 'fails') throw new FatalError(`${booked} stays booked`);
      runs.push(`${booked} given back`);
    };
    await step('hotel', { compensate: ({ result }) => undo(result) }, () => 'a room');
    await step('flight', { compensate: ({ result }) => undo(result) }, () => 'a seat');
    if (input.next === 'sleep') await sleep(hours(1));
    else await step('work', () => gate.pass(execution().signal));
    await step('never', () => void runs.push('never'));
  }
}

const PROVIDERS = [Charges, Obeys, Sleeper, Books];
const GIVEN_BACK = ['a seat given back', 'a room given back'];

async function isWaiting(client: DurableClient, id: string): Promise<void> {
  await eventually(async () => (await client.getExecution(id)).status === 'waiting');
}

onDatabase('PostgreSQL', (database) => {
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
    undoing = new Gate();
  });
  afterEach(() => database.closeApps());

  describe('cancel() with compensate', () => {
    it('undoes what an execution that runs has done, and then ends it', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Books, { next: 'work' });
      await gate.reached();
      await handle.cancel('the trip is off', { compensate: true });
      const error = await failureOf(handle.result(), ExecutionCancelled);
      expect(error.reason).toBe('the trip is off');
      expect(runs).toEqual(GIVEN_BACK);
      const { compensationResults, compensatedAt, ...read } = await client.getExecution(handle.id);
      expect(read).toMatchObject({ status: 'compensated', cancelReason: 'the trip is off' });
      expect(compensationResults).toMatchObject([
        { step: 'flight', path: 'flight', status: 'completed', attempts: 1, error: undefined },
        { step: 'hotel', path: 'hotel', status: 'completed', attempts: 1, error: undefined },
      ]);
      expect(compensatedAt).toBeInstanceOf(Date);
    });

    it('wakes an execution that sleeps to undo it', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Books, { next: 'sleep' });
      await isWaiting(client, handle.id);
      await handle.cancel('off', { compensate: true });
      expect((await failureOf(handle.result(), ExecutionCancelled)).reason).toBe('off');
      expect(await handle.status()).toBe('compensated');
      expect(runs).toEqual(GIVEN_BACK);
      const { steps } = await client.getExecution(handle.id, { steps: true });
      expect(steps?.map(({ name, kind, compensates }) => [name, kind, compensates])).toEqual([
        ['hotel', 'step', undefined],
        ['flight', 'step', undefined],
        ['sleep', 'sleep', undefined],
        ['flight', 'undo', 'flight'],
        ['hotel', 'undo', 'hotel'],
      ]);
    });

    it('leaves everything done without it', async () => {
      const { client } = await database.start(PROVIDERS);
      const [sleeps, works] = await client.startMany(Books, [{ next: 'sleep' }, { next: 'work' }]);
      if (sleeps === undefined || works === undefined) throw new Error('Two were started.');
      await isWaiting(client, sleeps.id);
      await gate.reached();
      await sleeps.cancel();
      await works.cancel(undefined, { compensate: false });
      for (const handle of [sleeps, works]) {
        await failureOf(handle.result(), ExecutionCancelled);
        expect(await handle.status()).toBe('cancelled');
      }
      expect(runs).toEqual([]);
    });

    it('of one that has not begun, or has nothing to undo, is a plain cancel()', async () => {
      const { client } = await database.start(PROVIDERS);
      const later = await client.start(Books, { next: 'work' }, { delay: hours(1) });
      const sleeper = await client.start(Sleeper);
      await isWaiting(client, sleeper.id);
      for (const handle of [later, sleeper]) {
        await handle.cancel('off', { compensate: true });
        await failureOf(handle.result(), ExecutionCancelled);
        expect(await handle.status()).toBe('cancelled');
        expect((await client.getExecution(handle.id)).compensationResults).toBeUndefined();
      }
      expect(runs).toEqual([]);
    });

    it('is seen, found and counted while it undoes, and nothing interrupts it', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Books, { next: 'work', undo: 'waits' });
      await gate.reached();
      await handle.cancel('off', { compensate: true });
      await undoing.reached();
      await eventually(async () => (await handle.status()) === 'compensating');
      const filter = { status: 'compensating' } as const;
      expect((await client.listExecutions(filter)).executions).toMatchObject([{ id: handle.id }]);
      expect(await client.countExecutions(filter)).toBe(1);
      for (const compensate of [true, false]) {
        const failure = await failureOf(handle.cancel('again', { compensate }), AlreadyCompensating);
        expect(failure.executionId).toBe(handle.id);
      }
      undoing.open();
      expect((await failureOf(handle.result(), ExecutionCancelled)).reason).toBe('off');
      expect(runs).toEqual(GIVEN_BACK);
      expect(await client.countExecutions(filter)).toBe(0);
    });

    it('is CompensationFailed where not all could be undone, with the cancellation as its cause', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Books, { next: 'sleep', undo: 'fails' });
      await isWaiting(client, handle.id);
      await handle.cancel('off', { compensate: true });
      const failure = await failureOf(handle.result(), CompensationFailed);
      expect(failure.cause).toBeInstanceOf(ExecutionCancelled);
      const { status, compensationResults } = await client.getExecution(handle.id);
      expect(status).toBe('compensation_failed');
      expect(compensationResults?.map(({ error }) => error?.message)).toEqual([
        'a seat stays booked',
        'a room stays booked',
      ]);
    });

    it('undoes what an application has done that is gone', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(Books, { next: 'sleep' });
      await isWaiting(first.client, id);
      await first.close();
      const { client } = await database.start(PROVIDERS);
      await client.cancel(id, 'late', { compensate: true });
      const failure = await failureOf((await client.handle(Books, { id })).result(), ExecutionCancelled);
      expect(failure.reason).toBe('late');
      expect(await client.getExecution(id)).toMatchObject({ status: 'compensated' });
      expect(runs).toEqual(GIVEN_BACK);
    });

    it('of one that has ended is ExecutionFinished', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Books, { next: 'sleep' });
      await isWaiting(client, handle.id);
      await handle.cancel();
      await failureOf(handle.cancel('late', { compensate: true }), ExecutionFinished);
      expect(runs).toEqual([]);
    });

    it.each([null, 'yes', { compensate: 1 }, { undo: true }])('refuses the options %j', async (options) => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Books, { next: 'work' }, { delay: hours(1) });
      await failureOf(handle.cancel('off', options as object), InvalidArgument);
      expect(await handle.status()).toBe('pending');
    });
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

    it('has an execution undone that sleeps elsewhere, and one that runs there', async () => {
      await database.start(PROVIDERS);
      const { client } = await database.start(PROVIDERS, { worker: false });
      const sleeps = await client.start(Books, { next: 'sleep' });
      await isWaiting(client, sleeps.id);
      const works = await client.start(Books, { next: 'work' });
      await gate.reached();
      for (const handle of [sleeps, works]) {
        runs = [];
        await handle.cancel('off', { compensate: true });
        await failureOf(handle.result(), ExecutionCancelled);
        expect(await handle.status()).toBe('compensated');
        expect(runs).toEqual(GIVEN_BACK);
      }
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
