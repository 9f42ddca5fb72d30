import type { EntityManager } from 'typeorm';
import { CancelRequest, QueueState, rankNowSql } from '../queue-state.js';
import { closeWaitsOf } from './input.queries.js';
import { queryOf } from './query.js';

export interface Cancellation {
  readonly id: string;
  readonly reason: string | null;
  /** Whether what it did is to be undone. */
  readonly compensate: boolean;
  /** What ends it where nobody has to be asked; serialized. */
  readonly error: string;
}

/**
 * Nobody ran it, so it is over now; or its owner was asked to end it; or it is being undone already. Where nobody
 * runs it and what it did is to be undone, it lies ready again in the queue of this name: only a worker can undo.
 */
export type CancelOutcome = 'ended' | 'requested' | 'compensating' | { readonly woken: string };

interface QueueRow {
  readonly owner: string | null;
  readonly epoch: number;
  readonly cancel: number;
  readonly compensating: boolean;
  readonly startedAt: Date | null;
  readonly queue: string;
}

/**
 * Ends a living execution that nobody runs, or asks its owner to, or the next one. Undefined where it does not live.
 *
 * The queue row is locked first, as in every statement that ends an execution, so the two never wait for each
 * other crosswise. Raising `signals` makes a suspension that is on its way notice. Everything by primary key.
 */
export async function cancelExecution(
  manager: EntityManager,
  schema: string,
  cancellation: Cancellation,
): Promise<CancelOutcome | undefined> {
  const { id, compensate } = cancellation;
  const rows = (await manager.query(
    `SELECT q.worker::text AS owner, q.epoch, q.cancel, q.compensating, q.started_at AS "startedAt",
       (SELECT e.queue FROM ${schema}.workflow_executions e WHERE e.id = q.id) AS queue
     FROM ${schema}.workflow_queue q WHERE q.id = $1 FOR UPDATE`,
    [id],
  )) as QueueRow[];
  const row = rows[0];
  if (row === undefined) return undefined;
  if (row.compensating) return 'compensating';
  if (row.owner !== null) return await request(manager, schema, cancellation, row);
  // Somebody may have asked for the undoing before: who asks for less does not take it back.
  const mustUndo = compensate || row.cancel === CancelRequest.compensate;
  if (!mustUndo || row.epoch === 0) return await end(manager, schema, cancellation, row.startedAt);
  await wake(manager, schema, cancellation, row);
  return { woken: row.queue };
}

async function request(
  manager: EntityManager,
  schema: string,
  { id, reason, compensate }: Cancellation,
  row: QueueRow,
): Promise<'requested'> {
  await manager.query(
    `UPDATE ${schema}.workflow_queue SET cancel = greatest(cancel, $2::smallint), signals = signals + 1
     WHERE id = $1`,
    [id, compensate ? CancelRequest.compensate : CancelRequest.end],
  );
  // The owner acts on the first request, and ends it with the reason of that.
  if (row.cancel === CancelRequest.none) await storeReason(manager, schema, id, reason);
  return 'requested';
}

async function wake(
  manager: EntityManager,
  schema: string,
  { id, reason }: Cancellation,
  row: QueueRow,
): Promise<void> {
  await manager.query(
    `UPDATE ${schema}.workflow_queue
     SET cancel = ${CancelRequest.compensate}, signals = signals + 1, state = ${QueueState.ready}, due_at = NULL,
       rank = ${rankNowSql('priority')}
     WHERE id = $1`,
    [id],
  );
  if (row.cancel === CancelRequest.none) await storeReason(manager, schema, id, reason);
}

async function end(
  manager: EntityManager,
  schema: string,
  { id, reason, error }: Cancellation,
  startedAt: Date | null,
): Promise<'ended'> {
  await manager.query(`DELETE FROM ${schema}.workflow_queue WHERE id = $1`, [id]);
  await manager.query(
    `UPDATE ${schema}.workflow_executions
     SET outcome = 'cancelled', error = $2, cancel_reason = $3, started_at = $4, completed_at = now()
     WHERE id = $1`,
    [id, error, reason, startedAt],
  );
  await closeWaitsOf(queryOf(manager), schema, [id]);
  return 'ended';
}

async function storeReason(
  manager: EntityManager,
  schema: string,
  id: string,
  reason: string | null,
): Promise<void> {
  await manager.query(`UPDATE ${schema}.workflow_executions SET cancel_reason = $2 WHERE id = $1`, [
    id,
    reason,
  ]);
}
