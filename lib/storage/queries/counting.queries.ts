import {
  executionConditions,
  type ListingCriteria,
  type ListingSource,
  livingConditions,
  rangeConditions,
  SqlParameters,
  where,
} from './listing-criteria.js';
import type { Query } from './query.js';

/**
 * How many executions of these sources meet the criteria: exactly, in one snapshot.
 *
 * What is alive is counted in the queue. What has ended is counted in the index on outcome and id, what is of one
 * workflow in that of workflow and id, without a look at the table; other criteria read the rows that match.
 */
export async function countExecutions(
  query: Query,
  schema: string,
  sources: readonly ListingSource[],
  criteria: ListingCriteria,
): Promise<number> {
  const parameters = new SqlParameters();
  const counts = sources.map((source) => countSql(schema, source, criteria, parameters));
  const rows = await query<{ count: number }>(
    `SELECT (${counts.join(' + ')})::float8 AS count`,
    parameters.values,
  );
  return rows[0]?.count ?? 0;
}

function countSql(
  schema: string,
  source: ListingSource,
  criteria: ListingCriteria,
  parameters: SqlParameters,
): string {
  if (source.kind === 'living') {
    const conditions = livingConditions(schema, criteria, source.statuses, parameters);
    const { attributes, parentId, step } = criteria;
    const needsExecution = attributes !== undefined || parentId !== undefined || step !== undefined;
    const join = needsExecution ? `JOIN ${schema}.workflow_executions e ON e.id = q.id` : '';
    return `(SELECT count(*) FROM ${schema}.workflow_queue q ${join} ${where(conditions)})`;
  }
  const outcome = source.kind === 'ended' ? source.outcome : undefined;
  const conditions = [
    ...executionConditions(schema, { ...criteria, outcome }, parameters).values(),
    ...rangeConditions('e.id', criteria, parameters),
  ];
  return `(SELECT count(*) FROM ${schema}.workflow_executions e ${where(conditions)})`;
}
