import type { InputOutcome } from '../entities/pending-input.entity.js';
import { signalSql } from '../queue-state.js';
import { type Signalled, signalledColumns } from './mailbox.queries.js';
import { milliseconds } from './milliseconds.js';
import type { Query } from './query.js';

/** A question to people, as it stands; times in milliseconds, values still serialized. */
export interface StoredInput {
  readonly seq: number;
  readonly name: string;
  readonly question: string;
  readonly dueAt: number | null;
  readonly outcome: InputOutcome | null;
  readonly settledBy: string | null;
  readonly settledAt: number | null;
}

/**
 * The questions that an execution has asked under a name, or the one of a number. One whose time is up is as good as
 * timed out, whether or not its execution has noticed. By primary key.
 */
export function inputsOf(
  query: Query,
  schema: string,
  executionId: string,
  which: { readonly name: string } | { readonly seq: number },
): Promise<StoredInput[]> {
  const [column, value] = 'seq' in which ? ['seq', which.seq] : ['name', which.name];
  return query<StoredInput>(
    `SELECT seq, name, question::text AS question, ${milliseconds('due_at')} AS "dueAt",
       CASE WHEN outcome IS NULL AND due_at <= clock_timestamp() THEN 'timed_out' ELSE outcome END AS outcome,
       settled_by AS "settledBy", ${milliseconds('coalesce(settled_at, due_at)')} AS "settledAt"
     FROM ${schema}.pending_inputs WHERE execution_id = $1 AND ${column} = $2 ORDER BY seq`,
    [executionId, value],
  );
}

export interface Settlement {
  readonly executionId: string;
  readonly seq: number;
  readonly outcome: Extract<InputOutcome, 'answered' | 'cancelled'>;
  readonly by: string | null;
  /** What the execution is to hear; serialized. */
  readonly payload: string;
}

/**
 * Settles a question, if nobody else has, and tells its execution. Undefined where the execution does not live; else
 * whether it was this call that settled it.
 *
 * The queue row first, as in everything that locks both; then the question by compare-and-set on its outcome, and the
 * letter from what that changed. A call that comes too late has raised `signals` for nothing, which costs a look.
 */
export async function settleInput(
  query: Query,
  schema: string,
  { executionId, seq, outcome, by, payload }: Settlement,
): Promise<(Signalled & { readonly isSettled: boolean }) | undefined> {
  const rows = await query<Signalled & { isSettled: boolean }>(
    `WITH q AS (
       UPDATE ${schema}.workflow_queue q SET ${signalSql} WHERE q.id = $1 RETURNING q.id, q.queue, q.state
     ), settled AS (
       UPDATE ${schema}.pending_inputs p
       SET outcome = $3, settled_by = $4, settled_at = clock_timestamp()
       FROM q WHERE p.execution_id = q.id AND p.seq = $2 AND p.outcome IS NULL
         AND (p.due_at IS NULL OR p.due_at > clock_timestamp())
       RETURNING p.name
     ), sent AS (
       INSERT INTO ${schema}.workflow_events (execution_id, type, name, payload, wait_seq)
       SELECT $1, CASE $3 WHEN 'answered' THEN 'answer' ELSE 'cancelled' END, settled.name, $5::json, $2 FROM settled
     )
     SELECT ${signalledColumns}, EXISTS (SELECT FROM settled) AS "isSettled" FROM q`,
    [executionId, seq, outcome, by, payload],
  );
  return rows[0];
}

/**
 * Takes open waits out of sight: those of executions that are being undone, or have ended outside of a flush. Both
 * tables by the primary key's first column.
 */
export async function closeWaitsOf(
  query: Query,
  schema: string,
  executionIds: readonly string[],
): Promise<void> {
  await query(
    `WITH events AS (DELETE FROM ${schema}.pending_events WHERE execution_id = ANY($1::uuid[]))
     UPDATE ${schema}.pending_inputs SET outcome = 'withdrawn', settled_at = now()
     WHERE execution_id = ANY($1::uuid[]) AND outcome IS NULL`,
    [executionIds],
  );
}
