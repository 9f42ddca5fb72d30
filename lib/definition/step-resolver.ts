import { toMilliseconds } from '../time/duration.js';
import type { RetryOptions, RetryPolicy, StepDefinition, StepOptions } from './step-definition.js';

export const DEFAULT_BASE = '1s';
const DEFAULT_MAX_BACKOFF = '1h';

/** What is retried, and how, where nobody said anything. */
export const defaultRetry = resolveRetry({});

/** Fills in the defaults of options that have passed their checks. */
export function resolveStep(method: string, options: StepOptions): StepDefinition {
  return {
    name: options.name ?? method,
    method,
    retry: resolveRetry(options.retry ?? {}),
    ...(options.timeout !== undefined && { timeout: toMilliseconds(options.timeout) }),
    transactional: options.transactional ?? false,
  };
}

/** Fills in the defaults of retry options that have passed their checks. */
export function resolveRetry(retry: RetryOptions): RetryPolicy {
  const base = toMilliseconds(retry.base ?? DEFAULT_BASE);
  return {
    maxAttempts: retry.maxAttempts ?? 3,
    backoff: retry.backoff ?? 'exponential',
    base,
    maxBackoff:
      retry.maxBackoff === undefined
        ? Math.max(base, toMilliseconds(DEFAULT_MAX_BACKOFF))
        : toMilliseconds(retry.maxBackoff),
    jitter: retry.jitter ?? 0.25,
    ...(retry.retryIf !== undefined && { retryIf: retry.retryIf }),
  };
}
