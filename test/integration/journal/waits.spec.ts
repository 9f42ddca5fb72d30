import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { RecordRefused } from '../../../lib/errors/execution.error.js';
import type { LaneConnection } from '../../../lib/journal/lane-connection.js';
import type {
  HistoryRecord,
  PendingEvent,
  PendingInput,
  SettlementRecord,
} from '../../../lib/journal/records.js';
import { settleInput } from '../../../lib/storage/queries/input.queries.js';
import { sendLetter } from '../../../lib/storage/queries/mailbox.queries.js';
import { JournalRig, schema, settle } from '../../support/journal-rig.js';
import { compensation, ending, line, someTime, suspension, Verdicts } from '../../support/records.js';

/** What is hard to carry in an array within an array. */
const AWKWARD = ['', ' ', 'a b', 'a,b', '"', '\\', '\\"', '{}', 'NULL', "it's", 'é 語 😀', 'a\nb\tc'];

const anEvent: PendingEvent = {
  table: 'events',
  workflow: 'order',
  kind: 'event',
  names: ['paid'],
  broadcast: null,
  scope: null,
};
const aQuestion: PendingInput = {
  table: 'inputs',
  workflow: 'order',
  name: 'boss',
  question: '{"type":"approval"}',
  metadata: null,
  assignees: ['ann'],
};

interface PendingRow {
  readonly seq: number;
  readonly outcome?: string | null;
  readonly [column: string]: unknown;
}

function opening(
  executionId: string,
  seq: number,
  opens: PendingEvent | PendingInput,
  facts: Partial<HistoryRecord> = {},
): HistoryRecord {
  const kind = opens.table === 'events' ? opens.kind : 'input';
  return line({ executionId, seq, kind, outcome: 'opened', output: null, wait: { opens }, ...facts });
}

function closing(
  executionId: string,
  seq: number,
  {
    closes,
    openedSeq,
    takes = [],
  }: { closes: 'events' | 'inputs'; openedSeq: number; takes?: readonly string[] },
  facts: Partial<HistoryRecord> = {},
): HistoryRecord {
  return line({ executionId, seq, kind: 'event', wait: { closes, openedSeq, takes }, ...facts });
}

function settlement(executionId: string, openedSeq: number): SettlementRecord {
  const watcher = { durable: () => undefined, refused: () => undefined };
  return { type: 'settlement', executionId, openedSeq, watcher };
}

