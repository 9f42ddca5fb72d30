import type { ExecutionOutcome } from '../entities/workflow-execution.entity.js';
import { milliseconds } from './milliseconds.js';
import type { StoredLine } from './history.query.js';
import type { Query } from './query.js';

/** An execution with its queue row, if it has one still; times in milliseconds, values still serialized. */
export interface StoredExecution {
  readonly id: string;
  readonly key: string | null;
  readonly workflow: string;
  readonly version: number;
  readonly queue: string;
  readonly priority: number;
  readonly input: string | null;
  readonly output: string | null;
  readonly error: string | null;
  readonly outcome: ExecutionOutcome | null;
  readonly cancelReason: string | null;
  readonly parentId: string | null;
  readonly originId: string | null;
  readonly retriedAs: string | null;
  readonly retryNo: number;
  readonly attributes: string | null;
  readonly progress: string | null;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly completedAt: number | null;
  readonly compensationResults: string | null;
  readonly compensatedAt: number | null;
  readonly state: number | null;
  readonly epoch: number | null;
  readonly cancel: number | null;
  readonly compensating: boolean | null;
  readonly dueAt: number | null;
  readonly deadlineAt: number | null;
  readonly worker: string | null;
  readonly lost: number | null;
}

/** The columns of a StoredExecution, over `workflow_executions e` and an outer joined `workflow_queue q`. */
export const executionColumns = `
  e.id, e.key, e.workflow, e.version, e.queue, e.priority, e.input::text AS input, e.output::text AS output,
  e.error::text AS error, e.outcome, e.cancel_reason AS "cancelReason", e.parent_id AS "parentId",
  e.origin_id AS "originId", e.retried_as AS "retriedAs", e.retry_no AS "retryNo",
  e.attributes::text AS attributes, e.progress::text AS progress, ${milliseconds('e.created_at')} AS "createdAt",
  ${milliseconds('coalesce(e.started_at, q.started_at)')} AS "startedAt",
  ${milliseconds('e.completed_at')} AS "completedAt", e.compensation_results::text AS "compensationResults",
  ${milliseconds('e.compensated_at')} AS "compensatedAt", q.state, q.epoch, q.cancel, q.compensating,
  ${milliseconds('q.due_at')} AS "dueAt", ${milliseconds('q.deadline_at')} AS "deadlineAt",
  q.worker::text AS worker, q.lost`;

/** One execution. Both tables by primary key, in one snapshot: it is in the queue, or it has an outcome. */
export async function findExecution(
  query: Query,
  schema: string,
  id: string,
): Promise<StoredExecution | undefined> {
  const rows = await query<StoredExecution>(
    `SELECT ${executionColumns} FROM ${schema}.workflow_executions e
     LEFT JOIN ${schema}.workflow_queue q ON q.id = e.id WHERE e.id = $1`,
    [id],
  );
  return rows[0];
}

export type StoredStanding = Pick<StoredExecution, 'outcome' | 'state' | 'epoch' | 'compensating'>;

/** Only what its status is made of. Both tables by primary key. */
export async function findStanding(
  query: Query,
  schema: string,
  id: string,
): Promise<StoredStanding | undefined> {
  const rows = await query<StoredStanding>(
    `SELECT e.outcome, q.state, q.epoch, q.compensating FROM ${schema}.workflow_executions e
     LEFT JOIN ${schema}.workflow_queue q ON q.id = e.id WHERE e.id = $1`,
    [id],
  );
  return rows[0];
}

/** A line of history as users see it: with the worker that wrote it. */
export type StoredStep = Omit<StoredLine, 'executionId' | 'hash'> & { readonly worker: string };

/** The history of one execution, in the order in which it happened. `step_executions` by primary key. */
export function stepsOf(query: Query, schema: string, id: string): Promise<StoredStep[]> {
  return query<StoredStep>(
    `SELECT seq, path, kind, attempt, outcome, ${milliseconds('started_at')} AS "startedAt",
       ${milliseconds('ended_at')} AS "endedAt", ${milliseconds('due_at')} AS "dueAt",
       output::text AS output, error::text AS error, worker::text AS worker
     FROM ${schema}.step_executions WHERE execution_id = $1 ORDER BY seq`,
    [id],
  );
}
