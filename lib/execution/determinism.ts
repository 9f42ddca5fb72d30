import { derivedRandom, derivedUuid } from '../identity/derived.js';
import { contextFor } from './operation-context.js';

/**
 * The time, the same on every replay: that of the last result which reached the code. In a step, whose result is
 * recorded, `new Date()` is as good; and there, if it runs beside others, a second run may be told a later time, because
 * theirs have ended meanwhile.
 *
 * @throws NotInWorkflow
 * @publicApi
 */
export function now(): Date {
  return new Date(contextFor('now()').execution.now);
}

/**
 * A UUID, the same on every replay and in every attempt.
 *
 * @throws NotInWorkflow
 * @publicApi
 */
export function uuid(): string {
  return derivedUuid(seed('uuid()'));
}

/**
 * A number from 0 (included) to 1 (excluded), the same on every replay and in every attempt.
 *
 * @throws NotInWorkflow
 * @publicApi
 */
export function random(): number {
  return derivedRandom(seed('random()'));
}

function seed(fn: string): string {
  const { execution, scope } = contextFor(fn);
  return `${execution.id}/${scope.path}/${fn}/${scope.nextOccurrence(fn)}`;
}
