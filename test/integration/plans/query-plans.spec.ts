import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import type { Database } from '../../../lib/storage/database.js';
import { openDatabase } from '../../../lib/storage/open-database.js';
import { cancelExecution } from '../../../lib/storage/queries/cancel.query.js';
import * as due from '../../../lib/storage/queries/due.queries.js';
import * as executions from '../../../lib/storage/queries/execution.queries.js';
import { graphLinesOf } from '../../../lib/storage/queries/graph.query.js';
import { historiesOf } from '../../../lib/storage/queries/history.query.js';
import * as owned from '../../../lib/storage/queries/owned.queries.js';
import * as results from '../../../lib/storage/queries/result.queries.js';
import { readMailboxes } from '../../../lib/storage/queries/mailbox.queries.js';
import * as starts from '../../../lib/storage/queries/start.query.js';
import * as transactional from '../../../lib/storage/queries/transactional.queries.js';
import * as workers from '../../../lib/storage/queries/workers.queries.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { fillLargeTables, idOf } from './large-tables.js';
import { PlanExplorer } from './plan-explorer.js';
import { type RecordedQuery, statementsOf } from './recorded-query.js';

const schema = '"durable"';
const id = idOf(5_000);
const ids = Array.from({ length: 10 }, (_, place) => idOf(5_000 + place));
const kinds = Array.from({ length: 20 }, (_, place) => 1 + place);
const written = {
  executionId: id,
  workerId: '1',
  seq: 50,
  path: 'pay',
  kind: 'step',
  attempt: 1,
  outcome: 'completed' as const,
  startedAt: 0,
  endedAt: 0,
  output: null,
  error: null,
  hash: null,
};
const execution: starts.NewExecution = {
  id: idOf(2_000_000),
  workflow: 'order',
  version: 1,
  kind: 1,
  queue: 'queue 1',
  queueId: 1,
  key: 'a key',
  priority: 0,
  input: null,
  attributes: null,
  createdAt: 0,
  dueAt: null,
  deadlineAt: null,
  expiresAt: null,
  timeout: null,
  originId: null,
};

const queueId = 'index workflow_queue id';
const executionId = 'index workflow_executions id';
const byWorker = 'index workflow_queue worker';
const line = 'index step_executions execution_id, seq';

interface Case {
  readonly name: string;
  readonly send: (recorded: RecordedQuery) => Promise<unknown>;
  readonly answers?: readonly (readonly object[])[];
  /** For each statement that is sent, what it reads of the large tables. */
  readonly reads: readonly (readonly string[])[];
}

const q = (send: (query: RecordedQuery['query']) => Promise<unknown>): Case['send'] => {
  return ({ query }) => send(query);
};

const cancel = (compensate: boolean): Case['send'] => {
  return ({ manager }) => cancelExecution(manager, schema, { id, reason: 'why', compensate, error: '{}' });
};

