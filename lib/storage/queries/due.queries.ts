import { QueueState, rankNowSql } from '../queue-state.js';
import type { Query } from './query.js';

const BATCH = 1_000;

/**
 * Makes ready what is due: sleepers whose time has come, starts for later, durable retries. By the index on
 * due_at of waiting rows, the earliest first; SKIP LOCKED, so that the wakers of several workers share the
 * work. Returns the queues that got some, with the count.
 */
export function wakeDue(query: Query, schema: string): Promise<{ queueId: number; count: number }[]> {
  return wake(
    query,
    schema,
    `SELECT id FROM ${schema}.workflow_queue
     WHERE state = ${QueueState.waiting} AND due_at <= now()
     ORDER BY due_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`,
  );
}

/**
 * Makes ready what waits beyond its deadline, so that somebody ends it. By the index on deadline_at. What is being
 * undone has no deadline any more.
 */
export function wakeOverdue(query: Query, schema: string): Promise<{ queueId: number; count: number }[]> {
  return wake(
    query,
    schema,
    `SELECT id FROM ${schema}.workflow_queue
     WHERE state = ${QueueState.waiting} AND deadline_at <= now()
     ORDER BY deadline_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`,
  );
}

/** Executions that were never begun and are not to be begun any more. By the index on expires_at. */
export async function expiredExecutions(query: Query, schema: string): Promise<string[]> {
  const rows = await query<{ id: string }>(
    `SELECT id FROM ${schema}.workflow_queue
     WHERE expires_at <= now() AND epoch = 0 ORDER BY expires_at LIMIT ${BATCH}`,
  );
  return rows.map((row) => row.id);
}

/** Milliseconds until the next waiting execution is due; undefined where none is. */
export async function nextDueIn(query: Query, schema: string): Promise<number | undefined> {
  const rows = await query<{ left: number | null }>(
    `SELECT (extract(epoch FROM min(due_at) - now()) * 1000)::float8 AS left FROM ${schema}.workflow_queue
     WHERE state = ${QueueState.waiting} AND due_at IS NOT NULL`,
  );
  return rows[0]?.left ?? undefined;
}

/**
 * Overdue executions that anybody may end, because they were never begun. One that was begun waits for a worker that
 * knows its workflow, however long: nobody else can undo what it did. By the index on deadline_at.
 */
export async function overdueUnbegun(
  query: Query,
  schema: string,
): Promise<{ id: string; timeout: number }[]> {
  return query<{ id: string; timeout: number }>(
    `SELECT q.id, e.timeout_ms::float8 AS timeout FROM ${schema}.workflow_queue q
     JOIN ${schema}.workflow_executions e ON e.id = q.id
     WHERE q.deadline_at <= now() AND q.epoch = 0
     ORDER BY q.deadline_at LIMIT ${BATCH}`,
  );
}

function wake(query: Query, schema: string, select: string): Promise<{ queueId: number; count: number }[]> {
  return query<{ queueId: number; count: number }>(
    `WITH woken AS (
       UPDATE ${schema}.workflow_queue q
       SET state = ${QueueState.ready}, due_at = NULL, rank = ${rankNowSql('q.priority')}
       WHERE q.id = ANY(ARRAY(${select}))
       RETURNING q.queue
     )
     SELECT queue AS "queueId", count(*)::int AS count FROM woken GROUP BY queue`,
  );
}
