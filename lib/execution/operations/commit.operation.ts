import { contextFor, operationPromise } from '../operation-context.js';
import type { ActiveExecution } from '../active-execution.js';
import { COMMIT } from '../history.js';
import type { Operation } from '../operation.js';

/**
 * The point of no return: steps that completed before it are not undone any more, whatever happens. When it returns,
 * that is stored.
 *
 * ```ts
 * @Step()
 * async handOver(data: OrderData) {
 *   await commit();
 *   await this.courier.pickUp(data.parcel);
 * }
 * ```
 *
 * @throws NotInWorkflow
 * @publicApi
 */
export function commit(): Promise<void> {
  return operationPromise(callCommit);
}

async function callCommit(): Promise<void> {
  const context = contextFor('commit()');
  if (context.isVain) return await new Promise(() => undefined);
  const { execution } = context;
  await context.scope.call({
    name: COMMIT,
    kind: COMMIT,
    hash: null,
    start: (operation) => void record(execution, operation),
  });
  // What follows may be an effect that nothing takes back, and no gate of ours stands before it.
  await execution.records.durable();
}

async function record(execution: ActiveExecution, operation: Operation): Promise<void> {
  while (!execution.gate.isOpen(operation.scope)) {
    if (operation.isLeftBehind || !(await execution.gate.opens(operation))) return;
  }
  if (operation.isLeftBehind) return;
  const startedAt = execution.services.databaseClock.now();
  await execution.end(operation, { outcome: 'completed', attempt: 1, startedAt });
}