describe('The records of waits', () => {
  let rig: JournalRig;

  beforeAll(async () => {
    rig = await JournalRig.create();
  });
  afterEach(() => rig.closeJournals());
  afterAll(() => rig.dispose());

  const rowsOf = (table: string, id: string): Promise<PendingRow[]> =>
    rig.query<PendingRow>(`SELECT * FROM durable.${table} WHERE execution_id = $1 ORDER BY seq`, [id]);
  const events = (id: string): Promise<PendingRow[]> => rowsOf('pending_events', id);
  const inputs = (id: string): Promise<PendingRow[]> => rowsOf('pending_inputs', id);

  async function outcomes(id: string): Promise<unknown[]> {
    return (await inputs(id)).map(({ outcome }) => outcome);
  }

  /** Letters in the mailbox of an execution: their ids, and whether they were taken. */
  async function letters(id: string): Promise<{ id: string; taken: boolean }[]> {
    return await rig.query<{ id: string; taken: boolean }>(
      'SELECT id::text AS id, taken FROM durable.workflow_events WHERE execution_id = $1 ORDER BY id',
      [id],
    );
  }

  async function send(executionId: string, name: string): Promise<void> {
    await sendLetter(rig.query, schema, { executionId, type: 'event', name, payload: '1', waitSeq: null });
  }

  const answer = (executionId: string, seq: number) =>
    settleInput(rig.query, schema, { executionId, seq, outcome: 'answered', by: 'ann', payload: '{}' });

  describe('The opening of a wait', () => {
    it('comes with what others see of it, in one flush', async () => {
      const { journal, worker } = await rig.journal();
      const executionId = await rig.running(worker);
      const before = await rig.flushNo(worker);
      const dueAt = someTime + 60_000;
      const any: PendingEvent = { ...anEvent, kind: 'any', names: AWKWARD };
      const rates: PendingEvent = {
        ...anEvent,
        kind: 'broadcast',
        names: ['rates'],
        broadcast: 'rates',
        scope: 'EUR',
      };
      const question: PendingInput = {
        ...aQuestion,
        question: '{"type":"text","prompt":"é 😀 \\" \\\\"}',
        metadata: '{"a":[1]}',
        assignees: AWKWARD,
      };
      expect(
        await settle(
          journal,
          opening(executionId, 1, anEvent, { path: 'paid', dueAt }),
          opening(executionId, 2, any, { path: 'in/any' }),
          opening(executionId, 3, rates),
          opening(executionId, 4, question, { path: 'boss', dueAt }),
          opening(executionId, 5, { ...aQuestion, assignees: [] }),
          suspension({ executionId, listening: true }),
        ),
      ).toEqual(Array(6).fill(true));
      expect(await rig.flushNo(worker)).toBe(before + 1);
      expect(await rig.seqs(executionId)).toEqual([1, 2, 3, 4, 5]);
      const opened_at = new Date(someTime);
      expect(await events(executionId)).toMatchObject([
        {
          seq: 1,
          workflow: 'order',
          path: 'paid',
          kind: 'event',
          names: ['paid'],
          broadcast: null,
          opened_at,
          due_at: new Date(dueAt),
        },
        { seq: 2, path: 'in/any', kind: 'any', names: AWKWARD, due_at: null, notified: false },
        { seq: 3, kind: 'broadcast', names: ['rates'], broadcast: 'rates', scope: 'EUR' },
      ]);
      expect(await inputs(executionId)).toMatchObject([
        {
          seq: 4,
          path: 'boss',
          name: 'boss',
          question: JSON.parse(question.question) as object,
          metadata: { a: [1] },
          assignees: AWKWARD,
          outcome: null,
          opened_at,
          due_at: new Date(dueAt),
        },
        { seq: 5, metadata: null, assignees: [], due_at: null },
      ]);
    });

    it('and its end may share a flush: nothing of it is left open', async () => {
      const { journal, worker } = await rig.journal();
      const executionId = await rig.running(worker);
      await send(executionId, 'paid');
      const [letter] = await letters(executionId);
      const before = await rig.flushNo(worker);
      await settle(
        journal,
        opening(executionId, 1, anEvent),
        closing(executionId, 2, { closes: 'events', openedSeq: 1, takes: [letter?.id ?? ''] }),
        opening(executionId, 3, aQuestion),
        closing(executionId, 4, { closes: 'inputs', openedSeq: 3 }, { kind: 'input', outcome: 'withdrawn' }),
      );
      expect(await rig.flushNo(worker)).toBe(before + 1);
      expect(await events(executionId)).toEqual([]);
      expect(await outcomes(executionId)).toEqual(['withdrawn']);
      expect(await letters(executionId)).toEqual([{ id: letter?.id, taken: true }]);
    });
  });

  describe('The end of a wait', () => {
    it('takes its letters and its own row, and nothing else', async () => {
      const { journal, worker } = await rig.journal();
      const [executionId, other] = [await rig.running(worker), await rig.running(worker)];
      for (const id of [executionId, other]) {
        await settle(journal, opening(id, 1, anEvent), opening(id, 2, anEvent), opening(id, 3, aQuestion));
        for (const name of ['paid', 'paid', 'x']) await send(id, name);
      }
      const [first, second, third] = await letters(executionId);
      const before = await rig.flushNo(worker);
      const takes = [first?.id ?? '', third?.id ?? ''];
      await settle(journal, closing(executionId, 4, { closes: 'events', openedSeq: 2, takes }));
      expect(await rig.flushNo(worker)).toBe(before + 1);
      expect((await events(executionId)).map(({ seq }) => seq)).toEqual([1]);
      expect(await outcomes(executionId)).toEqual([null]);
      expect(await letters(executionId)).toEqual([
        { id: first?.id, taken: true },
        { id: second?.id, taken: false },
        { id: third?.id, taken: true },
      ]);
      expect(await events(other)).toHaveLength(2);
      expect((await letters(other)).some(({ taken }) => taken)).toBe(false);
    });

    it('of a question leaves what it was settled with', async () => {
      const { journal, worker } = await rig.journal();
      const executionId = await rig.running(worker);
      await settle(
        journal,
        opening(executionId, 1, aQuestion),
        opening(executionId, 2, aQuestion),
        opening(executionId, 3, aQuestion),
      );
      await answer(executionId, 1);
      await settle(journal, settlement(executionId, 2));
      await settle(
        journal,
        closing(executionId, 4, { closes: 'inputs', openedSeq: 1 }, { kind: 'input' }),
        closing(executionId, 5, { closes: 'inputs', openedSeq: 2 }, { kind: 'input', outcome: 'timed_out' }),
        closing(executionId, 6, { closes: 'inputs', openedSeq: 3 }, { kind: 'input', outcome: 'withdrawn' }),
      );
      expect(await inputs(executionId)).toMatchObject([
        { outcome: 'answered', settled_by: 'ann', settled_at: expect.any(Date) },
        { outcome: 'timed_out', settled_by: null, settled_at: expect.any(Date) },
        { outcome: 'withdrawn', settled_by: null, settled_at: expect.any(Date) },
      ]);
    });
  });

  describe('The settlement of a question', () => {
    it('is accepted where nobody was first, and as often as it is asked again', async () => {
      const { journal, worker } = await rig.journal();
      const executionId = await rig.running(worker);
      await settle(journal, opening(executionId, 1, aQuestion));
      expect(await settle(journal, settlement(executionId, 1))).toEqual([true]);
      expect(await settle(journal, settlement(executionId, 1))).toEqual([true]);
      expect(await outcomes(executionId)).toEqual(['timed_out']);
      // From then on no answer comes.
      expect(await answer(executionId, 1)).toMatchObject({ isSettled: false });
      expect(await letters(executionId)).toEqual([]);
    });

    it('is declined where an answer was first, or there is no such question', async () => {
      const { journal, worker } = await rig.journal();
      const executionId = await rig.running(worker);
      await settle(journal, opening(executionId, 1, aQuestion), opening(executionId, 2, aQuestion));
      expect(await answer(executionId, 1)).toMatchObject({ isSettled: true });
      await rig.query(
        `UPDATE durable.pending_inputs SET outcome = 'withdrawn' WHERE execution_id = $1 AND seq = 2`,
        [executionId],
      );
      for (const seq of [1, 2, 3])
        expect(await settle(journal, settlement(executionId, seq))).toEqual([false]);
      expect(await outcomes(executionId)).toEqual(['answered', 'withdrawn']);
    });

    it('of each of several questions of one execution is told for itself', async () => {
      const { journal, worker } = await rig.journal();
      const [executionId, other] = [await rig.running(worker), await rig.running(worker)];
      for (const id of [executionId, other]) {
        await settle(journal, ...[1, 2, 3, 12].map((seq) => opening(id, seq, aQuestion)));
      }
      await answer(executionId, 2);
      await answer(other, 1);
      const before = await rig.flushNo(worker);
      expect(
        await settle(
          journal,
          settlement(executionId, 1),
          settlement(executionId, 2),
          settlement(executionId, 12),
          settlement(other, 1),
          settlement(other, 2),
        ),
      ).toEqual([true, false, true, false, true]);
      expect(await rig.flushNo(worker)).toBe(before + 1);
      expect(await outcomes(executionId)).toEqual(['timed_out', 'answered', null, 'timed_out']);
    });

    it('may share a flush with the opening', async () => {
      const { journal, worker } = await rig.journal();
      const executionId = await rig.running(worker);
      expect(await settle(journal, opening(executionId, 1, aQuestion), settlement(executionId, 1))).toEqual([
        true,
        true,
      ]);
      expect(await outcomes(executionId)).toEqual(['timed_out']);
    });

    it('whose answer is lost is told as declined where it was stored: asked again, it says how it is', async () => {
      const { journal, worker, connection } = await rig.journal();
      const executionId = await rig.running(worker);
      await settle(journal, opening(executionId, 1, aQuestion), opening(executionId, 2, aQuestion));
      await answer(executionId, 2);
      const both = (): SettlementRecord[] => [settlement(executionId, 1), settlement(executionId, 2)];
      loseAnswer(connection);
      expect(await settle(journal, ...both())).toEqual([false, false]);
      expect(await outcomes(executionId)).toEqual(['timed_out', 'answered']);
      expect(await settle(journal, ...both())).toEqual([true, false]);
    });

    it('and an answer at the same moment: one of the two, every time', async () => {
      const { journal, worker } = await rig.journal();
      const executionId = await rig.running(worker);
      const seqs = Array.from({ length: 60 }, (_, n) => n + 1);
      await settle(journal, ...seqs.map((seq) => opening(executionId, seq, aQuestion)));
      const won = { time: 0, person: 0 };
      for (const seq of seqs) {
        const first = seq % 2 === 0;
        const answering = first ? answer(executionId, seq) : undefined;
        const timing = settle(journal, settlement(executionId, seq));
        const given = await (answering ?? answer(executionId, seq));
        const [accepted] = await timing;
        expect(accepted).toBe(given?.isSettled === false);
        won[accepted === true ? 'time' : 'person'] += 1;
      }
      const sent = await letters(executionId);
      expect(sent).toHaveLength(won.person);
      expect((await outcomes(executionId)).filter((outcome) => outcome === 'timed_out')).toHaveLength(
        won.time,
      );
    });

    it('waits for an answer that is under way without holding up anybody else', async () => {
      const { journal, worker } = await rig.journal();
      const [executionId, other] = [await rig.running(worker), await rig.running(worker)];
      await settle(journal, opening(executionId, 1, aQuestion), opening(other, 1, aQuestion));
      const stranger = await rig.transaction([
        `UPDATE durable.pending_inputs SET outcome = 'answered' WHERE execution_id = $1`,
        [executionId],
      ]);
      try {
        const verdicts = new Verdicts();
        journal.append({ ...settlement(executionId, 1), watcher: verdicts.watcher('held') });
        journal.append({ ...settlement(other, 1), watcher: verdicts.watcher('other') });
        journal.append(line({ executionId: other, seq: 2, watcher: verdicts.watcher('line') }));
        await verdicts.toldTo('other', 'line');
        expect(verdicts.of('other')).toEqual(['stored']);
        expect(verdicts.of('held')).toEqual([]);
        await stranger.query('COMMIT');
        await verdicts.toldTo('held');
        expect(verdicts.of('held')).toEqual(['declined']);
      } finally {
        await stranger.end();
      }
    });
  });

  describe('The end of an execution', () => {
    it('takes the waits that are open out of sight, where it is accepted', async () => {
      const { journal, worker } = await rig.journal();
      const [ended, other, gone] = await Promise.all([1, 2, 3].map(() => rig.running(worker)));
      for (const id of [ended, other, gone] as string[]) {
        await settle(journal, opening(id, 1, anEvent), opening(id, 2, aQuestion), opening(id, 3, aQuestion));
        await answer(id, 3);
      }
      expect(
        await settle(
          journal,
          ending({ executionId: ended ?? '', closesWaits: true }),
          // Somebody else has it by now.
          ending({ executionId: gone ?? '', epoch: 7, closesWaits: true }),
        ),
      ).toEqual([true, false]);
      expect(await events(ended ?? '')).toEqual([]);
      expect(await outcomes(ended ?? '')).toEqual(['withdrawn', 'answered']);
      for (const id of [other, gone] as string[]) {
        expect(await events(id)).toHaveLength(1);
        expect(await outcomes(id)).toEqual([null, 'answered']);
      }
    });

    it('takes those that were opened in the same flush, too', async () => {
      const { journal, worker } = await rig.journal();
      const executionId = await rig.running(worker);
      await settle(
        journal,
        opening(executionId, 1, anEvent),
        opening(executionId, 2, aQuestion),
        ending({ executionId, outcome: 'failed', error: '{}', closesWaits: true }),
      );
      expect(await events(executionId)).toEqual([]);
      expect(await outcomes(executionId)).toEqual(['withdrawn']);
    });
  });

  describe('The beginning of a compensation', () => {
    it('takes the waits that are open out of sight; what it comes to leaves them', async () => {
      const { journal, worker } = await rig.journal();
      const executionId = await rig.running(worker);
      await settle(journal, opening(executionId, 1, anEvent), opening(executionId, 2, aQuestion));
      await settle(journal, compensation({ executionId, results: '[]' }));
      expect(await events(executionId)).toHaveLength(1);
      await settle(journal, compensation({ executionId }));
      expect(await events(executionId)).toEqual([]);
      expect(await outcomes(executionId)).toEqual(['withdrawn']);
      // Those of the undoing are open.
      await settle(journal, opening(executionId, 3, anEvent), opening(executionId, 4, aQuestion));
      expect(await events(executionId)).toHaveLength(1);
      expect(await outcomes(executionId)).toEqual(['withdrawn', null]);
      await settle(journal, ending({ executionId, outcome: 'compensated', error: '{}', closesWaits: true }));
      expect(await events(executionId)).toEqual([]);
      expect(await outcomes(executionId)).toEqual(['withdrawn', 'withdrawn']);
    });
  });

  describe('What the database does not take', () => {
    it.each<[string, (id: string) => HistoryRecord]>([
      ['NUL in the name of an event', (id) => opening(id, 1, { ...anEvent, names: ['ok', 'a\0b'] })],
      ['NUL in a scope', (id) => opening(id, 1, { ...anEvent, broadcast: 'a', scope: 'a\0' })],
      ['NUL in the name of a question', (id) => opening(id, 1, { ...aQuestion, name: 'a\0' })],
      ['NUL in an assignee', (id) => opening(id, 1, { ...aQuestion, assignees: ['a\0'] })],
      ['a question that is no JSON', (id) => opening(id, 1, { ...aQuestion, question: '{"half":' })],
      ['metadata that is no JSON', (id) => opening(id, 1, { ...aQuestion, metadata: 'no' })],
      ['a time that no column holds', (id) => opening(id, 1, anEvent, { dueAt: 1e17 })],
      [
        'a number of a letter that is none',
        (id) => closing(id, 1, { closes: 'events', openedSeq: 1, takes: ['1e30'] }),
      ],
    ])('%s is refused with its execution, and harms nobody else', async (_, poison) => {
      const { journal, worker } = await rig.journal();
      const [bad, good] = [await rig.running(worker), await rig.running(worker)];
      await settle(journal, opening(good, 1, aQuestion));
      expect(
        await settle(
          journal,
          opening(good, 2, anEvent),
          poison(bad),
          line({ executionId: bad, seq: 2 }),
          settlement(good, 1),
          closing(good, 3, { closes: 'events', openedSeq: 2 }),
          opening(good, 4, aQuestion),
        ),
      ).toEqual([true, expect.any(RecordRefused), expect.any(RecordRefused), true, true, true]);
      expect(await rig.seqs(bad)).toEqual([]);
      expect(await events(bad)).toEqual([]);
      expect(await inputs(bad)).toEqual([]);
      expect(await rig.seqs(good)).toEqual([1, 2, 3, 4]);
      expect(await outcomes(good)).toEqual(['timed_out', null]);
    });
  });
});

/** Stores the next flush, and loses the connection before its answer has come. */
function loseAnswer(connection: LaneConnection): void {
  const send = connection.send.bind(connection);
  connection.send = async (statements) => {
    connection.send = send;
    await send(statements);
    connection.drop(new Error('The cable was pulled.'));
    throw new Error('The cable was pulled.');
  };
}
