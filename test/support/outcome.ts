import { expect } from '@jest/globals';
import { ExecutionFailed } from 'nest-durable';

type ErrorClass<T> = abstract new (...args: never[]) => T;

/** What a promise is rejected with, which must be an instance of the class. */
export async function failureOf<T extends Error>(
  promise: Promise<unknown>,
  classRef: ErrorClass<T>,
): Promise<T> {
  const outcome: unknown = await promise.then(
    (value) => ({ resolvedWith: value }),
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(classRef);
  return outcome as T;
}

/** The error that ended an execution: the cause of what `result()` throws. */
export async function causeOf<T extends Error>(
  handle: { result(): Promise<unknown> },
  classRef: ErrorClass<T>,
): Promise<T> {
  const { cause } = await failureOf(handle.result(), ExecutionFailed);
  expect(cause).toBeInstanceOf(classRef);
  return cause as T;
}
