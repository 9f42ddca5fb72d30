import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { Batch } from '../../../lib/journal/batch.js';
import { FlushStatements } from '../../../lib/journal/flush-statements.js';
import type { JournalRecord } from '../../../lib/journal/records.js';
import type { Database } from '../../../lib/storage/database.js';
import { openDatabase } from '../../../lib/storage/open-database.js';
import * as broadcasts from '../../../lib/storage/queries/broadcast.queries.js';
import * as inputs from '../../../lib/storage/queries/input.queries.js';
import * as mailbox from '../../../lib/storage/queries/mailbox.queries.js';
import * as pending from '../../../lib/storage/queries/pending.queries.js';
import { compensation, ending, line } from '../../support/records.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { fillLargeTables, idOf } from './large-tables.js';
import { PlanExplorer } from './plan-explorer.js';
import { type RecordedQuery, statementsOf } from './recorded-query.js';

const schema = '"durable"';
const PAGE = 51;
const id = idOf(20_000);
const ids = Array.from({ length: 20 }, (_, place) => idOf(20_000 + place));

const queue = 'index workflow_queue id';
const executions = 'index workflow_executions id';
const letters = 'index workflow_events id';
const mail = 'index workflow_events execution_id, id';
const keys = 'index workflow_events execution_id, idempotency_key';
const eventWaits = 'index pending_events execution_id, seq';
const eventWorkflows = 'index pending_events workflow, execution_id, seq';
const eventDue = 'index pending_events due_at';
const eventNames = 'index pending_events names';
const listeners = 'index pending_events broadcast, scope';
const questions = 'index pending_inputs execution_id, seq';
const questionWorkflows = 'index pending_inputs workflow, execution_id, seq';
const questionDue = 'index pending_inputs due_at';
const assignees = 'index pending_inputs assignees';
const byName = 'index broadcasts name, scope';
const expiring = 'index broadcasts expires_at';

/** As an installation has them that has run for a while: most letters are taken, most questions settled. */
const FILL: readonly string[] = [
  `CREATE TEMP TABLE places AS SELECT id, row_number() OVER (ORDER BY id)::int AS n FROM durable.workflow_queue`,
  `INSERT INTO durable.workflow_events (execution_id, type, name, payload, idempotency_key, delivered, taken)
   SELECT p.id, 'event', 'event ' || k, '1', CASE WHEN n % 3 = 0 THEN 'key ' || k END,
     NOT (n % 4000 = 0), k < 3 AND n % 4000 > 0
   FROM places p, generate_series(1, 3) k`,
  `INSERT INTO durable.pending_events
     (execution_id, seq, workflow, path, kind, names, broadcast, scope, notified, opened_at, due_at)
   SELECT id, 1, 'workflow ' || 1 + n % 25, 'wait', CASE WHEN n % 20 = 0 THEN 'broadcast' ELSE 'event' END,
     CASE WHEN n % 20 = 0 THEN ARRAY['rates'] ELSE ARRAY['event ' || n % 1000, 'other ' || n % 500] END,
     CASE WHEN n % 20 = 0 THEN 'rates' END, CASE WHEN n % 20 = 0 THEN 'scope ' || n % 5000 END,
     n % 40 = 0, now() - n * interval '1 second', CASE WHEN n % 2 = 0 THEN now() + n * interval '1 minute' END
   FROM places`,
  `INSERT INTO durable.pending_inputs
     (execution_id, seq, workflow, path, name, question, assignees, opened_at, due_at, outcome, settled_at)
   SELECT id, k, 'workflow ' || 1 + n % 25, 'ask', 'manager', '{"type":"approval"}',
     ARRAY['person ' || n % 2000, 'group ' || n % 50], now() - n * interval '1 second',
     CASE WHEN n % 2 = 0 THEN now() + n * interval '1 minute' END,
     CASE WHEN k < 3 OR n % 2 = 0 THEN 'answered' END, CASE WHEN k < 3 OR n % 2 = 0 THEN now() END
   FROM places, generate_series(1, 3) k WHERE n % 2 = k % 2`,
  `INSERT INTO durable.broadcasts (name, scope, payload, announced, expires_at)
   SELECT 'rates', 'scope ' || n, '1', n % 5000 > 0,
     CASE WHEN n % 2 = 0 THEN now() + (n - 500) * interval '1 minute' END
   FROM generate_series(1, 100000) n`,
  'ANALYZE',
];

