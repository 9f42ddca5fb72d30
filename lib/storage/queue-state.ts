/** Where a living execution stands. Its row leaves the queue when it ends. */
export const QueueState = { ready: 0, running: 1, waiting: 2 } as const;

/** What somebody has asked of a living execution. The larger one holds, whatever is asked after it. */
export const CancelRequest = { none: 0, end: 1, compensate: 2 } as const;

/** What one point of priority is worth: so much longer must the others have waited to come first. */
const POINT_MS = 60_000;

/** The place in the line: priority and ageing in one number that never has to change while a row waits. */
export function rank(dueAt: number, priority: number): number {
  return dueAt - priority * POINT_MS;
}

/** The same rank for an execution that becomes ready at this very moment, as SQL over a queue row. */
export function rankNowSql(priorityColumn: string): string {
  return `(extract(epoch FROM now()) * 1000)::bigint - ${priorityColumn} * ${POINT_MS}`;
}

/**
 * Signals a queue row `q`, as assignments of an UPDATE: one that waits and listens is made ready. Decided on the row
 * that is updated, and never in a WHERE or by a subquery: those see it as it was before somebody's suspension, for
 * which this update has waited, and the wake-up would be lost.
 */
export const signalSql = `
  signals = q.signals + 1,
  state = CASE WHEN ${isWokenSql()} THEN ${QueueState.ready} ELSE q.state END,
  rank = CASE WHEN ${isWokenSql()} THEN ${rankNowSql('q.priority')} ELSE q.rank END,
  due_at = CASE WHEN ${isWokenSql()} THEN NULL ELSE q.due_at END`;

function isWokenSql(): string {
  return `q.state = ${QueueState.waiting} AND q.listening`;
}
