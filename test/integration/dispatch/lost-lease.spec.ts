import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { RetryPolicy } from '../../../lib/definition/step-definition.js';
import { transaction } from '../../../lib/execution/execution-view.js';
import { contextFor } from '../../../lib/execution/operation-context.js';
import { performStep } from '../../../lib/execution/operations/step.operation.js';
import { step } from '../../../lib/execution/operations/inline-step.operation.js';
import { eventually } from '../../support/eventually.js';
import { Gate } from '../../support/gate.js';
import { JournalRig } from '../../support/journal-rig.js';
import { type RiggedWorker, workerOn } from '../../support/worker-rig.js';

const once: RetryPolicy = { maxAttempts: 1, backoff: 'constant', base: 0, maxBackoff: 0, jitter: 0 };

/** A step whose writes are committed together with its record. */
function transactionalStep(name: string, body: () => Promise<unknown>): Promise<unknown> {
  const { execution, scope } = contextFor(name);
  return performStep(execution, scope, {
    kind: 'step',
    name,
    retry: once,
    transactional: true,
    hash: null,
    body,
  }).promise;
}

describe('A worker that lost its lease in the middle of a body', () => {
  let rig: JournalRig;

  beforeAll(async () => {
    rig = await JournalRig.create();
    await rig.query('CREATE TABLE payments (execution uuid, by text)');
  });

  beforeEach(() => rig.query('TRUNCATE payments'));
  afterEach(async () => {
    await rig.closeJournals();
    await rig.query('DELETE FROM durable.workflow_queue');
  });
  afterAll(() => rig.dispose());

  /** Others take over; this process finds out, and becomes a worker under another number. */
  async function loseLease({ journal, worker, lost }: RiggedWorker): Promise<void> {
    await rig.bury(worker);
    await rig.query(
      'UPDATE durable.workflow_queue SET state = 0, worker = NULL, lost = lost + 1 WHERE worker = $1',
      [worker.id],
    );
    while (lost.length === 0) {
      await new Promise<void>((resolve) => {
        journal.append({
          type: 'release',
          executionId: '018f0000-0000-7000-8000-000000000000',
          epoch: 0,
          watcher: { durable: () => resolve(), refused: () => resolve() },
        });
      });
    }
    await journal.open(await rig.worker());
  }

  it('commits nothing of a transactional step, though it has a lease again', async () => {
    const gate = new Gate();
    const rigged = await workerOn(rig, () =>
      transactionalStep('pay', async () => {
        await transaction().query(`INSERT INTO payments VALUES (gen_random_uuid(), 'the first worker')`);
        await gate.pass();
      }),
    );
    const id = await rig.execution();
    rigged.claimer.look();
    await gate.reached();
    void rigged.claimer.stop();
    await loseLease(rigged);
    gate.open();
    await eventually(async () => {
      const [row] = await rig.query<{ open: boolean }>(
        `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
           AND state = 'idle in transaction') AS open`,
      );
      return row?.open === false;
    });
    expect(await rig.query('SELECT * FROM payments')).toEqual([]);
    expect(await rig.seqs(id)).toEqual([]);
    expect(await rig.queueRow(id)).toMatchObject({ state: 0, worker: null });
  });

  it('records nothing of an ordinary one, and aborts its signal', async () => {
    const gate = new Gate();
    const reasons: unknown[] = [];
    const rigged = await workerOn(rig, () =>
      step('pay', async () => {
        const { signal } = contextFor('test').body?.abort ?? new AbortController();
        signal.addEventListener('abort', () => reasons.push(signal.reason));
        await gate.pass();
      }),
    );
    const id = await rig.execution();
    rigged.claimer.look();
    await gate.reached();
    void rigged.claimer.stop();
    await loseLease(rigged);
    expect(reasons).toHaveLength(1);
    gate.open();
    await rigged.journal.settled();
    expect(await rig.seqs(id)).toEqual([]);
    expect(await rig.outcomeOf(id)).toBeNull();
    expect(rigged.executor.activeCount).toBe(0);
    expect(rigged.slots.free('default')).toBe(5);
  });

  it('leaves no trace behind the next owner when its commit fails', async () => {
    const gate = new Gate();
    const rigged = await workerOn(rig, () =>
      transactionalStep('pay', async () => {
        // Refused at the commit, and not before.
        await transaction().query(`CREATE TABLE refusal (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)`);
        await transaction().query('INSERT INTO refusal VALUES (1), (1)');
        await gate.pass();
      }),
    );
    const id = await rig.execution();
    rigged.claimer.look();
    await gate.reached();
    void rigged.claimer.stop();
    await loseLease(rigged);
    gate.open();
    await eventually(async () => {
      const [row] = await rig.query<{ open: boolean }>(
        `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
           AND state = 'idle in transaction') AS open`,
      );
      return row?.open === false;
    });
    expect(await rig.seqs(id)).toEqual([]);
  });

  it('a transactional step whose commit fails while the lease holds fails, and its number is used up', async () => {
    const { claimer, endings } = await workerOn(rig, () =>
      transactionalStep('pay', async () => {
        await transaction().query(`CREATE TABLE refusal (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)`);
        await transaction().query('INSERT INTO refusal VALUES (1), (1)');
      }),
    );
    const id = await rig.execution();
    claimer.look();
    await eventually(() => endings.length === 1);
    expect(endings[0]?.outcome).toBe('failed');
    const lines = await rig.query<{ kind: string; outcome: string }>(
      'SELECT kind, outcome FROM durable.step_executions WHERE execution_id = $1 ORDER BY seq',
      [id],
    );
    expect(lines).toEqual([
      { kind: 'void', outcome: 'opened' },
      { kind: 'step', outcome: 'failed' },
    ]);
  });
});
