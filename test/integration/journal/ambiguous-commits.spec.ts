import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { LeaseLost } from '../../../lib/errors/worker.error.js';
import type { LaneConnection } from '../../../lib/journal/lane-connection.js';
import { eventually } from '../../support/eventually.js';
import { HeldClock } from '../../support/held-clock.js';
import { JournalRig, settle } from '../../support/journal-rig.js';
import { ending, line, reclaim, release, start, suspension } from '../../support/records.js';

type Loss = 'before the commit' | 'after the commit';

/** Loses the connection with the next flush, and lets all others pass. */
function loseNext(
  connection: LaneConnection,
  loss: Loss,
  meanwhile = async (): Promise<void> => undefined,
): void {
  const send = connection.send.bind(connection);
  connection.send = async (statements) => {
    connection.send = send;
    if (loss === 'after the commit') await send(statements);
    await meanwhile();
    connection.drop(new Error('The cable was pulled.'));
    throw new Error('The cable was pulled.');
  };
}

describe('A flush whose answer is lost', () => {
  let rig: JournalRig;

  beforeAll(async () => {
    rig = await JournalRig.create();
  });

  afterEach(() => rig.closeJournals());
  afterAll(() => rig.dispose());

  it.each<Loss>(['before the commit', 'after the commit'])(
    '%s is stored once, and told once',
    async (loss) => {
      const { journal, connection, worker } = await rig.journal();
      const executionId = await rig.running(worker);
      const before = await rig.flushNo(worker);
      loseNext(connection, loss);
      expect(await settle(journal, line({ executionId }), ending({ executionId }))).toEqual([true, true]);
      expect(await rig.seqs(executionId)).toEqual([1]);
      expect(await rig.outcomeOf(executionId)).toBe('completed');
      expect(await rig.flushNo(worker)).toBe(before + 1);
    },
  );

  it.each<Loss>(['before the commit', 'after the commit'])(
    '%s says the same of conditional records',
    async (loss) => {
      const { journal, connection, worker } = await rig.journal();
      const [quiet, signalled, given, parked, gone] = await Promise.all([
        rig.running(worker),
        rig.running(worker, { signals: 1 }),
        rig.running(worker),
        rig.execution({ state: 2, epoch: 4 }),
        rig.execution({ state: 2, epoch: 5 }),
      ]);
      loseNext(connection, loss);
      expect(
        await settle(
          journal,
          suspension({ executionId: quiet }),
          suspension({ executionId: signalled }),
          release({ executionId: given }),
          reclaim({ executionId: parked, epoch: 4 }),
          reclaim({ executionId: gone, epoch: 4 }),
        ),
      ).toEqual([true, false, true, true, false]);
    },
  );

  it('goes on with the next one', async () => {
    const { journal, connection, worker } = await rig.journal();
    const executionId = await rig.running(worker);
    for (const [seq, loss] of [
      [1, 'before the commit'],
      [2, 'after the commit'],
      [3, 'after the commit'],
      [4, 'before the commit'],
    ] as const) {
      loseNext(connection, loss);
      expect(await settle(journal, line({ executionId, seq }))).toEqual([true]);
    }
    expect(await rig.seqs(executionId)).toEqual([1, 2, 3, 4]);
  });

  it('is told as stored also where the worker has died since', async () => {
    const { journal, connection, worker, lost } = await rig.journal();
    const begun = start();
    loseNext(connection, 'after the commit', () => rig.bury(worker));
    expect(await settle(journal, begun)).toEqual([true]);
    expect(await rig.outcomeOf(begun.executionId)).toBeNull();
    await eventually(() => lost.length === 1);
    // Stored, but by a worker that is nobody any more.
    expect(journal.acceptsBodies).toBe(false);
  });

  it('is told as refused where the worker died before it', async () => {
    const { journal, connection, worker, lost } = await rig.journal();
    const begun = start();
    loseNext(connection, 'before the commit', () => rig.bury(worker));
    expect(await settle(journal, begun)).toEqual([expect.any(LeaseLost)]);
    expect(await rig.outcomeOf(begun.executionId)).toBeUndefined();
    expect(lost).toEqual([worker]);
  });

  it('abandons everything where the database has lost commits that it had acknowledged', async () => {
    const { journal, connection, worker, lost } = await rig.journal();
    const executionId = await rig.running(worker);
    await settle(journal, line({ executionId }));
    loseNext(connection, 'before the commit', async () => {
      // A failover to a replica that was behind.
      await rig.query('UPDATE durable.workers SET flush_no = flush_no - 1 WHERE id = $1', [worker.id]);
    });
    expect(await settle(journal, line({ executionId, seq: 2 }))).toEqual([expect.any(LeaseLost)]);
    expect(lost).toEqual([worker]);
    expect(await rig.seqs(executionId)).toEqual([1]);
  });

  it('because a connection hangs is stored once, though the backend was still at work on it', async () => {
    const clock = new HeldClock();
    const { journal, worker, clients } = await rig.journal({ clock, flushTimeout: 5_000 });
    const executionId = await rig.running(worker);
    await rig.query('CREATE TABLE durable.barrier AS SELECT false AS is_open');
    await rig.query(`
      CREATE FUNCTION durable.wait_at_barrier() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        WHILE NOT (SELECT is_open FROM durable.barrier) LOOP PERFORM pg_sleep(0.01); END LOOP;
        RETURN NEW;
      END $$`);
    await rig.query(`
      CREATE TRIGGER barrier BEFORE INSERT ON durable.step_executions
      FOR EACH ROW EXECUTE FUNCTION durable.wait_at_barrier()`);
    const before = await rig.flushNo(worker);
    const told = settle(journal, line({ executionId }));
    await eventually(async () => {
      const [row] = await rig.query<{ busy: boolean }>(
        `SELECT EXISTS (SELECT FROM pg_stat_activity
           WHERE application_name = 'durable journal' AND wait_event = 'PgSleep') AS busy`,
      );
      return row?.busy;
    });
    clock.advance(5_000);
    await eventually(() => clients.length === 2);
    await rig.query('UPDATE durable.barrier SET is_open = true');
    expect(await told).toEqual([true]);
    expect(await rig.seqs(executionId)).toEqual([1]);
    expect(await rig.flushNo(worker)).toBe(before + 1);
    await rig.query('DROP TRIGGER barrier ON durable.step_executions');
  });

  it('because its backend was ended is stored once', async () => {
    const { journal, worker, clients } = await rig.journal();
    const executionId = await rig.running(worker);
    for (let seq = 1; seq <= 20; seq += 1) {
      const told = settle(journal, line({ executionId, seq }));
      if (seq % 4 === 0) {
        await rig.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'durable journal'
             AND datname = current_database()`,
        );
      }
      expect(await told).toEqual([true]);
    }
    expect(await rig.seqs(executionId)).toHaveLength(20);
    expect(clients.length).toBeGreaterThan(1);
  });
});
