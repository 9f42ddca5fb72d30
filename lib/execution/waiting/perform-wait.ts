import { WaitInTransaction } from '../../errors/step.error.js';
import type { ActiveExecution } from '../active-execution.js';
import type { Operation } from '../operation.js';
import { contextFor, operationPromise } from '../operation-context.js';
import { OpenWait } from './open-wait.js';
import type { WaitTerms } from './wait-terms.js';

/** What is behind the promises of waits: a race that one of them wins withdraws the others. */
const operations = new WeakMap<Promise<unknown>, Operation>();

/** A wait that was called. */
export interface CalledWait {
  readonly value: unknown;
  /** Nobody and nothing came in time. */
  readonly isTimedOut: boolean;
}

/**
 * The promise of a wait for what the terms say; `give` turns what is recorded into what the code gets.
 *
 * @param termsFor throws where the call is wrong
 */
export function waitPromise<Result>(
  fn: string,
  termsFor: (execution: ActiveExecution) => WaitTerms,
  give: (wait: CalledWait) => Result,
): Promise<Result> {
  let called: Operation | undefined;
  const promise = operationPromise(async () => {
    const context = contextFor(fn);
    const { execution, body } = context;
    const terms = termsFor(execution);
    if (context.isVain) return await new Promise<Result>(() => undefined);
    if (body?.transaction !== undefined) throw new WaitInTransaction(fn, body.step);
    const operation = context.scope.open({
      name: terms.name,
      kind: terms.kind,
      // Inside a step, which may compute its arguments anew, the opened line alone says what they were.
      hash: body === undefined ? terms.hash : null,
      start: (opened) => void new OpenWait(execution, opened, terms, body?.deadline).begin(),
    });
    called = operation;
    const value = await operation.promise;
    return give({ value, isTimedOut: operation.end?.outcome === 'timed_out' });
  });
  if (called !== undefined) operations.set(promise, called);
  return promise;
}

/** Takes back a wait that has not ended; anything else goes on. */
export function withdraw(promise: Promise<unknown>): void {
  operations.get(promise)?.withdraw?.();
}
