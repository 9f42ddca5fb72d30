import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ExecutionCancelled } from '../../../lib/errors/execution.error.js';
import { execution } from '../../../lib/execution/execution-view.js';
import { commit } from '../../../lib/execution/operations/commit.operation.js';
import { step } from '../../../lib/execution/operations/inline-step.operation.js';
import { sleep } from '../../../lib/execution/operations/sleep.operation.js';
import { eventually } from '../../support/eventually.js';
import { Gate } from '../../support/gate.js';
import { drained, HeldClock } from '../../support/held-clock.js';
import { JournalRig } from '../../support/journal-rig.js';
import { type RiggedWorker, workerOn } from '../../support/worker-rig.js';

const GRACE_MS = 5_000;
const REQUESTS = [{ compensate: true }, { compensate: false }];

let gate = new Gate();
let events: string[] = [];

async function hearing(what: string, call: () => Promise<unknown>): Promise<void> {
  await call().then(
    () => events.push(`${what} returned`),
    (error: unknown) => events.push(`${what} threw ${error instanceof Error ? error.constructor.name : ''}`),
  );
}

/** Comes when it is told to stop, and not before. */
async function told(): Promise<void> {
  await gate.pass(execution().signal).catch(() => undefined);
}

/** What bodies do that take notice of the end in one way or another: all of them come to their own end. */
const BODIES: readonly (readonly [does: string, body: () => Promise<void>, hears: string])[] = [
  [
    'begins an inline step',
    async () => {
      await told();
      await hearing('step()', () => step('after', () => events.push('a body began')));
    },
    'step() threw ExecutionCancelled',
  ],
  [
    'begins a wait',
    async () => {
      await told();
      await hearing('sleep()', () => sleep('1h'));
    },
    'sleep() threw ExecutionCancelled',
  ],
  [
    'commits',
    async () => {
      await told();
      await hearing('commit()', () => commit());
    },
    'commit() threw ExecutionCancelled',
  ],
  ['is in an inline step', () => hearing('step()', () => step('in it', told)), 'step() returned'],
  [
    'is in an inline step that fails of it',
    () =>
      hearing('step()', () =>
        step('in it', { retry: { maxAttempts: 1 } }, () => gate.pass(execution().signal)),
      ),
    'step() threw ExecutionCancelled',
  ],
];

