import type { ExecutionOutcome } from '../entities/workflow-execution.entity.js';
import type { Query } from './query.js';

/** What `result()` needs of an execution that has ended; values still serialized. */
export interface StoredEnding {
  readonly executionId: string;
  readonly outcome: ExecutionOutcome;
  readonly output: string | null;
  readonly error: string | null;
  readonly retriedAs: string | null;
}

/** Those of the executions that have ended. By primary key. */
export function endingsOf(query: Query, schema: string, ids: readonly string[]): Promise<StoredEnding[]> {
  return query<StoredEnding>(
    `SELECT id AS "executionId", outcome, output::text AS output, error::text AS error, retried_as AS "retriedAs"
     FROM ${schema}.workflow_executions WHERE id = ANY($1::uuid[]) AND outcome IS NOT NULL`,
    [ids],
  );
}

export interface StoredIdentity {
  readonly id: string;
  readonly workflow: string;
}

export async function findById(
  query: Query,
  schema: string,
  id: string,
): Promise<StoredIdentity | undefined> {
  const rows = await query<StoredIdentity>(
    `SELECT id, workflow FROM ${schema}.workflow_executions WHERE id = $1`,
    [id],
  );
  return rows[0];
}

/** What a new execution takes over from one that it is to repeat; values still serialized. */
export interface StoredStart {
  readonly workflow: string;
  readonly version: number;
  readonly queue: string;
  readonly priority: number;
  readonly input: string | null;
  readonly attributes: string | null;
  readonly timeout: number | null;
  readonly outcome: ExecutionOutcome | null;
}

export async function startOf(query: Query, schema: string, id: string): Promise<StoredStart | undefined> {
  const rows = await query<StoredStart>(
    `SELECT workflow, version, queue, priority, input::text AS input, attributes::text AS attributes,
       timeout_ms::float8 AS timeout, outcome
     FROM ${schema}.workflow_executions WHERE id = $1`,
    [id],
  );
  return rows[0];
}
