import type { EventWaitKind } from '../entities/pending-event.entity.js';
import { SqlParameters, where } from './listing-criteria.js';
import { milliseconds } from './milliseconds.js';
import type { Query } from './query.js';

/** A place in a listing of waits: the wait of an execution that it is after. */
export interface WaitPosition {
  readonly executionId: string;
  readonly seq: number;
}

/** What a listing of open waits asks for. */
export interface PendingCriteria {
  readonly workflow?: string | undefined;
  readonly executionId?: string | undefined;
  /** Of the line that opened it, together with the execution. */
  readonly seq?: number | undefined;
  /** The name of the question, or of an event that ends the wait. */
  readonly name?: string | undefined;
  readonly dueBefore?: Date | undefined;
  readonly after?: WaitPosition | undefined;
}

interface StoredPending {
  readonly executionId: string;
  readonly seq: number;
  readonly workflow: string;
  readonly path: string;
  readonly openedAt: number;
  readonly dueAt: number | null;
}

export interface StoredPendingInput extends StoredPending {
  readonly name: string;
  readonly question: string;
  readonly metadata: string | null;
  readonly assignees: readonly string[];
}

export interface StoredPendingEvent extends StoredPending {
  readonly kind: EventWaitKind;
  readonly names: readonly string[];
  readonly scope: string | null;
}

const COLUMNS = `p.execution_id AS "executionId", p.seq, p.workflow, p.path,
  ${milliseconds('p.opened_at')} AS "openedAt", ${milliseconds('p.due_at')} AS "dueAt"`;

/**
 * Open questions, those of the oldest executions first. Without a filter, or by workflow, along an index in this
 * order; by assignee or due time from the index on that, then sorted.
 */
export function pendingInputs(
  query: Query,
  schema: string,
  { assignee, ...criteria }: PendingCriteria & { readonly assignee?: string | undefined },
  limit: number,
): Promise<StoredPendingInput[]> {
  const parameters = new SqlParameters();
  const conditions = ['p.outcome IS NULL', ...conditionsOf(criteria, parameters)];
  if (criteria.name !== undefined) conditions.push(`p.name = ${parameters.add(criteria.name)}`);
  if (assignee !== undefined) conditions.push(`p.assignees @> ARRAY[${parameters.add(assignee)}::text]`);
  return query<StoredPendingInput>(
    `SELECT ${COLUMNS}, p.name, p.question::text AS question, p.metadata::text AS metadata, p.assignees
     FROM ${schema}.pending_inputs p ${where(conditions)}
     ORDER BY p.execution_id, p.seq LIMIT ${parameters.add(limit)}`,
    parameters.values,
  );
}

/** Open waits for events, those of the oldest executions first. Access as for questions; by name, the GIN index. */
export function pendingEvents(
  query: Query,
  schema: string,
  criteria: PendingCriteria,
  limit: number,
): Promise<StoredPendingEvent[]> {
  const parameters = new SqlParameters();
  const conditions = conditionsOf(criteria, parameters);
  if (criteria.name !== undefined)
    conditions.push(`p.names @> ARRAY[${parameters.add(criteria.name)}::text]`);
  return query<StoredPendingEvent>(
    `SELECT ${COLUMNS}, p.kind, p.names, p.scope FROM ${schema}.pending_events p ${where(conditions)}
     ORDER BY p.execution_id, p.seq LIMIT ${parameters.add(limit)}`,
    parameters.values,
  );
}

function conditionsOf(
  { workflow, executionId, seq, dueBefore, after }: PendingCriteria,
  parameters: SqlParameters,
): string[] {
  // What is over, but not noticed yet by its execution, nobody can end any more.
  const conditions = ['(p.due_at IS NULL OR p.due_at > now())'];
  if (seq !== undefined) conditions.push(`p.seq = ${parameters.add(seq)}::int`);
  if (workflow !== undefined) conditions.push(`p.workflow = ${parameters.add(workflow)}`);
  if (executionId !== undefined) conditions.push(`p.execution_id = ${parameters.add(executionId)}::uuid`);
  if (dueBefore !== undefined) conditions.push(`p.due_at < ${parameters.add(dueBefore)}`);
  if (after !== undefined) {
    conditions.push(
      `(p.execution_id, p.seq) > (${parameters.add(after.executionId)}::uuid, ${parameters.add(after.seq)}::int)`,
    );
  }
  return conditions;
}
