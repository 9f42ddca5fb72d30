import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { derivedRandom } from '../../../lib/identity/derived.js';
import type { Query } from '../../../lib/storage/queries/query.js';
import { cancelExecution } from '../../../lib/storage/queries/cancel.query.js';
import { readMailboxes } from '../../../lib/storage/queries/mailbox.queries.js';
import { JournalRig, type RiggedJournal, schema, settle } from '../../support/journal-rig.js';
import { line, suspension } from '../../support/records.js';

const ROUNDS = 300;
const SIGNALS_EACH = 3;

/** What every sender does: the counter first, and the state decided on the row that is updated. */
async function signal(query: Query, id: string): Promise<void> {
  await query(
    `UPDATE durable.workflow_queue SET signals = signals + 1, state = CASE WHEN state = 2 THEN 0 ELSE state END WHERE id = $1`,
    [id],
  );
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('A suspension', () => {
  let rig: JournalRig;

  beforeAll(async () => {
    rig = await JournalRig.create();
  });

  afterEach(() => rig.closeJournals());
  afterAll(() => rig.dispose());

  it('gives up the owner and says when it is due', async () => {
    const { journal, worker } = await rig.journal();
    const executionId = await rig.running(worker);
    const dueAt = Date.UTC(2030, 0, 1);
    expect(await settle(journal, suspension({ executionId, dueAt }))).toEqual([true]);
    expect(await rig.queueRow(executionId)).toEqual({
      state: 2,
      worker: null,
      epoch: 1,
      signals: 0,
      lost: 0,
    });
    const [row] = await rig.query<{ due: string }>(
      'SELECT extract(epoch FROM due_at) * 1000 AS due FROM durable.workflow_queue WHERE id = $1',
      [executionId],
    );
    expect(Number(row?.due)).toBe(dueAt);
  });

  it('does not take place once a signal came that its owner has not seen', async () => {
    const { journal, worker } = await rig.journal();
    const executionId = await rig.running(worker);
    await signal(rig.query, executionId);
    expect(await settle(journal, suspension({ executionId }))).toEqual([false]);
    expect(await rig.queueRow(executionId)).toMatchObject({ state: 1, worker: worker.id });
    expect(await settle(journal, suspension({ executionId, signals: 1 }))).toEqual([true]);
  });

  it.each([
    ['of an earlier epoch', { epoch: 2 }],
    ['of another owner', { worker: 999_999 }],
  ])('%s changes nothing', async (_, row) => {
    const { journal, worker } = await rig.journal();
    const executionId = await rig.running(worker, row);
    expect(await settle(journal, suspension({ executionId }))).toEqual([false]);
    expect(await rig.queueRow(executionId)).toMatchObject({ state: 1 });
  });

  it('of one execution does not stand in the way of another in the same flush', async () => {
    const { journal, worker } = await rig.journal();
    const [signalled, quiet] = await Promise.all([rig.running(worker, { signals: 9 }), rig.running(worker)]);
    expect(
      await settle(journal, suspension({ executionId: signalled }), suspension({ executionId: quiet })),
    ).toEqual([false, true]);
  });

  it('and a request to cancel never miss each other', async () => {
    const { journal, worker } = await rig.journal();
    const outcomes = new Set<unknown>();
    for (let round = 0; round < 60; round += 1) {
      const executionId = await rig.running(worker);
      const cancelled = turns(Math.floor(derivedRandom(`cancel ${round}`) * 4)).then(() =>
        rig.database.dataSource.transaction((manager) =>
          cancelExecution(manager, schema, {
            id: executionId,
            reason: null,
            compensate: false,
            error: '{}',
          }),
        ),
      );
      await turns(Math.floor(derivedRandom(`suspend ${round}`) * 6));
      const [parked] = await settle(journal, suspension({ executionId }));
      await cancelled;
      // Parked first, and then it was nobody's, so the request ended it; or the owner stays, to see the request.
      if (parked === true) expect(await rig.outcomeOf(executionId)).toBe('cancelled');
      else expect(await rig.queueRow(executionId)).toMatchObject({ state: 1, signals: 1 });
      outcomes.add(parked);
    }
    expect(outcomes).toEqual(new Set([true, false]));
  });

  it(`loses none of ${ROUNDS * SIGNALS_EACH} signals that come while it happens`, async () => {
    const rigged = await rig.journal();
    const outcomes = { parked: 0, declined: 0 };
    await Promise.all(
      Array.from({ length: 12 }, async (_, lane) => {
        for (let round = lane; round < ROUNDS; round += 12) await play(rigged, round, outcomes);
      }),
    );
    expect(outcomes.parked).toBeGreaterThan(0);
    expect(outcomes.declined).toBeGreaterThan(0);
  }, 60_000);

  /** One execution that parks whenever it has seen all signals, against a sender; it ends when it saw the last. */
  async function play(
    { journal, worker, claims }: RiggedJournal,
    round: number,
    outcomes: { parked: number; declined: number },
  ): Promise<void> {
    const executionId = await rig.running(worker);
    const sending = (async () => {
      for (let sent = 0; sent < SIGNALS_EACH; sent += 1) {
        await turns(Math.floor(derivedRandom(`${round} ${sent}`) * 8));
        await signal(rig.query, executionId);
      }
    })();
    let seen = 0;
    for (let epoch = 1, tries = 0; seen < SIGNALS_EACH; tries += 1) {
      // The suspension and the signals set out at moments that differ from round to round.
      for (let trips = derivedRandom(`${round} trips ${tries}`) * 4; trips > 1; trips -= 1) {
        await rig.query('SELECT 1');
      }
      const [, parked] = await settle(
        journal,
        line({ executionId, seq: tries + 1 }),
        suspension({ executionId, epoch, signals: seen }),
      );
      if (parked === true) {
        outcomes.parked += 1;
        // Whoever parked waits for somebody to make it ready; a lost wake-up would leave it waiting for ever.
        while ((await rig.queueRow(executionId))?.state === 2) await turns(1);
        epoch += 1;
        await rig.query(
          `UPDATE durable.workflow_queue SET state = 1, worker = $2, epoch = epoch + 1 WHERE id = $1 AND state = 0`,
          [executionId, worker.id],
        );
      } else {
        outcomes.declined += 1;
      }
      seen =
        (await readMailboxes(rig.query, schema, [{ id: executionId, letters: true }]))[0]?.signals ?? seen;
    }
    await sending;
    expect((await rig.queueRow(executionId))?.signals).toBe(SIGNALS_EACH);
    expect(claims.taken).toEqual([]);
  }
});
