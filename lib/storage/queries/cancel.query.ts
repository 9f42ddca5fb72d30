import type { EntityManager } from 'typeorm';

/** Nobody ran it, so it is over now; or its owner was asked to end it. */
export type CancelOutcome = 'ended' | 'requested';

/**
 * Ends a living execution that nobody runs, or asks its owner to. Undefined where it does not live.
 *
 * The queue row is locked first, as in every statement that ends an execution, so the two never wait for each
 * other crosswise. Raising `signals` makes a suspension that is on its way notice. Everything by primary key.
 */
export async function cancelExecution(
  manager: EntityManager,
  schema: string,
  { id, reason, error }: { readonly id: string; readonly reason: string | null; readonly error: string },
): Promise<CancelOutcome | undefined> {
  const rows = (await manager.query(
    `SELECT worker::text AS owner, started_at AS "startedAt"
     FROM ${schema}.workflow_queue WHERE id = $1 FOR UPDATE`,
    [id],
  )) as { owner: string | null; startedAt: Date | null }[];
  const row = rows[0];
  if (row === undefined) return undefined;
  const { owner, startedAt } = row;
  if (owner === null) {
    await manager.query(`DELETE FROM ${schema}.workflow_queue WHERE id = $1`, [id]);
    await manager.query(
      `UPDATE ${schema}.workflow_executions
       SET outcome = 'cancelled', error = $2, cancel_reason = $3, started_at = $4, completed_at = now()
       WHERE id = $1`,
      [id, error, reason, startedAt],
    );
    return 'ended';
  }
  await manager.query(`UPDATE ${schema}.workflow_queue SET cancel = 1, signals = signals + 1 WHERE id = $1`, [
    id,
  ]);
  await manager.query(`UPDATE ${schema}.workflow_executions SET cancel_reason = $2 WHERE id = $1`, [
    id,
    reason,
  ]);
  return 'requested';
}
