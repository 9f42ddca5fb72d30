import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Compensate,
  CompensationFailed,
  type DurableClient,
  execution,
  ExecutionCancelled,
  ExecutionFailed,
  type ExecutionStatus,
  FatalError,
  Pipeline,
  Step,
  Workflow,
  WorkflowTimeout,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import { eventually } from '../../support/eventually.js';
import { Gate } from '../../support/gate.js';
import { causeOf, failureOf } from '../../support/outcome.js';
import { HASTY, restartAt } from '../../support/restart.js';

let runs: string[] = [];
let gate = new Gate();
let undoing = new Gate();

interface Facts {
  how?: 'fatal' | 'waits' | 'succeeds at last';
  undoFails?: boolean;
}

@Workflow()
class Order extends Pipeline<Facts> {
  @Step() reserve() {}
  @Compensate('reserve', { retry: { maxAttempts: 1 } })
  async free(data: Facts) {
    await undoing.pass(execution().signal);
    runs.push(`free ${execution().id}`);
    if (data.undoFails === true) throw new Error('cannot be freed');
  }

  @Step({ retry: { maxAttempts: 1 } })
  async pay(data: Facts) {
    runs.push(`pay ${execution().id}`);
    if (data.how === 'fatal') throw new FatalError('fatal');
    if (data.how === 'waits') await gate.pass(execution().signal);
    const payments = runs.filter((run) => run.startsWith('pay')).length;
    if (data.how !== 'succeeds at last' || payments === 1) throw new RangeError('no money');
  }
}

@Workflow({ name: 'tried_again', maxRetries: 1 })
class TriedAgain extends Order {}

const PROVIDERS = [Order, TriedAgain];

async function idsIn(client: DurableClient, status: ExecutionStatus): Promise<string[]> {
  const { executions } = await client.listExecutions({ status });
  expect(await client.countExecutions({ status })).toBe(executions.length);
  return executions.map(({ id }) => id);
}

onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    runs = [];
    gate = new Gate();
    undoing = new Gate();
  });
  afterEach(() => database.closeApps());

  describe('An execution that is undone', () => {
    it('is compensating, and then compensated; its result is the failure', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Order, {});
      await undoing.reached();
      await eventually(async () => (await handle.status()) === 'compensating');
      expect(await idsIn(client, 'compensating')).toEqual([handle.id]);
      expect(await idsIn(client, 'running')).toEqual([]);
      const during = await client.getExecution(handle.id);
      expect(during).toMatchObject({ compensationResults: undefined, compensatedAt: undefined });
      expect(during.completedAt).toBeUndefined();
      undoing.open();
      const failure = await failureOf(handle.result(), ExecutionFailed);
      expect(failure.cause).toBeInstanceOf(RangeError);
      expect(await handle.status()).toBe('compensated');
      expect(await idsIn(client, 'compensating')).toEqual([]);
      expect(await idsIn(client, 'compensated')).toContain(handle.id);
      expect(await idsIn(client, 'failed')).not.toContain(handle.id);
      // Also for those who ask later.
      await causeOf(await client.handle(Order, { id: handle.id }), RangeError);
    });

    it('is compensation_failed where not all of it could be undone', async () => {
      const { client } = await database.start(PROVIDERS);
      undoing.open();
      const handle = await client.start(Order, { undoFails: true });
      const failure = await failureOf(handle.result(), CompensationFailed);
      expect(failure).toMatchObject({ workflow: 'order', cause: expect.any(RangeError) });
      expect(failure.message).toContain(handle.id);
      expect(await idsIn(client, 'compensation_failed')).toContain(handle.id);
    });

    it('has what cancelled it as its result, and as the cause where the undoing failed', async () => {
      const { client } = await database.start(PROVIDERS);
      undoing.open();
      for (const undoFails of [false, true]) {
        const handle = await client.start(Order, { how: 'waits', undoFails });
        await gate.reached(undoFails ? 2 : 1);
        await handle.cancel('enough', { compensate: true });
        if (undoFails) {
          const { cause } = await failureOf(handle.result(), CompensationFailed);
          expect(cause).toBeInstanceOf(ExecutionCancelled);
        } else {
          expect(await failureOf(handle.result(), ExecutionCancelled)).toMatchObject({ reason: 'enough' });
        }
      }
    });

    it('can be retried by hand, as a new one', async () => {
      const { client } = await database.start(PROVIDERS);
      undoing.open();
      const handle = await client.start(Order, { how: 'succeeds at last' });
      await causeOf(handle, RangeError);
      const again = await client.retry(handle.id);
      await again.result();
      expect(await client.getExecution(again.id)).toMatchObject({ status: 'completed', originId: handle.id });
      expect(await handle.status()).toBe('compensated');
    });
  });

  describe('maxRetries', () => {
    it('tries again once everything is undone', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(TriedAgain, { how: 'succeeds at last' });
      await undoing.reached();
      expect(await client.countExecutions({ workflow: 'tried_again' })).toBe(1);
      undoing.open();
      await handle.result();
      const { status, retriedAs = '' } = await client.getExecution(handle.id);
      expect(status).toBe('compensated');
      expect(await client.getExecution(retriedAs)).toMatchObject({ status: 'completed', retryNo: 1 });
      expect(runs).toEqual([`pay ${handle.id}`, `free ${handle.id}`, `pay ${retriedAs}`]);
    });

    it('tries again also where the undoing ended in another application', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(TriedAgain, { how: 'succeeds at last' });
      const { client } = await restartAt(undoing, first, database, PROVIDERS);
      await (await client.handle(TriedAgain, { id })).result();
      expect(runs.map((run) => run.split(' ')[0])).toEqual(['pay', 'free', 'pay']);
    });

    it.each([
      ['not everything could be undone', { undoFails: true }, 'compensation_failed'],
      ['it is hopeless', { how: 'fatal' }, 'compensated'],
    ] as const)('does not where %s', async (_why, input, status) => {
      const { client } = await database.start(PROVIDERS);
      undoing.open();
      const handle = await client.start(TriedAgain, input);
      await failureOf(handle.result(), Error);
      expect(await client.getExecution(handle.id)).toMatchObject({ status, retriedAs: undefined });
    });

    it('does not after a time-out or a cancellation', async () => {
      const { client } = await database.start(PROVIDERS);
      undoing.open();
      const late = await client.start(TriedAgain, { how: 'waits' }, { timeout: 200 });
      await causeOf(late, WorkflowTimeout);
      const cancelled = await client.start(TriedAgain, { how: 'waits' });
      await gate.reached(2);
      await cancelled.cancel('enough', { compensate: true });
      await failureOf(cancelled.result(), ExecutionCancelled);
      for (const { id } of [late, cancelled]) {
        expect(await client.getExecution(id)).toMatchObject({ status: 'compensated', retriedAs: undefined });
      }
    });
  });
});
