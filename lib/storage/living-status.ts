import { QueueState } from './queue-state.js';

/** What users see of an execution that has not ended. It is stored nowhere: its queue row says it. */
export type LivingStatus = 'pending' | 'running' | 'waiting' | 'compensating';

/**
 * Of a queue row. What was never claimed is pending, due now or later; what somebody has had and nobody has now
 * is waiting, also in the moment between its wake-up and the next claim. What is being undone is compensating,
 * whether or not somebody has it.
 */
export function livingStatusOf({
  state,
  epoch,
  compensating,
}: {
  readonly state: number;
  readonly epoch: number;
  readonly compensating: boolean;
}): LivingStatus {
  if (compensating) return 'compensating';
  if (state === QueueState.running) return 'running';
  return epoch === 0 ? 'pending' : 'waiting';
}

/** The same as conditions over a queue row `q`. */
export const livingStatusSql: Readonly<Record<LivingStatus, string>> = {
  pending: `(q.state <> ${QueueState.running} AND q.epoch = 0)`,
  // Nothing runs without a worker; saying so lets the small index on the worker serve.
  running: `(q.state = ${QueueState.running} AND q.worker IS NOT NULL AND NOT q.compensating)`,
  waiting: `(q.state <> ${QueueState.running} AND q.epoch > 0 AND NOT q.compensating)`,
  // Alone, it is what the small index on these rows says, so that a listing of them reads nothing else.
  compensating: `q.compensating`,
};
