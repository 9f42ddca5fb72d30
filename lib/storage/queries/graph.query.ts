import type { StoredLine } from './history.query.js';
import type { Query } from './query.js';

/** A line of history as far as a graph shows it. */
export type StoredGraphLine = Omit<StoredLine, 'executionId' | 'hash' | 'dueAt'>;

/**
 * The history of one execution without what its steps returned, which is most of it. Only what says where the
 * execution went on is read, and of errors their first words. `step_executions` by primary key.
 */
export function graphLinesOf(query: Query, schema: string, id: string): Promise<StoredGraphLine[]> {
  return query<StoredGraphLine>(
    `SELECT seq, path, kind, attempt, outcome,
       (extract(epoch FROM started_at) * 1000)::float8 AS "startedAt",
       (extract(epoch FROM ended_at) * 1000)::float8 AS "endedAt",
       CASE WHEN kind IN ('branch', 'while', 'foreach', 'decision', 'parallel') THEN output::text END AS output,
       left(error->>'message', 300) AS error
     FROM ${schema}.step_executions WHERE execution_id = $1 ORDER BY seq`,
    [id],
  );
}
