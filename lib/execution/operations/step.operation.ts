import { serializeError } from '../../serialization/serialized-error.js';
import type { ActiveExecution } from '../active-execution.js';
import type { Operation } from '../operation.js';
import type { OperationScope } from '../operation-scope.js';
import { delayAfter } from '../retry.js';
import { StepAttempt } from './step-attempt.js';
import type { StepRequest } from './step-request.js';

/** Calls a step: delivers its recorded end, or runs its body, with retries, and records what came of it. */
export function performStep(
  execution: ActiveExecution,
  scope: OperationScope,
  request: StepRequest,
): Operation {
  return scope.open({
    name: request.name,
    kind: request.kind,
    hash: request.hash,
    undo: request.undo,
    start: (operation) => void runAttempts(execution, operation, request),
  });
}

async function runAttempts(
  execution: ActiveExecution,
  operation: Operation,
  request: StepRequest,
): Promise<void> {
  const past = execution.history.beginningsOf(operation.path);
  if (execution.course === 'unwinding') {
    // Only a replay of what was: it does not begin, and what it did before its process was lost is not known.
    if (past.opened !== undefined && !execution.history.waitsIn(operation.path)) {
      execution.undoLog.leftOpen(operation);
    }
    return;
  }
  // What an attempt around it began that has failed since is not this one.
  const opened = past.opened && execution.history.isOfThisAttempt(past.opened) ? past.opened : undefined;
  let retryAt = past.retryAt;
  let number = past.failedAttempts + 1;
  for (;;) {
    if (retryAt !== null) await waitUntil(execution, operation, retryAt);
    while (!execution.gate.isOpen(operation.scope)) {
      if (operation.isLeftBehind) return;
      if (!(await execution.gate.opens(operation))) return;
    }
    if (operation.isLeftBehind) return;

    const attempt = new StepAttempt(execution, operation, request, number, opened);
    const outcome = await attempt.run();
    const { startedAt } = attempt;

    if (outcome.kind === 'committed' || operation.isLeftBehind) return;
    if (outcome.kind === 'interrupted') return execution.bodies.neverEnds(operation);
    if (outcome.kind === 'unbegun') {
      // The same attempt; the gate says what becomes of it.
      retryAt = null;
      continue;
    }
    if (outcome.kind === 'returned') {
      const { output } = outcome;
      return await execution.end(operation, { outcome: 'completed', attempt: number, startedAt, output });
    }
    const decision = operation.scope.strand?.isStopped
      ? { error: outcome.error, delay: undefined }
      : decide(execution, request, outcome.error, number);
    const error = serializeError(decision.error);
    if (decision.delay === undefined) {
      return await execution.end(operation, { outcome: 'failed', attempt: number, startedAt, error });
    }
    if (!(await execution.ownership.ensure())) return;
    retryAt = execution.services.databaseClock.now() + decision.delay;
    execution.lines.write(operation, {
      outcome: 'attempt_failed',
      attempt: number,
      startedAt,
      dueAt: retryAt,
      error,
    });
    operation.isRecordedAsOpen = false;
    number += 1;
  }
}

function decide(
  { services }: ActiveExecution,
  { retry }: StepRequest,
  error: Error,
  attempt: number,
): { readonly error: Error; readonly delay: number | undefined } {
  try {
    return { error, delay: delayAfter(error, attempt, retry, services.random) };
  } catch (fault) {
    // The user's retryIf, or the delay of a RetryAfter, is itself wrong: say that, with the step's error in it.
    const wrong = fault instanceof Error ? fault : new Error(String(fault));
    wrong.cause ??= error;
    return { error: wrong, delay: undefined };
  }
}

async function waitUntil(execution: ActiveExecution, operation: Operation, dueAt: number): Promise<void> {
  if (dueAt <= execution.services.databaseClock.now()) return;
  operation.waitsUntil = dueAt;
  const { promise: over, resolve } = deferred();
  const wait = execution.waits.at(dueAt, resolve);
  const forget = operation.scope.strand?.onStop(resolve);
  operation.leave = resolve;
  execution.operationsChanged();
  await over;
  wait.cancel();
  forget?.();
  operation.leave = undefined;
  operation.waitsUntil = undefined;
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}
