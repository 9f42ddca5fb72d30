import { QueueState, rank } from '../queue-state.js';
import { type InTransaction, PATIENT_FOR_OTHERS } from './lock-timeout.js';
import type { Query } from './query.js';

/** A new execution as it is written on an ordinary connection; times in milliseconds. */
export interface NewExecution {
  readonly id: string;
  readonly workflow: string;
  readonly version: number;
  readonly kind: number;
  readonly queue: string;
  readonly queueId: number;
  readonly key: string | null;
  readonly priority: number;
  readonly input: string | null;
  readonly attributes: string | null;
  readonly createdAt: number;
  readonly dueAt: number | null;
  readonly deadlineAt: number | null;
  readonly expiresAt: number | null;
  readonly timeout: number | null;
  readonly originId: string | null;
}

/**
 * Inserts executions whose key is free, and returns the ids of those.
 *
 * The queue rows come from the RETURNING of the executions alone: a key whose execution has finished would
 * otherwise be brought back to life. A key that somebody's open transaction has taken makes this wait for
 * that transaction (unique index on workflow and key), which is why it never rides in a flush. Keys are
 * inserted in one order, so that two batches with the same keys do not wait for each other.
 *
 * @throws a lock time-out where the transaction is ours, and somebody else's holds a key
 */
export async function insertExecutions(
  query: Query,
  schema: string,
  executions: readonly NewExecution[],
  { isOurs }: InTransaction,
): Promise<Set<string>> {
  const rows = await query<{ id: string }>(
    `WITH wanted AS (
       SELECT * FROM json_to_recordset($1::json) AS d(
         id uuid, workflow text, version int, kind int, queue text, queue_id int, key text, priority int,
         input text, attributes jsonb, created_at timestamptz, rank bigint, state int, due_at timestamptz,
         deadline_at timestamptz, expires_at timestamptz, timeout_ms bigint, origin_id uuid)
     ), started AS (
       INSERT INTO ${schema}.workflow_executions
         (id, key, workflow, version, queue, priority, input, attributes, created_at, timeout_ms, origin_id)
       SELECT id, key, workflow, version, queue, priority, input::json, attributes, created_at, timeout_ms, origin_id
       FROM wanted ${isOurs ? `WHERE ${PATIENT_FOR_OTHERS}` : ''} ORDER BY key
       ON CONFLICT (workflow, key) WHERE key IS NOT NULL DO NOTHING
       RETURNING id
     ), queued AS (
       INSERT INTO ${schema}.workflow_queue
         (id, kind, queue, rank, state, priority, due_at, deadline_at, expires_at)
       SELECT w.id, w.kind, w.queue_id, w.rank, w.state, w.priority, w.due_at, w.deadline_at, w.expires_at
       FROM wanted w JOIN started s ON s.id = w.id
     )
     SELECT id FROM started`,
    [`[${executions.map(rowOf).join(',')}]`],
  );
  return new Set(rows.map((row) => row.id));
}

/** Who has a key already. By the unique index on workflow and key. */
export async function holderOfKey(
  query: Query,
  schema: string,
  workflow: string,
  key: string,
): Promise<{ readonly id: string; readonly input: string | null } | undefined> {
  const rows = await query<{ id: string; input: string | null }>(
    `SELECT id, input::text AS input FROM ${schema}.workflow_executions WHERE workflow = $1 AND key = $2`,
    [workflow, key],
  );
  return rows[0];
}

/** The input travels as a text in a text: a bare JSON null would arrive as no input at all. */
function rowOf(execution: NewExecution): string {
  const { attributes, dueAt, createdAt, priority } = execution;
  const facts = JSON.stringify({
    id: execution.id,
    workflow: execution.workflow,
    version: execution.version,
    kind: execution.kind,
    queue: execution.queue,
    queue_id: execution.queueId,
    key: execution.key,
    priority,
    created_at: instant(createdAt),
    rank: rank(dueAt ?? createdAt, priority),
    state: dueAt === null ? QueueState.ready : QueueState.waiting,
    due_at: instant(dueAt),
    deadline_at: instant(execution.deadlineAt),
    expires_at: instant(execution.expiresAt),
    timeout_ms: execution.timeout,
    origin_id: execution.originId,
    input: execution.input,
  });
  return `${facts.slice(0, -1)},"attributes":${attributes ?? 'null'}}`;
}

function instant(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}
