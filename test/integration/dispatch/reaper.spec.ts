import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Reaper } from '../../../lib/dispatch/reaper.js';
import { fenceTransaction } from '../../../lib/storage/queries/transactional.queries.js';
import type { JournalWorker } from '../../../lib/journal/lane.js';
import type { Query } from '../../../lib/storage/queries/query.js';
import { eventually } from '../../support/eventually.js';
import { HeldClock } from '../../support/held-clock.js';
import { JournalRig, type RiggedJournal, schema, settle } from '../../support/journal-rig.js';
import { line } from '../../support/records.js';
import { Deferred } from '../../support/gate.js';

const LEASE = 30_000;

interface Reaping {
  readonly reaper: Reaper;
  readonly freed: number[];
  readonly suspected: number[];
  readonly ended: string[];
}

describe('A reaper', () => {
  let rig: JournalRig;

  beforeAll(async () => {
    rig = await JournalRig.create();
  });

  afterEach(async () => {
    await rig.closeJournals();
    await rig.query('DELETE FROM durable.workflow_queue');
    await rig.query('DELETE FROM durable.workers');
  });
  afterAll(() => rig.dispose());

  function reaping({ journal, clock }: RiggedJournal, query: Query = rig.query, alone = false): Reaping {
    const freed: number[] = [];
    const suspected: number[] = [];
    const ended: string[] = [];
    const reaper = new Reaper({
      journal,
      query,
      schema,
      lease: LEASE,
      clock,
      alone,
      freed: (ids) => freed.push(...ids),
      suspected: (ids) => suspected.push(...ids),
      ended: (ids) => ended.push(...ids),
    });
    return { reaper, freed, suspected, ended };
  }

  /** A reaper that has been healthy for a whole lease. */
  async function seasoned(): Promise<Reaping & RiggedJournal> {
    const clock = new HeldClock();
    const rigged = await rig.journal({ clock, lease: LEASE });
    await season(rigged, clock);
    return { ...rigged, ...reaping(rigged) };
  }

  async function season({ worker, journal }: RiggedJournal, clock: HeldClock): Promise<void> {
    for (let beat = 0; beat < 4; beat += 1) {
      const before = await rig.flushNo(worker);
      clock.advance(LEASE / 3);
      await eventually(async () => (await rig.flushNo(worker)) > before);
      await journal.settled();
    }
  }

  async function silent(): Promise<JournalWorker> {
    const worker = await rig.worker(LEASE);
    await rig.silence(worker, LEASE + 1_000);
    return worker;
  }

  async function isAlive({ id }: JournalWorker): Promise<boolean | undefined> {
    const rows = await rig.query<{ alive: boolean }>('SELECT alive FROM durable.workers WHERE id = $1', [id]);
    return rows[0]?.alive;
  }

  it('frees what a silent worker ran, and nothing of those that beat', async () => {
    const { reaper, freed, worker: self } = await seasoned();
    const [gone, beating] = [await silent(), await rig.worker(LEASE)];
    const lost = await rig.running(gone, { epoch: 5, signals: 2, queue: 2 });
    const kept = await rig.running(beating);
    const own = await rig.running(self);
    await rig.silence(self, LEASE * 2);
    await reaper.reap();
    expect(await rig.queueRow(lost)).toEqual({ state: 0, worker: null, epoch: 5, signals: 2, lost: 1 });
    expect(await rig.queueRow(kept)).toMatchObject({ state: 1, worker: beating.id });
    expect(await rig.queueRow(own)).toMatchObject({ state: 1, worker: self.id });
    expect([await isAlive(gone), await isAlive(beating), await isAlive(self)]).toEqual([false, true, true]);
    expect(freed).toEqual([2]);
  });

  it('waits for a lease of its own good heartbeats first', async () => {
    const clock = new HeldClock();
    const rigged = await rig.journal({ clock, lease: LEASE });
    const { reaper } = reaping(rigged);
    const gone = await silent();
    await reaper.reap();
    expect(await isAlive(gone)).toBe(true);
    await season(rigged, clock);
    await reaper.reap();
    expect(await isAlive(gone)).toBe(false);
  });

  it('that stood still itself buries nobody, for everybody may have', async () => {
    const rigged = await seasoned();
    const other = await silent();
    (rigged.clock as HeldClock).freeze(3 * LEASE);
    await rigged.reaper.reap();
    expect(await isAlive(other)).toBe(true);
    await rigged.journal.readyForBodies();
    await rigged.reaper.reap();
    expect(await isAlive(other)).toBe(true);
  });

  it('that has just found its database again buries nobody', async () => {
    const rigged = await seasoned();
    const other = await silent();
    rigged.connection.drop(new Error('The cable was pulled.'));
    const executionId = await rig.running(rigged.worker);
    expect(await settle(rigged.journal, line({ executionId }))).toEqual([true]);
    await rigged.reaper.reap();
    expect(await isAlive(other)).toBe(true);
  });

  it('spares a worker that beats while it is being buried', async () => {
    const { reaper } = await seasoned();
    const slow = await silent();
    const beat = await rig.transaction([
      'UPDATE durable.workers SET seen_at = now() WHERE id = $1',
      [slow.id],
    ]);
    const reaped = reaper.reap();
    await rig.lockAwaited();
    await beat.query('COMMIT');
    await reaped;
    await beat.end();
    expect(await isAlive(slow)).toBe(true);
  });

  it('waits for a transactional step that is about to commit', async () => {
    const { reaper } = await seasoned();
    const gone = await silent();
    const lost = await rig.running(gone);
    const fenced = new Deferred();
    const commit = new Deferred();
    const transaction = rig.database.dataSource.transaction(async (manager) => {
      const owner = { workerId: gone.id, lease: LEASE, executionId: lost, epoch: 1 };
      expect(await fenceTransaction(manager, schema, owner)).toBe(true);
      await manager.query(
        `INSERT INTO durable.step_executions (execution_id, seq, path, kind, outcome, ended_at, worker)
         VALUES ($1, 1, 'pay', 'step', 'completed', now(), $2)`,
        [lost, gone.id],
      );
      fenced.resolve();
      await commit.promise;
    });
    await fenced.promise;
    const reaped = reaper.reap();
    await rig.lockAwaited();
    expect(await rig.queueRow(lost)).toMatchObject({ state: 1 });
    commit.resolve();
    await Promise.all([transaction, reaped]);
    expect(await rig.queueRow(lost)).toMatchObject({ state: 0, lost: 1 });
    expect(await rig.seqs(lost)).toEqual([1]);
  });

  it('lets a transactional step of a dead worker commit nothing', async () => {
    const gone = await rig.worker(LEASE);
    const executionId = await rig.running(gone);
    await rig.bury(gone);
    await rig.database.dataSource.transaction(async (manager) => {
      const owner = { workerId: gone.id, lease: LEASE, executionId, epoch: 1 };
      expect(await fenceTransaction(manager, schema, owner)).toBe(false);
    });
  });

  it('lets a transactional step commit nothing into an execution that has ended or changed hands', async () => {
    const worker = await rig.worker(LEASE);
    const executionId = await rig.running(worker);
    await rig.database.dataSource.transaction(async (manager) => {
      const owner = { workerId: worker.id, lease: LEASE, executionId, epoch: 2 };
      expect(await fenceTransaction(manager, schema, owner)).toBe(false);
    });
    await rig.query('DELETE FROM durable.workflow_queue WHERE id = $1', [executionId]);
    await rig.database.dataSource.transaction(async (manager) => {
      const owner = { workerId: worker.id, lease: LEASE, executionId, epoch: 1 };
      expect(await fenceTransaction(manager, schema, owner)).toBe(false);
    });
  });

  it('is not held up by one row that somebody keeps', async () => {
    const { reaper } = await seasoned();
    const [held, other] = [await silent(), await silent()];
    const stranger = await rig.transaction([
      'SELECT 1 FROM durable.workers WHERE id = $1 FOR KEY SHARE',
      [held.id],
    ]);
    await reaper.reap().catch(() => undefined);
    await stranger.end();
    expect([await isAlive(held), await isAlive(other)]).toEqual([true, false]);
  });

  it('counts losses, and begins anew where the worker had recorded something', async () => {
    const { reaper, suspected } = await seasoned();
    const gone = await silent();
    const [quiet, grown, opened, older] = await Promise.all([
      rig.running(gone, { lost: 1 }),
      rig.running(gone, { lost: 1 }),
      rig.running(gone, { lost: 1 }),
      rig.running(gone, { lost: 1 }),
    ]);
    const write = (id: string, outcome: string, worker: string): Promise<unknown> =>
      rig.query(
        `INSERT INTO durable.step_executions (execution_id, seq, path, kind, outcome, ended_at, worker)
         VALUES ($1, 1, 'pay', 'step', $2, now(), $3)`,
        [id, outcome, worker],
      );
    await write(grown, 'completed', gone.id);
    await write(opened, 'opened', gone.id);
    await write(older, 'completed', '999999');
    await reaper.reap();
    const losses = await Promise.all(
      [quiet, grown, opened, older].map(async (id) => (await rig.queueRow(id))?.lost),
    );
    expect(losses).toEqual([2, 1, 2, 2]);
    expect(suspected).toEqual([1]);
  });

  it('gives up what was lost three times, also where whoever counted it died before that', async () => {
    const { reaper, ended } = await seasoned();
    const pill = await rig.execution({ epoch: 3, lost: 3 });
    await reaper.reap();
    expect(await rig.outcomeOf(pill)).toBe('failed');
    expect(ended).toEqual([pill]);
  });

  it('frees what is being undone as such, and says that it was not undone where it gives that up', async () => {
    const { reaper } = await seasoned();
    const gone = await silent();
    const lost = await rig.running(gone, { compensating: true });
    const pill = await rig.execution({ epoch: 3, lost: 3, compensating: true });
    await reaper.reap();
    const [row] = await rig.query<{ compensating: boolean; state: number }>(
      'SELECT compensating, state FROM durable.workflow_queue WHERE id = $1',
      [lost],
    );
    expect(row).toEqual({ compensating: true, state: 0 });
    expect(await rig.outcomeOf(pill)).toBe('compensation_failed');
  });

  it('gives up an execution that was lost three times, and keeps its history', async () => {
    const { reaper, ended } = await seasoned();
    const gone = await silent();
    const pill = await rig.running(gone, { lost: 2 });
    await rig.query(
      `INSERT INTO durable.step_executions (execution_id, seq, path, kind, outcome, ended_at, worker)
       VALUES ($1, 1, 'pay', 'step', 'completed', now(), 1)`,
      [pill],
    );
    await reaper.reap();
    expect(await rig.queueRow(pill)).toBeUndefined();
    const [row] = await rig.query<{ outcome: string; code: string }>(
      `SELECT outcome, error->>'code' AS code FROM durable.workflow_executions WHERE id = $1`,
      [pill],
    );
    expect(row).toEqual({ outcome: 'failed', code: 'DURABLE_WORKER_LOST_REPEATEDLY' });
    expect(await rig.seqs(pill)).toEqual([1]);
    expect(ended).toEqual([pill]);
  });

  it('goes on where another one died half-way: the worker is dead, and still owns something', async () => {
    const { reaper, freed } = await seasoned();
    const gone = await rig.worker(LEASE);
    const left = await rig.running(gone);
    await rig.bury(gone);
    await reaper.reap();
    expect(await rig.queueRow(left)).toMatchObject({ state: 0, worker: null, lost: 1 });
    expect(freed).toEqual([1]);
  });

  it('two at once free everything once', async () => {
    const reapers = await Promise.all([seasoned(), seasoned()]);
    const gone = await silent();
    const ids = await Promise.all(Array.from({ length: 30 }, () => rig.running(gone)));
    await Promise.all(reapers.map(({ reaper }) => reaper.reap()));
    for (const id of ids) expect(await rig.queueRow(id)).toMatchObject({ state: 0, lost: 1 });
  });

  it('ends the connections of the dead, and nobody else is on them', async () => {
    const { reaper } = await seasoned();
    const other = await rig.journal({ lease: LEASE });
    const ended = new Promise((resolve) => other.clients[0]?.once('end', resolve));
    other.clients[0]?.on('error', () => undefined);
    await rig.query(
      `UPDATE durable.workers SET seen_at = seen_at + interval '1 second', lease_ms = 0 WHERE id = $1`,
      [other.worker.id],
    );
    await eventually(async () => {
      await reaper.reap();
      return !(await isAlive(other.worker));
    });
    await ended;
  });

  it('forgets workers that died long ago and own nothing', async () => {
    const { reaper } = await seasoned();
    const [forgotten, recent] = [await rig.worker(LEASE), await rig.worker(LEASE)];
    for (const worker of [forgotten, recent]) await rig.bury(worker);
    await rig.silence(forgotten, 2 * 86_400_000);
    await reaper.reap();
    expect([await isAlive(forgotten), await isAlive(recent)]).toEqual([undefined, false]);
  });

  it('alone on its database takes over at once', async () => {
    const rigged = await rig.journal({ lease: LEASE });
    const before = await rig.worker(LEASE);
    const left = await rig.running(before);
    const { reaper, freed } = reaping(rigged, rig.query, true);
    await reaper.takeOverAtBoot();
    expect(await rig.queueRow(left)).toMatchObject({ state: 0, worker: null });
    expect(freed).toEqual([1]);
  });

  it('that is not alone takes over nothing at boot', async () => {
    const rigged = await rig.journal({ lease: LEASE });
    const before = await rig.worker(LEASE);
    const left = await rig.running(before);
    await reaping(rigged).reaper.takeOverAtBoot();
    expect(await rig.queueRow(left)).toMatchObject({ state: 1, worker: before.id });
  });
});