interface Case {
  readonly name: string;
  readonly send: (query: RecordedQuery['query']) => Promise<unknown>;
  readonly reads: readonly string[];
  /** Planned for the values at hand alone: they are not prepared, and their conditions differ. */
  readonly isListing?: true;
}

const wanted = (all: readonly string[]) => all.map((each) => ({ id: each, letters: true }));

const letter: mailbox.NewLetter = {
  executionId: id,
  type: 'event',
  name: 'event 1',
  payload: '1',
  waitSeq: null,
};
const event: mailbox.NewEvent = { executionId: id, name: 'event 1', payload: '1', idempotencyKey: 'key 1' };
const answered = { executionId: id, seq: 1, outcome: 'answered', by: 'ann', payload: '{}' } as const;
const rates: broadcasts.NewBroadcast = { name: 'rates', scope: 'scope 7', payload: '1', expiresIn: null };
const soon = new Date(Date.now() + 60_000);

const cases: readonly Case[] = [
  { name: 'sendLetter', send: (q) => mailbox.sendLetter(q, schema, letter), reads: [queue] },
  {
    name: 'writeEvent',
    send: (q) => mailbox.writeEvent(q, schema, event, { isOurs: true }),
    reads: [],
  },
  {
    name: "writeEvent in a caller's transaction",
    send: (q) => mailbox.writeEvent(q, schema, event, { isOurs: false }),
    reads: [],
  },
  { name: 'isEventKnown', send: (q) => mailbox.isEventKnown(q, schema, id, 'key 1'), reads: [keys] },
  {
    name: 'deliverEvents of some',
    send: (q) => mailbox.deliverEvents(q, schema, ['12000', '24000']),
    reads: [letters, queue],
  },
  {
    name: 'deliverEvents of all',
    send: (q) => mailbox.deliverEvents(q, schema),
    reads: [letters, queue],
  },
  { name: 'dropUndeliverable', send: (q) => mailbox.dropUndeliverable(q, schema), reads: [letters, queue] },
  { name: 'undelivered', send: (q) => mailbox.undelivered(q, schema), reads: [byName, letters] },
  {
    name: 'readMailboxes of one',
    send: (q) => mailbox.readMailboxes(q, schema, wanted([id])),
    reads: [mail, executions, queue],
  },
  {
    name: 'readMailboxes of many',
    send: (q) => mailbox.readMailboxes(q, schema, wanted(ids)),
    reads: [mail, executions, queue],
  },
  {
    name: 'readMailboxes for the signals alone',
    send: (q) => mailbox.readMailboxes(q, schema, [{ id, letters: false }]),
    reads: [mail, executions, queue],
  },
  {
    name: 'keepBroadcast',
    send: (q) => broadcasts.keepBroadcast(q, schema, rates, { isOurs: true }),
    reads: [],
  },
  {
    name: 'announceBroadcasts',
    send: (q) => broadcasts.announceBroadcasts(q, schema),
    reads: [byName, listeners, eventWaits, queue],
  },
  {
    name: 'closeAnnouncements',
    send: (q) => broadcasts.closeAnnouncements(q, schema),
    reads: [byName, listeners],
  },
  {
    name: 'broadcastsFor',
    send: (q) => broadcasts.broadcastsFor(q, schema, ids),
    reads: [byName, eventWaits],
  },
  {
    name: 'forgetExpiredBroadcasts',
    send: (q) => broadcasts.forgetExpiredBroadcasts(q, schema),
    reads: [byName, expiring, eventNames],
  },
  {
    name: 'inputsOf by name',
    send: (q) => inputs.inputsOf(q, schema, id, { name: 'manager' }),
    reads: [questions],
  },
  { name: 'inputsOf by seq', send: (q) => inputs.inputsOf(q, schema, id, { seq: 1 }), reads: [questions] },
  { name: 'settleInput', send: (q) => inputs.settleInput(q, schema, answered), reads: [queue, questions] },
  {
    name: 'closeWaitsOf',
    send: (q) => inputs.closeWaitsOf(q, schema, ids),
    reads: [eventWaits, questions],
  },
  {
    name: 'the open questions',
    send: (q) => pending.pendingInputs(q, schema, {}, PAGE),
    reads: [questions],
    isListing: true,
  },
  {
    name: 'the open questions after one',
    send: (q) => pending.pendingInputs(q, schema, { after: { executionId: idOf(50_000), seq: 1 } }, PAGE),
    reads: [questions],
    isListing: true,
  },
  {
    name: 'the open questions of a workflow',
    send: (q) => pending.pendingInputs(q, schema, { workflow: 'workflow 3' }, PAGE),
    reads: [questionWorkflows],
    isListing: true,
  },
  {
    name: 'the open questions of an execution',
    send: (q) => pending.pendingInputs(q, schema, { executionId: id }, PAGE),
    reads: [questions],
    isListing: true,
  },
  {
    name: 'the open questions to a person',
    send: (q) => pending.pendingInputs(q, schema, { assignee: 'person 7' }, PAGE),
    reads: [assignees],
    isListing: true,
  },
  {
    name: 'the open questions that are due soon',
    send: (q) => pending.pendingInputs(q, schema, { dueBefore: soon }, PAGE),
    reads: [questionDue],
    isListing: true,
  },
  {
    name: 'the open waits',
    send: (q) => pending.pendingEvents(q, schema, {}, PAGE),
    reads: [eventWaits],
    isListing: true,
  },
  {
    name: 'the open waits of a workflow after one',
    send: (q) =>
      pending.pendingEvents(
        q,
        schema,
        { workflow: 'workflow 3', after: { executionId: idOf(50_000), seq: 1 } },
        PAGE,
      ),
    reads: [eventWorkflows],
    isListing: true,
  },
  {
    name: 'the open waits of an execution for an event',
    send: (q) => pending.pendingEvents(q, schema, { executionId: id, name: 'event 1' }, PAGE),
    reads: [eventWaits],
    isListing: true,
  },
  {
    name: 'the open waits for an event',
    send: (q) => pending.pendingEvents(q, schema, { name: 'event 7' }, PAGE),
    reads: [eventNames],
    isListing: true,
  },
  {
    name: 'the open waits that are due soon',
    send: (q) => pending.pendingEvents(q, schema, { dueBefore: soon }, PAGE),
    reads: [eventDue],
    isListing: true,
  },
];

