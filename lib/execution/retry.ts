import type { RetryPolicy } from '../definition/step-definition.js';
import { DurableError } from '../errors/durable.error.js';
import {
  LoopLimitReached,
  NoBranchMatched,
  SameKeyTwice,
  UndeclaredTarget,
  UnusableAnswer,
} from '../errors/block.error.js';
import { InputTimeout, UnusableMatch, WaitCancelled } from '../errors/pending.error.js';
import { FatalError, RetryAfter } from '../errors/retry.error.js';
import { NotSerializable } from '../errors/serialization.error.js';
import { NotPlainObject, WaitInTransaction } from '../errors/step.error.js';
import { toMilliseconds } from '../time/duration.js';

/** Faults of the code, not of the moment: another attempt would end the same way. */
const HOPELESS: readonly (abstract new (...args: never[]) => DurableError)[] = [
  FatalError,
  NotSerializable,
  NotPlainObject,
  WaitInTransaction,
  NoBranchMatched,
  LoopLimitReached,
  UndeclaredTarget,
  SameKeyTwice,
  UnusableAnswer,
  UnusableMatch,
  // A wait is asked about once: it stays over.
  InputTimeout,
  WaitCancelled,
];

export function isHopeless(error: unknown): boolean {
  return HOPELESS.some((hopeless) => error instanceof hopeless);
}

/** How long to wait before the next attempt, in milliseconds; undefined where there is none. */
export function delayAfter(
  error: Error,
  attempt: number,
  policy: RetryPolicy,
  random: () => number,
): number | undefined {
  if (attempt >= policy.maxAttempts) return undefined;
  if (isHopeless(error)) return undefined;
  if (policy.retryIf !== undefined && !policy.retryIf(error, attempt)) return undefined;
  if (error instanceof RetryAfter) return toMilliseconds(error.delay, 'RetryAfter');
  const spread = 1 + policy.jitter * (2 * random() - 1);
  return Math.round(Math.min(backoff(attempt, policy) * spread, policy.maxBackoff));
}

function backoff(attempt: number, { backoff: growth, base }: RetryPolicy): number {
  switch (growth) {
    case 'constant':
      return base;
    case 'linear':
      return base * attempt;
    case 'exponential':
      return base * Math.min(2 ** (attempt - 1), Number.MAX_SAFE_INTEGER);
  }
}
