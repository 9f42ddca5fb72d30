import type { HistoryLine } from '../history-line.js';
import { milliseconds } from './milliseconds.js';
import type { Query } from './query.js';

/** A line, with the execution that it is of. */
export interface StoredLine extends HistoryLine {
  readonly executionId: string;
}

/**
 * The histories of several executions at once, each in the order in which it happened. `step_executions` by
 * primary key. Payloads as text: they are parsed where they are delivered.
 */
export function historiesOf(query: Query, schema: string, ids: readonly string[]): Promise<StoredLine[]> {
  return query<StoredLine>(
    `SELECT execution_id AS "executionId", seq, path, kind, attempt, outcome,
       ${milliseconds('started_at')} AS "startedAt",
       ${milliseconds('ended_at')} AS "endedAt",
       ${milliseconds('due_at')} AS "dueAt",
       output::text AS output, error::text AS error, hash
     FROM ${schema}.step_executions WHERE execution_id = ANY($1::uuid[])
     ORDER BY execution_id, seq`,
    [ids],
  );
}