const anEvent = {
  table: 'events',
  workflow: 'order',
  kind: 'event',
  names: ['paid'],
  broadcast: null,
  scope: null,
} as const;
const aQuestion = {
  table: 'inputs',
  workflow: 'order',
  name: 'boss',
  question: '{}',
  metadata: null,
  assignees: ['ann'],
} as const;
const watcher = { durable: () => undefined, refused: () => undefined };

/** Some of each, as a busy flush has them. */
const records: readonly JournalRecord[] = Array.from({ length: 200 }, (_, place) =>
  idOf(20_000 + place),
).flatMap((executionId, place): JournalRecord[] => [
  line({ executionId, seq: 20, outcome: 'opened', wait: { opens: anEvent } }),
  line({ executionId, seq: 21, outcome: 'opened', wait: { opens: aQuestion } }),
  line({ executionId, seq: 22, wait: { closes: 'events', openedSeq: 1, takes: [`${60_000 + place}`] } }),
  line({ executionId, seq: 23, wait: { closes: 'inputs', openedSeq: 1, takes: [] } }),
  { type: 'settlement', executionId, openedSeq: 3, watcher },
  ending({ executionId, closesWaits: true }),
  compensation({ executionId }),
]);

const flushIndexes: Readonly<Record<string, readonly string[]>> = {
  durable_open_events: [],
  durable_open_inputs: [],
  durable_close_events: [eventWaits],
  durable_close_inputs: [questions],
  durable_close_waits: [eventWaits, questions, queue],
  durable_take: [letters],
  durable_settle: [questions],
};

