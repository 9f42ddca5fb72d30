import { isError } from '../serialization/error-record.js';

/** Whatever was thrown, as an Error. */
export function asError(thrown: unknown): Error {
  return isError(thrown)
    ? thrown
    : new Error('Something that is not an Error was thrown: see the cause.', { cause: thrown });
}