const cases: readonly Case[] = [
  {
    name: 'cancelExecution of one that nobody runs',
    send: cancel(false),
    answers: [[{ owner: null, epoch: 1, cancel: 0, compensating: false, startedAt: null, queue: 'queue 1' }]],
    reads: [[queueId, executionId], [queueId], [executionId], []],
  },
  {
    name: 'cancelExecution of one that a worker runs',
    send: cancel(true),
    answers: [[{ owner: '1', epoch: 1, cancel: 0, compensating: false, startedAt: null, queue: 'queue 1' }]],
    reads: [[queueId, executionId], [queueId], [executionId]],
  },
  {
    name: 'cancelExecution of one that has to be woken',
    send: cancel(true),
    answers: [[{ owner: null, epoch: 1, cancel: 0, compensating: false, startedAt: null, queue: 'queue 1' }]],
    reads: [[queueId, executionId], [queueId], [executionId]],
  },
  {
    name: 'cancelExecution of one that has not begun',
    send: cancel(true),
    answers: [[{ owner: null, epoch: 0, cancel: 0, compensating: false, startedAt: null, queue: 'queue 1' }]],
    reads: [[queueId, executionId], [queueId], [executionId], []],
  },
  {
    name: 'wakeDue',
    send: q((query) => due.wakeDue(query, schema)),
    reads: [['index workflow_queue due_at', queueId]],
  },
  {
    name: 'wakeOverdue',
    send: q((query) => due.wakeOverdue(query, schema)),
    reads: [['index workflow_queue deadline_at', queueId]],
  },
  {
    name: 'expiredExecutions',
    send: q((query) => due.expiredExecutions(query, schema)),
    reads: [['index workflow_queue expires_at']],
  },
  {
    name: 'nextDueIn',
    send: q((query) => due.nextDueIn(query, schema)),
    reads: [['index workflow_queue due_at']],
  },
  {
    name: 'overdueUnbegun',
    send: q((query) => due.overdueUnbegun(query, schema)),
    reads: [['index workflow_queue deadline_at', executionId]],
  },
  {
    name: 'findExecution',
    send: q((query) => executions.findExecution(query, schema, id)),
    reads: [[executionId, queueId]],
  },
  {
    name: 'findStanding',
    send: q((query) => executions.findStanding(query, schema, id)),
    reads: [[executionId, queueId]],
  },
  { name: 'stepsOf', send: q((query) => executions.stepsOf(query, schema, id)), reads: [[line]] },
  {
    name: 'graphLinesOf',
    send: q((query) => graphLinesOf(query, schema, id, { isPlainJson: true })),
    reads: [[line]],
  },
  { name: 'historiesOf', send: q((query) => historiesOf(query, schema, ids)), reads: [[line]] },
  {
    name: 'ownedBy',
    send: q((query) => owned.ownedBy(query, schema, '1')),
    reads: [[byWorker]],
  },
  {
    name: 'queuesWithSuspects',
    send: q((query) => owned.queuesWithSuspects(query, schema, 2, kinds)),
    reads: [['index workflow_queue lost']],
  },
  {
    name: 'unknownWorkflows',
    send: q((query) => owned.unknownWorkflows(query, schema, kinds)),
    reads: [['index workflow_queue queue, kind, rank']],
  },
  { name: 'endingsOf', send: q((query) => results.endingsOf(query, schema, ids)), reads: [[executionId]] },
  { name: 'findById', send: q((query) => results.findById(query, schema, id)), reads: [[executionId]] },
  { name: 'startOf', send: q((query) => results.startOf(query, schema, id)), reads: [[executionId]] },
  {
    name: 'readMailboxes',
    send: q((query) => readMailboxes(query, schema, [{ id, letters: true }])),
    reads: [[queueId, executionId]],
  },
  {
    name: 'insertExecutions',
    send: q((query) => starts.insertExecutions(query, schema, [execution], { isOurs: true })),
    reads: [[]],
  },
  {
    name: 'holderOfKey',
    send: q((query) => starts.holderOfKey(query, schema, 'workflow 3', 'key 8')),
    reads: [['index workflow_executions workflow, key']],
  },
  {
    name: 'insertLine',
    send: ({ manager }) => transactional.insertLine(manager, schema, written),
    reads: [[]],
  },
  {
    name: 'insertTombstone',
    send: q((query) => transactional.insertTombstone(query, schema, written)),
    reads: [[]],
  },
  {
    name: 'silentWorkers',
    send: q((query) => workers.silentWorkers(query, schema)),
    reads: [[byWorker]],
  },
  {
    name: 'freeExecutions',
    send: q((query) => workers.freeExecutions(query, schema, '1')),
    reads: [[byWorker, line]],
  },
  {
    name: 'forgetDeadWorkers',
    send: q((query) => workers.forgetDeadWorkers(query, schema)),
    reads: [[byWorker]],
  },
];

/**
 * Tables that have as many rows as there are processes or workflows may be read as they like. Those of waits are empty
 * here: `wait-plans.spec.ts` has them large.
 */
function ofLargeTables(plan: readonly string[]): string[] {
  const small =
    / of (workers|queues|workflow_kinds|workflow_events|pending_events|pending_inputs)$|index (workers|queues|workflow_kinds) /;
  const reads = plan.filter((part) => !small.test(part)).map((part) => part.replace('bitmap ', 'index '));
  return [...new Set(reads)].sort();
}

describe('With a hundred thousand executions in the queue, outside the journal', () => {
  let test: TestDatabase;
  let database: Database;
  let client: Client;
  let explorer: PlanExplorer;

  beforeAll(async () => {
    test = await createTestDatabase();
    database = await openDatabase({ url: test.url });
    await fillLargeTables(database);
    client = await database.connect('plans');
    explorer = new PlanExplorer(client);
  }, 120_000);

  afterAll(async () => {
    await client.end();
    await database.close();
    await test.drop();
  });

  it.each(cases)('$name reads by index', async ({ send, answers = [], reads }) => {
    const sent = await statementsOf(send, ...answers);
    const plans = [];
    for (const statement of sent) plans.push(await explorer.plansOf(statement));
    const wanted = reads.map((indexes) => [...indexes].sort());
    expect(plans.map(({ generic }) => ofLargeTables(generic))).toEqual(wanted);
    expect(plans.map(({ natural }) => ofLargeTables(natural))).toEqual(wanted);
  });
});