/** A bitmap leads through the index, too. */
function reads(plan: readonly string[]): string[] {
  return [...new Set(plan.map((part) => part.replace('bitmap ', 'index ')))].sort();
}

describe('With a hundred thousand waits, and more letters, questions and broadcasts', () => {
  let test: TestDatabase;
  let database: Database;
  let client: Client;
  let explorer: PlanExplorer;

  beforeAll(async () => {
    test = await createTestDatabase();
    database = await openDatabase({ url: test.url });
    await fillLargeTables(database, { analyze: false });
    client = await database.connect('plans');
    for (const sql of FILL) await client.query(sql);
    explorer = new PlanExplorer(client);
  }, 120_000);

  afterAll(async () => {
    await client.end();
    await database.close();
    await test.drop();
  });

  it.each(cases)('$name: by index', async ({ send, reads: wanted, isListing }) => {
    const [sent, ...more] = await statementsOf(({ query }) => send(query));
    expect(more).toEqual([]);
    const { generic, natural } = await explorer.plansOf(sent ?? { text: '', values: [] });
    expect(reads(natural)).toEqual([...wanted].sort());
    if (isListing !== true) expect(reads(generic)).toEqual([...wanted].sort());
  });

  // Two indexes may be on the same columns, of other rows.
  it.each([
    ['deliverEvents of all', 'WHERE (NOT delivered)'],
    ['dropUndeliverable', 'WHERE (NOT delivered)'],
    ['undelivered', 'WHERE (NOT delivered)'],
    ['undelivered', 'WHERE (NOT announced)'],
    ['announceBroadcasts', 'WHERE (NOT announced)'],
    ['closeAnnouncements', 'WHERE (NOT announced)'],
    ['the open questions', '(execution_id, seq) WHERE (outcome IS NULL)'],
    ['the open questions after one', '(execution_id, seq) WHERE (outcome IS NULL)'],
  ])('%s: in the index on those alone %s', async (name, definition) => {
    const found = cases.find((each) => each.name === name);
    const [sent] = await statementsOf(({ query }) => found?.send(query) ?? Promise.resolve());
    const { rows } = await client.query(`EXPLAIN (FORMAT JSON) ${sent?.text}`, [...(sent?.values ?? [])]);
    const indexes = await client.query<{ name: string }>(
      `SELECT indexname AS name FROM pg_indexes WHERE schemaname = 'durable' AND indexdef LIKE '%' || $1`,
      [definition],
    );
    const [index] = indexes.rows.map((row) => row.name);
    expect(JSON.stringify(rows)).toContain(`"Index Name":"${index}"`);
  });

  it.each(Object.entries(flushIndexes))('%s, in a flush: by index', async (name, wanted) => {
    const { statements } = new FlushStatements(schema).compose(new Batch([...records], undefined), '1', 1);
    const bound = statements.find(({ statement }) => statement.name === name);
    if (bound === undefined) throw new Error(`No statement ${name} was sent.`);
    const plans = await explorer.plansOf({ text: bound.statement.text, values: bound.values });
    expect(reads(plans.generic)).toEqual([...wanted].sort());
    expect(reads(plans.natural)).toEqual([...wanted].sort());
  });
});