describe('An execution that is to end, on a clock that stands still,', () => {
  let rig: JournalRig;
  let clock: HeldClock;

  beforeAll(async () => {
    rig = await JournalRig.create();
  });
  beforeEach(() => {
    gate = new Gate();
    events = [];
    clock = new HeldClock();
  });
  afterEach(async () => {
    await rig.closeJournals();
    await rig.query('DELETE FROM durable.workflow_queue');
  });
  afterAll(() => rig.dispose());

  async function begun(code: () => unknown): Promise<{ id: string; worker: RiggedWorker }> {
    const worker = await workerOn(rig, code, { clock });
    const id = await rig.execution();
    worker.claimer.look();
    await gate.reached();
    return { id, worker };
  }

  function charging(body: () => Promise<unknown>): () => Promise<void> {
    return async () => {
      await step('charge', { compensate: () => void events.push('refund') }, body);
      events.push('the code went on');
    };
  }

  /** The time within which bodies were to come to their end is over. */
  async function toldToHandOver(
    worker: RiggedWorker,
    id: string,
    then: () => void = () => undefined,
  ): Promise<void> {
    const handedOver = worker.executor.handOver(10_000);
    await drained();
    clock.advance(10_000);
    await drained();
    then();
    await handedOver;
    expect(events).toEqual([]);
    expect(await rig.queueRow(id)).toMatchObject({ state: 0, worker: null });
  }

  async function results(id: string): Promise<unknown> {
    const [row] = await rig.query<{ results: unknown }>(
      'SELECT compensation_results AS results FROM durable.workflow_executions WHERE id = $1',
      [id],
    );
    return row?.results;
  }

  async function ended(id: string): Promise<string> {
    return await eventually(async () => (await rig.outcomeOf(id)) ?? undefined);
  }

  describe.each(REQUESTS)('cancelled with %p,', (request) => {
    const { compensate } = request;

    it.each(BODIES)('waits for no grace where a body %s', async (_does, body, hears) => {
      const { id, worker } = await begun(charging(body));
      worker.executor.cancel(id, { reason: 'enough', ...request });
      expect(await ended(id)).toBe(compensate ? 'compensated' : 'cancelled');
      expect(events).toEqual([hears, ...(compensate ? ['refund'] : [])]);
    });

    it('waits for no grace where a body sleeps beside one that ends', async () => {
      const { id, worker } = await begun(() =>
        Promise.all([
          step('rest', { compensate: () => void events.push('unrest') }, () => sleep('1h')),
          step('charge', { compensate: () => void events.push('refund') }, told),
        ]),
      );
      worker.executor.cancel(id, { reason: 'enough', ...request });
      expect(await ended(id)).toBe(compensate ? 'compensated' : 'cancelled');
      expect(events).toEqual(compensate ? ['refund'] : []);
    });

    it('waits for no grace where a body is between two attempts of an inline step', async () => {
      const { id, worker } = await begun(() =>
        Promise.all([
          step('charge', { compensate: () => void events.push('refund') }, () =>
            step('in it', { retry: { base: '1h' } }, () => Promise.reject(new Error('not yet'))),
          ),
          step('other', told),
        ]),
      );
      await eventually(async () => (await rig.seqs(id)).length > 0);
      worker.executor.cancel(id, { reason: 'enough', ...request });
      expect(await ended(id)).toBe('cancelled');
      expect(events).toEqual([]);
    });
  });

  it('is undone without a body that hears nothing within its grace, and does not claim to know of it', async () => {
    const { id, worker } = await begun(async () => {
      await step('reserve', { compensate: () => void events.push('free') }, () => undefined);
      await step('charge', { compensate: () => void events.push('refund') }, () => gate.pass());
    });
    worker.executor.cancel(id, { reason: 'enough', compensate: true });
    await eventually(() => clock.timers.includes(GRACE_MS));
    expect(events).toEqual([]);
    clock.advance(GRACE_MS);
    expect(await ended(id)).toBe('compensation_failed');
    expect(events).toEqual(['free']);
    expect(await results(id)).toMatchObject([
      { path: 'charge', undo: 'charge', status: 'failed', attempts: 0 },
      { path: 'reserve', undo: 'reserve', status: 'completed' },
    ]);
    expect(JSON.stringify(await results(id))).toContain('DURABLE_STEP_OUTCOME_UNKNOWN');
    const seqs = await rig.seqs(id);
    gate.open();
    await worker.journal.settled();
    expect(await rig.seqs(id)).toEqual(seqs);
    expect(worker.endings).toMatchObject([{ outcome: 'compensation_failed' }]);
  });

  it('is undone with nothing to report of a deaf body that has no undo', async () => {
    const { id, worker } = await begun(async () => {
      await step('reserve', { compensate: () => void events.push('free') }, () => undefined);
      await step('look', () => gate.pass());
    });
    worker.executor.cancel(id, { reason: 'enough', compensate: true });
    await eventually(() => clock.timers.includes(GRACE_MS));
    clock.advance(GRACE_MS);
    expect(await ended(id)).toBe('compensated');
    expect(await results(id)).toMatchObject([{ path: 'reserve', status: 'completed' }]);
  });

  it('tells the code that failed of a deaf body that nobody awaits', async () => {
    const { id } = await begun(async () => {
      const charge = step('charge', { compensate: () => void events.push('refund') }, () => gate.pass());
      await step('fail', { retry: { maxAttempts: 1 } }, () =>
        gate.reached().then(() => Promise.reject(new Error('no'))),
      );
      await charge;
    });
    await eventually(() => clock.timers.includes(GRACE_MS));
    clock.advance(GRACE_MS);
    expect(await ended(id)).toBe('compensation_failed');
    expect(await results(id)).toMatchObject([{ path: 'charge', status: 'failed', attempts: 0 }]);
  });

  it('keeps the reason of the first cancel', async () => {
    const { id, worker } = await begun(charging(() => gate.pass()));
    worker.executor.cancel(id, { reason: 'first', compensate: false });
    worker.executor.cancel(id, { reason: 'second', compensate: true });
    gate.open();
    expect(await ended(id)).toBe('compensated');
    expect(events).toEqual(['refund']);
    expect(worker.endings[0]?.error).toContain('first');
    expect(worker.endings[0]?.error).not.toContain('second');
  });

  it.each(BODIES.slice(0, 4))('is handed over at once where a body %s', async (_does, body) => {
    const { id, worker } = await begun(charging(body));
    const handedOver = worker.executor.handOver(10_000);
    gate.open();
    await handedOver;
    await worker.journal.settled();
    expect(events.filter((event) => event !== 'step() returned')).toEqual([]);
    expect(await rig.queueRow(id)).toMatchObject({ state: 0, worker: null });
    expect(clock.timers).not.toContain(GRACE_MS);
  });

  it('is handed over once it is told, where a body awaits a step that is interrupted', async () => {
    const { id, worker } = await begun(
      charging(() => step('in it', { retry: { maxAttempts: 1 } }, () => gate.pass(execution().signal))),
    );
    await toldToHandOver(worker, id);
  });

  it('is handed over once it is told, where a step inside a body that is interrupted works on', async () => {
    const slow = new Gate();
    const { id, worker } = await begun(
      charging(async () => {
        void step('in it', async () => {
          await slow.pass();
          await step('more', () => void events.push('a body began'));
        });
        await slow.reached();
        await gate.pass(execution().signal);
      }),
    );
    await toldToHandOver(worker, id, () => slow.open());
  });

  it('is handed over where a body begins to wait at that moment', async () => {
    let handedOver: Promise<void> | undefined;
    const workers: RiggedWorker[] = [];
    const { id, worker } = await begun(
      charging(async () => {
        await gate.pass();
        const waiting = sleep('1h');
        handedOver = workers[0]?.executor.handOver(10_000);
        await waiting;
      }),
    );
    workers.push(worker);
    gate.open();
    await eventually(() => handedOver !== undefined);
    await handedOver;
    expect(await rig.queueRow(id)).toMatchObject({ state: 0, worker: null });
  });

  it('is cancelled for what its body hears', async () => {
    let heard: unknown;
    const { id, worker } = await begun(
      charging(async () => {
        await told();
        await step('after', () => undefined).catch((error: unknown) => (heard = error));
      }),
    );
    worker.executor.cancel(id, { reason: 'enough', compensate: true });
    await ended(id);
    expect(heard).toBeInstanceOf(ExecutionCancelled);
    expect(heard).toMatchObject({ executionId: id, reason: 'enough' });
  });
});
