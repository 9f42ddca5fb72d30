import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClaimRequest } from '../../../lib/journal/claims.js';
import { rank } from '../../../lib/storage/queue-state.js';
import { JournalRig, type RiggedJournal, settle } from '../../support/journal-rig.js';
import { line } from '../../support/records.js';

describe('A claim', () => {
  let rig: JournalRig;

  beforeAll(async () => {
    rig = await JournalRig.create();
  });

  afterEach(async () => {
    await rig.closeJournals();
    await rig.query('DELETE FROM durable.workflow_queue');
  });
  afterAll(() => rig.dispose());

  async function claim(
    { journal, claims }: RiggedJournal,
    slots: number,
    facts: Partial<ClaimRequest> = {},
  ): Promise<string[]> {
    const before = claims.taken.length;
    claims.want(slots, facts);
    journal.kick();
    await claims.answer();
    return claims.taken.slice(before).map(({ id }) => id);
  }

  it('takes what is ready, raises the epoch and notes the first start', async () => {
    const rigged = await rig.journal();
    const id = await rig.execution({ epoch: 3, signals: 2, lost: 1, expires_at: new Date('2100-01-01') });
    expect(await claim(rigged, 5)).toEqual([id]);
    expect(rigged.claims.taken).toEqual([
      expect.objectContaining({ id, epoch: 4, signals: 2, lost: 1, kind: 1, queueId: 1, input: '7' }),
    ]);
    expect(await rig.queueRow(id)).toMatchObject({ state: 1, worker: rigged.worker.id, epoch: 4 });
    const [row] = await rig.query<{ begun: boolean; expires: unknown }>(
      'SELECT started_at IS NOT NULL AS begun, expires_at AS expires FROM durable.workflow_queue WHERE id = $1',
      [id],
    );
    expect(row).toEqual({ begun: true, expires: null });
  });

  it('takes no more than there are slots, in each queue for itself', async () => {
    const rigged = await rig.journal();
    for (let n = 0; n < 4; n += 1) {
      await rig.execution({ rank: n });
      await rig.execution({ rank: n, kind: 2 });
      await rig.execution({ rank: n, queue: 2 });
    }
    const demands = [
      { queueId: 1, slots: 3, from: undefined },
      { queueId: 2, slots: 1, from: undefined },
    ];
    await claim(rigged, 0, { demands, kinds: [1, 2] });
    const counts = [1, 2].map(
      (queueId) => rigged.claims.taken.filter((taken) => taken.queueId === queueId).length,
    );
    expect(counts).toEqual([3, 1]);
  });

  it('leaves alone what waits, runs, has expired, or is of a kind or queue that nobody asked for', async () => {
    const rigged = await rig.journal();
    await rig.execution({ state: 2 });
    await rig.running(rigged.worker);
    await rig.execution({ expires_at: new Date(0) });
    await rig.execution({ kind: 2 });
    await rig.execution({ queue: 2 });
    expect(await claim(rigged, 10)).toEqual([]);
  });

  it('takes by rank: priority first, but who waits long enough comes before it', async () => {
    const rigged = await rig.journal();
    const hour = 3_600_000;
    const ordinary = await rig.execution({ rank: rank(10 * hour, 0) });
    const urgent = await rig.execution({ rank: rank(10 * hour, 10), priority: 10 });
    const patient = await rig.execution({ rank: rank(9 * hour, 0) });
    const humble = await rig.execution({ rank: rank(10 * hour, -10), priority: -10 });
    const order: string[] = [];
    for (let n = 0; n < 4; n += 1) order.push(...(await claim(rigged, 1)));
    expect(order).toEqual([patient, urgent, ordinary, humble]);
  });

  it('never takes what another worker takes at the same time', async () => {
    const journals = await Promise.all([rig.journal(), rig.journal(), rig.journal()]);
    const all = new Set<string>();
    for (let n = 0; n < 120; n += 1) all.add(await rig.execution({ rank: n }));
    for (let round = 0; round < 8; round += 1) {
      await Promise.all(journals.map((rigged) => claim(rigged, 5)));
    }
    const taken = journals.flatMap(({ claims }) => claims.taken.map(({ id }) => id));
    expect(taken).toHaveLength(all.size);
    expect(new Set(taken)).toEqual(all);
    for (const { claims, worker } of journals) {
      for (const { id } of claims.taken) expect((await rig.queueRow(id))?.worker).toBe(worker.id);
    }
  });

  it('goes on from a rank, where one is named', async () => {
    const rigged = await rig.journal();
    const [before, at, after] = [
      await rig.execution({ rank: 1 }),
      await rig.execution({ rank: 2 }),
      await rig.execution({ rank: 3 }),
    ];
    const demands = [{ queueId: 1, slots: 5, from: 2 }];
    expect(await claim(rigged, 5, { demands })).toEqual([at, after]);
    expect(await claim(rigged, 5)).toEqual([before]);
  });

  it('passes by what somebody else holds', async () => {
    const rigged = await rig.journal();
    const held = await rig.execution({ rank: 1 });
    const free = await rig.execution({ rank: 2 });
    const stranger = await rig.transaction([
      'SELECT 1 FROM durable.workflow_queue WHERE id = $1 FOR UPDATE',
      [held],
    ]);
    expect(await claim(rigged, 10)).toEqual([free]);
    await stranger.end();
    expect(await claim(rigged, 10)).toEqual([held]);
  });

  it('takes what was lost twice only when it is to run alone', async () => {
    const rigged = await rig.journal();
    const suspect = await rig.execution({ lost: 2, rank: 1 });
    const ordinary = await rig.execution({ lost: 1, rank: 2 });
    expect(await claim(rigged, 10)).toEqual([ordinary]);
    expect(await claim(rigged, 1, { isolated: true })).toEqual([suspect]);
  });

  it('never takes what was lost three times, not even to run it alone', async () => {
    const rigged = await rig.journal();
    await rig.execution({ lost: 3 });
    expect(await claim(rigged, 10)).toEqual([]);
    expect(await claim(rigged, 1, { isolated: true })).toEqual([]);
  });

  it('tells of a request to cancel and of a deadline', async () => {
    const rigged = await rig.journal();
    const deadline = Date.UTC(2030, 1, 1);
    const id = await rig.execution({ cancel: 1, deadline_at: new Date(deadline) });
    await rig.query(
      `UPDATE durable.workflow_executions SET cancel_reason = 'enough', timeout_ms = 5000, key = 'k' WHERE id = $1`,
      [id],
    );
    await claim(rigged, 1);
    expect(rigged.claims.taken).toEqual([
      expect.objectContaining({
        cancelRequested: true,
        cancelReason: 'enough',
        deadlineAt: deadline,
        timeout: 5_000,
        key: 'k',
      }),
    ]);
  });

  it.each([
    [{}, { cancelRequested: false, compensateOnCancel: false, isCompensating: false }],
    [{ cancel: 1 }, { cancelRequested: true, compensateOnCancel: false, isCompensating: false }],
    [{ cancel: 2 }, { cancelRequested: true, compensateOnCancel: true, isCompensating: false }],
    [{ compensating: true }, { cancelRequested: false, compensateOnCancel: false, isCompensating: true }],
    [
      { cancel: 2, compensating: true },
      { cancelRequested: true, compensateOnCancel: true, isCompensating: true },
    ],
  ])('of a row with %j says what is to be undone', async (row, expected) => {
    const rigged = await rig.journal();
    await rig.execution({ epoch: 1, priority: 3, ...row });
    await claim(rigged, 1);
    expect(rigged.claims.taken).toEqual([expect.objectContaining({ ...expected, epoch: 2, priority: 3 })]);
  });

  it('rides with records, and is dropped where they have to be divided', async () => {
    const rigged = await rig.journal();
    const mine = await rig.running(rigged.worker);
    const id = await rig.execution();
    rigged.claims.want(5);
    const answered = rigged.claims.answer();
    const verdicts = await settle(
      rigged.journal,
      line({ executionId: mine }),
      line({ executionId: id, output: 'no json' }),
    );
    await answered;
    expect(verdicts).toEqual([true, expect.any(Error)]);
    expect(rigged.claims.failures).toBe(1);
    expect(await rig.queueRow(id)).toMatchObject({ state: 0, worker: null });
    expect(await claim(rigged, 5)).toEqual([id]);
  });
});
