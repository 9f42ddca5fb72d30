import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { JournalRig, settle } from '../../support/journal-rig.js';
import { compensation, ending, line, reclaim, release, someTime, suspension } from '../../support/records.js';

const deadline = new Date('2100-01-01');
const results = JSON.stringify([
  {
    path: 'charge',
    undo: 'refund',
    status: 'failed',
    attempts: 3,
    error: '{"message":"é 語 😀"}',
    endedAt: 5,
  },
]);

describe('A record of compensation', () => {
  let rig: JournalRig;

  beforeAll(async () => {
    rig = await JournalRig.create();
  });

  afterEach(() => rig.closeJournals());
  afterAll(() => rig.dispose());

  async function standing(id: string): Promise<{ compensating: boolean; deadline: Date | null } | undefined> {
    const rows = await rig.query<{ compensating: boolean; deadline: Date | null }>(
      `SELECT compensating, deadline_at AS deadline FROM durable.workflow_queue WHERE id = $1`,
      [id],
    );
    return rows[0];
  }

  async function stored(id: string): Promise<{ results: unknown; at: Date | null } | undefined> {
    const rows = await rig.query<{ results: unknown; at: Date | null }>(
      `SELECT compensation_results AS results, compensated_at AS at
       FROM durable.workflow_executions WHERE id = $1`,
      [id],
    );
    return rows[0];
  }

  it('begins the undoing: from then on everybody sees it, and no deadline comes', async () => {
    const { journal, worker } = await rig.journal();
    const [undone, other] = [
      await rig.running(worker, { deadline_at: deadline, cancel: 2 }),
      await rig.running(worker, { deadline_at: deadline }),
    ];
    expect(await settle(journal, compensation({ executionId: undone }))).toEqual([true]);
    expect(await standing(undone)).toEqual({ compensating: true, deadline: null });
    expect(await standing(other)).toEqual({ compensating: false, deadline });
    expect(await stored(undone)).toEqual({ results: null, at: null });
    expect(await rig.queueRow(undone)).toMatchObject({ state: 1, worker: worker.id, epoch: 1 });
  });

  it('says at the end what became of it, and when', async () => {
    const { journal, worker } = await rig.journal();
    const executionId = await rig.running(worker, { compensating: true });
    await settle(journal, compensation({ executionId, results, at: someTime }));
    expect(await stored(executionId)).toEqual({ results: JSON.parse(results), at: new Date(someTime) });
    expect(await standing(executionId)).toMatchObject({ compensating: true });
  });

  it('shares a flush with the last undo and the end', async () => {
    const { journal, worker } = await rig.journal();
    const executionId = await rig.running(worker);
    const before = await rig.flushNo(worker);
    await settle(
      journal,
      line({ executionId, path: '#undo', kind: 'compensation', outcome: 'opened' }),
      compensation({ executionId }),
      line({ executionId, seq: 2, path: '#undo/charge', kind: 'undo' }),
      compensation({ executionId, results: '[]' }),
      ending({ executionId, outcome: 'compensated', error: '{}' }),
    );
    expect(await rig.flushNo(worker)).toBe(before + 1);
    expect(await rig.outcomeOf(executionId)).toBe('compensated');
    expect(await stored(executionId)).toMatchObject({ results: [] });
    expect(await rig.seqs(executionId)).toEqual([1, 2]);
  });

  it('of one that was taken back in the same flush reaches it', async () => {
    const { journal, worker } = await rig.journal();
    const executionId = await rig.execution({ state: 2, epoch: 3 });
    expect(await settle(journal, reclaim({ executionId, epoch: 3 }), compensation({ executionId }))).toEqual([
      true,
      true,
    ]);
    expect(await rig.queueRow(executionId)).toMatchObject({ state: 1, worker: worker.id, epoch: 4 });
    expect(await standing(executionId)).toMatchObject({ compensating: true });
  });

  it('is not lost when the execution waits, is given back or taken back', async () => {
    const { journal, worker } = await rig.journal();
    const waits = await rig.running(worker, { compensating: true });
    const returned = await rig.running(worker, { compensating: true });
    const parked = await rig.execution({ state: 2, epoch: 1, compensating: true });
    expect(
      await settle(
        journal,
        suspension({ executionId: waits, dueAt: someTime }),
        release({ executionId: returned }),
        reclaim({ executionId: parked }),
      ),
    ).toEqual([true, true, true]);
    for (const id of [waits, returned, parked]) {
      expect(await standing(id)).toMatchObject({ compensating: true });
    }
  });

  it('lets parked code go on with the undoing, whoever wants it cancelled', async () => {
    const { journal } = await rig.journal();
    const [undone, cancelled] = [
      await rig.execution({ state: 2, epoch: 3, cancel: 2, compensating: true }),
      await rig.execution({ state: 2, epoch: 3, cancel: 2 }),
    ];
    expect(
      await settle(
        journal,
        reclaim({ executionId: undone, epoch: 3 }),
        reclaim({ executionId: cancelled, epoch: 3 }),
      ),
    ).toEqual([true, false]);
  });

  it('that the database does not take is refused, and harms nobody else', async () => {
    const { journal, worker } = await rig.journal();
    const [bad, good] = [await rig.running(worker), await rig.running(worker)];
    const verdicts = await settle(
      journal,
      compensation({ executionId: bad, results: 'no json' }),
      compensation({ executionId: good, results }),
    );
    expect(verdicts).toEqual([expect.any(Error), true]);
    expect(await stored(good)).toMatchObject({ results: JSON.parse(results) });
  });
});
