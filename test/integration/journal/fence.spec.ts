import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { LeaseLost } from '../../../lib/errors/worker.error.js';
import { eventually } from '../../support/eventually.js';
import { HeldClock } from '../../support/held-clock.js';
import { JournalRig, settle } from '../../support/journal-rig.js';
import { annotation, ending, line, start, suspension } from '../../support/records.js';

const LEASE = 30_000;

describe('The fence', () => {
  let rig: JournalRig;

  beforeAll(async () => {
    rig = await JournalRig.create();
  });

  afterEach(() => rig.closeJournals());
  afterAll(() => rig.dispose());

  it('lets nothing of a flush land once the worker is dead', async () => {
    const { journal, worker, lost } = await rig.journal();
    const executionId = await rig.running(worker);
    const other = await rig.running(worker);
    const begun = start();
    await rig.bury(worker);
    const verdicts = await settle(
      journal,
      begun,
      line({ executionId }),
      annotation({ executionId, progress: '{"percent":5}' }),
      suspension({ executionId: other }),
      ending({ executionId }),
    );
    expect(verdicts).toEqual(Array(5).fill(expect.any(LeaseLost)));
    expect(lost).toEqual([worker]);
    expect(await rig.seqs(executionId)).toEqual([]);
    expect(await rig.outcomeOf(executionId)).toBeNull();
    expect(await rig.outcomeOf(begun.executionId)).toBeUndefined();
    expect(await rig.queueRow(other)).toMatchObject({ state: 1, worker: worker.id });
    const [row] = await rig.query<{ progress: unknown }>(
      'SELECT progress FROM durable.workflow_executions WHERE id = $1',
      [executionId],
    );
    expect(row?.progress).toBeNull();
  });

  it('takes no claim for a dead worker', async () => {
    const { journal, worker, claims, lost } = await rig.journal();
    const id = await rig.execution();
    await rig.bury(worker);
    claims.want(10);
    journal.kick();
    await claims.answer();
    expect(claims.taken).toEqual([]);
    expect(lost).toEqual([worker]);
    expect(await rig.queueRow(id)).toMatchObject({ state: 0, worker: null });
    await rig.query('DELETE FROM durable.workflow_queue WHERE id = $1', [id]);
  });

  it('counts every flush, and a flush of an old number is none', async () => {
    const { journal, worker } = await rig.journal();
    const before = await rig.flushNo(worker);
    const executionId = await rig.running(worker);
    await settle(journal, line({ executionId }));
    await settle(journal, line({ executionId, seq: 2 }));
    expect(await rig.flushNo(worker)).toBe(before + 2);
    // As if a copy of this worker had written: what it says from now on is not trusted.
    await rig.query('UPDATE durable.workers SET flush_no = flush_no + 5 WHERE id = $1', [worker.id]);
    expect(await settle(journal, line({ executionId, seq: 3 }))).toEqual([expect.any(LeaseLost)]);
    expect(await rig.seqs(executionId)).toEqual([1, 2]);
  });

  it('beats while nothing happens, every third of the lease', async () => {
    const clock = new HeldClock();
    const { worker, journal } = await rig.journal({ clock, lease: LEASE });
    const before = await rig.flushNo(worker);
    await rig.silence(worker, LEASE);
    clock.advance(LEASE / 3);
    await eventually(async () => (await rig.flushNo(worker)) === before + 1);
    await journal.settled();
    const [row] = await rig.query<{ fresh: boolean }>(
      `SELECT seen_at > now() - interval '20 seconds' AS fresh FROM durable.workers WHERE id = $1`,
      [worker.id],
    );
    expect(row?.fresh).toBe(true);
    expect(journal.acceptsBodies).toBe(true);
  });

  it('is not asked while the heart has just beaten', async () => {
    const clock = new HeldClock();
    const { worker, journal } = await rig.journal({ clock, lease: LEASE });
    const before = await rig.flushNo(worker);
    journal.kick();
    await journal.settled();
    await settle(journal, line({ executionId: await rig.running(worker) }));
    expect(await rig.flushNo(worker)).toBe(before + 1);
  });

  it('lets no body begin after a standstill, until it has been asked again', async () => {
    const clock = new HeldClock();
    const { journal, worker } = await rig.journal({ clock, lease: LEASE });
    expect(journal.acceptsBodies).toBe(true);
    clock.freeze(LEASE);
    expect(journal.acceptsBodies).toBe(false);
    const before = await rig.flushNo(worker);
    await journal.readyForBodies();
    expect(await rig.flushNo(worker)).toBe(before + 1);
    expect(journal.acceptsBodies).toBe(true);
  });

  it('lets no body begin when only the wall clock shows the standstill', async () => {
    const clock = new HeldClock();
    const { journal } = await rig.journal({ clock, lease: LEASE });
    clock.setWall(clock.now() + LEASE);
    expect(journal.acceptsBodies).toBe(false);
  });

  it('a standstill begins the good health anew', async () => {
    const clock = new HeldClock();
    const { journal } = await rig.journal({ clock, lease: LEASE });
    clock.freeze(10 * LEASE);
    await journal.readyForBodies();
    expect(clock.monotonic() - journal.healthySince).toBeLessThan(LEASE);
  });

  it('refuses to open for a worker that is dead already', async () => {
    const { journal, worker } = await rig.journal();
    await journal.close();
    await rig.bury(worker);
    await expect(journal.open(worker)).rejects.toBeInstanceOf(LeaseLost);
  });
});
