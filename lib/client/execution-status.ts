import type { ExecutionOutcome } from '../storage/entities/workflow-execution.entity.js';
import { livingStatusOf, type LivingStatus } from '../storage/living-status.js';
import type { StoredStanding } from '../storage/queries/execution.queries.js';

/**
 * Where an execution stands. `pending`: not begun, for now or for later. `running`: a worker has it. `waiting`:
 * begun, and nobody has it until something happens or a time comes. `compensating`: it will not complete, and what
 * it did is being undone. The others are final.
 *
 * @publicApi
 */
export type ExecutionStatus = LivingStatus | ExecutionOutcome;

const everyStatus: Readonly<Record<ExecutionStatus, 'living' | 'ended'>> = {
  pending: 'living',
  running: 'living',
  waiting: 'living',
  compensating: 'living',
  completed: 'ended',
  failed: 'ended',
  cancelled: 'ended',
  compensated: 'ended',
  compensation_failed: 'ended',
};

export const executionStatuses: readonly string[] = Object.keys(everyStatus);

export function isExecutionStatus(value: unknown): value is ExecutionStatus {
  return typeof value === 'string' && Object.hasOwn(everyStatus, value);
}

export function isLivingStatus(status: ExecutionStatus): status is LivingStatus {
  return everyStatus[status] === 'living';
}

/** The status is not stored: an execution that has not ended is as its queue row says. */
export function statusOf({ outcome, state, epoch, compensating }: StoredStanding): ExecutionStatus {
  return (
    outcome ?? livingStatusOf({ state: state ?? 0, epoch: epoch ?? 0, compensating: compensating ?? false })
  );
}
