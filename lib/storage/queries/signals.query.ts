import { CancelRequest } from '../queue-state.js';
import type { Query } from './query.js';

export interface Signals {
  readonly signals: number;
  readonly cancelRequested: boolean;
  /** Whoever asked for its end wants what it did to be undone. */
  readonly compensate: boolean;
  readonly cancelReason: string | null;
}

/** What others have asked of a living execution. Both tables by primary key. */
export async function signalsOf(
  query: Query,
  schema: string,
  executionId: string,
): Promise<Signals | undefined> {
  const rows = await query<{ signals: number; cancel: number; cancel_reason: string | null }>(
    `SELECT q.signals, q.cancel, e.cancel_reason
     FROM ${schema}.workflow_queue q JOIN ${schema}.workflow_executions e ON e.id = q.id
     WHERE q.id = $1`,
    [executionId],
  );
  const row = rows[0];
  return (
    row && {
      signals: row.signals,
      cancelRequested: row.cancel !== CancelRequest.none,
      compensate: row.cancel === CancelRequest.compensate,
      cancelReason: row.cancel_reason,
    }
  );
}
