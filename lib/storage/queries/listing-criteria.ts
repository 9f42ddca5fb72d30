import type { ExecutionOutcome } from '../entities/workflow-execution.entity.js';
import { livingStatusSql, type LivingStatus } from '../living-status.js';

/** What a listing asks of every execution in it, whatever its status. */
export interface ListingCriteria {
  readonly workflow?: string | undefined;
  readonly queue?: string | undefined;
  /** A step's name as it stands in paths, anywhere in them. */
  readonly step?: string | undefined;
  /** A JSON object that the attributes contain. */
  readonly attributes?: string | undefined;
  readonly parentId?: string | undefined;
  /** The smallest id wanted. */
  readonly from?: string | undefined;
  /** The smallest id not wanted any more: a time, or where the previous page ended. */
  readonly below?: string | undefined;
}

/** Where the executions of a status are found. */
export type ListingSource =
  | { readonly kind: 'any' }
  | { readonly kind: 'ended'; readonly outcome: ExecutionOutcome }
  | { readonly kind: 'living'; readonly statuses: readonly LivingStatus[] };

export type EndedOrAny = Exclude<ListingSource, { readonly kind: 'living' }>;

/** The values of a statement, numbered in the order in which it names them. */
export class SqlParameters {
  readonly values: unknown[] = [];

  add(value: unknown): string {
    return `$${this.values.push(value)}`;
  }
}

export const allCriteria = ['parentId', 'workflow', 'outcome', 'queue', 'attributes', 'step'] as const;

export type Criterion = (typeof allCriteria)[number];

/** The conditions over an execution `e`, those that are asked for. */
export function executionConditions(
  schema: string,
  criteria: ListingCriteria & { readonly outcome?: string | undefined },
  parameters: SqlParameters,
): Map<Criterion, string> {
  const { workflow, outcome, queue, step, attributes, parentId } = criteria;
  const conditions = new Map<Criterion, string>();
  if (workflow !== undefined) conditions.set('workflow', `e.workflow = ${parameters.add(workflow)}`);
  if (outcome !== undefined) conditions.set('outcome', `e.outcome = ${parameters.add(outcome)}`);
  if (queue !== undefined) conditions.set('queue', `e.queue = ${parameters.add(queue)}`);
  if (parentId !== undefined) conditions.set('parentId', `e.parent_id = ${parameters.add(parentId)}::uuid`);
  if (attributes !== undefined) {
    conditions.set('attributes', `e.attributes @> ${parameters.add(attributes)}::jsonb`);
  }
  if (step !== undefined) {
    // What was recorded inside a step tells of the step, too: its own line comes last. Names in paths have no `/`
    // and no `#` of their own, so `/name/` and `/name#` are this name and no other.
    const name = `'/' || ${parameters.add(step)}::text`;
    conditions.set(
      'step',
      `EXISTS (SELECT 1 FROM ${schema}.step_executions s WHERE s.execution_id = e.id
         AND (strpos('/' || s.path || '/', ${name} || '/') > 0 OR strpos('/' || s.path, ${name} || '#') > 0))`,
    );
  }
  return conditions;
}

/** The conditions over a queue row `q`, and over its execution `e` where the queue row does not know. */
export function livingConditions(
  schema: string,
  criteria: ListingCriteria,
  statuses: readonly LivingStatus[],
  parameters: SqlParameters,
): string[] {
  const { workflow, queue, ...others } = criteria;
  const conditions = [
    `(${statuses.map((status) => livingStatusSql[status]).join(' OR ')})`,
    ...rangeConditions('q.id', criteria, parameters),
  ];
  if (workflow !== undefined) {
    const name = parameters.add(workflow);
    conditions.push(
      `q.kind = ANY(ARRAY(SELECT k.id FROM ${schema}.workflow_kinds k WHERE k.workflow = ${name}))`,
    );
  }
  if (queue !== undefined) {
    conditions.push(
      `q.queue = (SELECT u.id FROM ${schema}.queues u WHERE u.name = ${parameters.add(queue)})`,
    );
  }
  return [...conditions, ...executionConditions(schema, others, parameters).values()];
}

export function rangeConditions(
  column: string,
  { from, below }: ListingCriteria,
  parameters: SqlParameters,
): string[] {
  const conditions: string[] = [];
  if (from !== undefined) conditions.push(`${column} >= ${parameters.add(from)}::uuid`);
  if (below !== undefined) conditions.push(`${column} < ${parameters.add(below)}::uuid`);
  return conditions;
}

/** `WHERE …`, or nothing. */
export function where(conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : `WHERE ${conditions.join('\n AND ')}`;
}
