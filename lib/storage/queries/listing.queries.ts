import { executionColumns, type StoredExecution } from './execution.queries.js';
import {
  allCriteria,
  type Criterion,
  type EndedOrAny,
  executionConditions,
  type ListingCriteria,
  type ListingSource,
  livingConditions,
  rangeConditions,
  SqlParameters,
  where,
} from './listing-criteria.js';
import type { Query } from './query.js';

/** How many of the newest candidates are looked at one by one before all that match are looked for. */
export const WINDOW = 5_000;

interface Statement {
  readonly sql: string;
  readonly parameters: SqlParameters;
}

/**
 * The newest executions of one source that meet the criteria, at most `limit` of them.
 *
 * What an index holds in the order of ids is read from there until the page is full. Criteria that no such index
 * knows are asked of a window of the newest candidates first, which is nearly always enough; what matches too
 * seldom for that is gathered as a whole and then sorted. Left to choose by itself, the planner takes the walk for
 * both, and where the matches are old it walks past a million rows.
 */
export async function listExecutions(
  query: Query,
  schema: string,
  source: ListingSource,
  criteria: ListingCriteria,
  limit: number,
): Promise<StoredExecution[]> {
  const run = ({ sql, parameters }: Statement): Promise<StoredExecution[]> => query(sql, parameters.values);
  if (source.kind === 'living') return await run(livingPage(schema, source.statuses, criteria, limit));

  const { driven, rest } = accessPath(source, criteria);
  if (rest.length === 0) return await run(walk(schema, source, criteria, limit));
  const near = await run(window(schema, source, criteria, driven, limit));
  if (near.length === limit) return near;
  const below = near.at(-1)?.id ?? criteria.below;
  const far = await run(gather(schema, source, { ...criteria, below }, limit - near.length));
  return [...near, ...far];
}

/** What the indexes that end in the id begin with, the best first: what is asked beside it is the least. */
const paths: Readonly<Record<'completed' | 'other', readonly (readonly Criterion[])[]>> = {
  // Most executions of a workflow are completed, so its own index finds those soonest.
  completed: [['parentId'], ['workflow'], ['outcome']],
  // Any other outcome is rarer than the workflow, and has an index together with it.
  other: [['parentId'], ['workflow', 'outcome'], ['outcome'], ['workflow']],
};

/** The criteria that an index in the order of ids serves, and what they leave to ask. */
export function accessPath(
  source: EndedOrAny,
  criteria: ListingCriteria,
): { readonly driven: readonly Criterion[]; readonly rest: readonly Criterion[] } {
  const outcome = source.kind === 'ended' ? source.outcome : undefined;
  const all = { ...criteria, outcome };
  const asked = allCriteria.filter((criterion) => all[criterion] !== undefined);
  const path = paths[outcome === 'completed' ? 'completed' : 'other'].find((columns) =>
    columns.every((column) => asked.includes(column)),
  );
  const driven = path ?? [];
  return { driven, rest: asked.filter((criterion) => !driven.includes(criterion)) };
}

/**
 * Backwards along one of the indexes (parent_id, id), (workflow, id), (outcome, id) or the primary key, up to the
 * limit.
 */
function walk(schema: string, source: EndedOrAny, criteria: ListingCriteria, limit: number): Statement {
  const parameters = new SqlParameters();
  const conditions = [
    ...conditionsOf(schema, source, criteria, parameters).values(),
    ...rangeConditions('e.id', criteria, parameters),
  ];
  const page = `
    SELECT e.id FROM ${schema}.workflow_executions e ${where(conditions)}
    ORDER BY e.id DESC LIMIT ${parameters.add(limit)}`;
  return { sql: withExecutions(schema, page), parameters };
}

/** The same walk, to a fixed number of candidates; a step is looked up for each by the primary key. */
function window(
  schema: string,
  source: EndedOrAny,
  criteria: ListingCriteria,
  driven: readonly Criterion[],
  limit: number,
): Statement {
  const parameters = new SqlParameters();
  const all = conditionsOf(schema, source, criteria, parameters);
  const rest = [...all].filter(([criterion]) => !driven.includes(criterion));
  const conditions = [
    ...driven.flatMap((criterion) => all.get(criterion) ?? []),
    ...rangeConditions('e.id', criteria, parameters),
  ];
  const page = `
    SELECT e.id FROM (
      SELECT e.id, e.workflow, e.outcome, e.queue, e.attributes
      FROM ${schema}.workflow_executions e ${where(conditions)}
      ORDER BY e.id DESC LIMIT ${WINDOW}
    ) e ${where(rest.map(([criterion, condition]) => (criterion === 'step' ? asValue(condition) : condition)))}
    ORDER BY e.id DESC LIMIT ${parameters.add(limit)}`;
  return { sql: withExecutions(schema, page), parameters };
}

/** As a value rather than a condition, an EXISTS cannot be turned into a hash of the whole history. */
function asValue(condition: string): string {
  return `(SELECT ${condition} OFFSET 0)`;
}

/**
 * All that match, then the newest of them: by the GIN index of the attributes, by two indexes at once, or where
 * nothing else is left by a parallel scan. MATERIALIZED keeps the limit from tempting the planner into the walk.
 */
function gather(schema: string, source: EndedOrAny, criteria: ListingCriteria, limit: number): Statement {
  const parameters = new SqlParameters();
  const conditions = [
    ...conditionsOf(schema, source, criteria, parameters).values(),
    ...rangeConditions('e.id', criteria, parameters),
  ];
  const page = `
    WITH found AS MATERIALIZED (SELECT e.id FROM ${schema}.workflow_executions e ${where(conditions)})
    SELECT found.id FROM found ORDER BY found.id DESC LIMIT ${parameters.add(limit)}`;
  return { sql: withExecutions(schema, page), parameters };
}

/**
 * What is alive is in the queue, and only that: its primary key, or the index on the worker for what runs. The
 * executions are joined by primary key.
 */
function livingPage(
  schema: string,
  statuses: Extract<ListingSource, { readonly kind: 'living' }>['statuses'],
  criteria: ListingCriteria,
  limit: number,
): Statement {
  const parameters = new SqlParameters();
  const conditions = livingConditions(schema, criteria, statuses, parameters);
  const page = `
    SELECT q.id FROM ${schema}.workflow_queue q
    JOIN ${schema}.workflow_executions e ON e.id = q.id ${where(conditions)}
    ORDER BY q.id DESC LIMIT ${parameters.add(limit)}`;
  return { sql: withExecutions(schema, page), parameters };
}

function conditionsOf(
  schema: string,
  source: EndedOrAny,
  criteria: ListingCriteria,
  parameters: SqlParameters,
): Map<Criterion, string> {
  const outcome = source.kind === 'ended' ? source.outcome : undefined;
  return executionConditions(schema, { ...criteria, outcome }, parameters);
}

/** The executions of a page of ids, both tables by primary key. */
function withExecutions(schema: string, page: string): string {
  return `
    SELECT ${executionColumns}
    FROM (${page}) page
    JOIN ${schema}.workflow_executions e ON e.id = page.id
    LEFT JOIN ${schema}.workflow_queue q ON q.id = e.id
    ORDER BY e.id DESC`;
}
