import {
  isDuration,
  isFunction,
  isNumber,
  isOneOf,
  isOptions,
  isWholeNumber,
  millisecondsOf,
  optionFaults,
  type OptionCheck,
} from './option.checks.js';
import type { RetryOptions } from './step-definition.js';
import { DEFAULT_BASE } from './step-resolver.js';

const MOST_ATTEMPTS = 32_767;

const retryChecks = {
  maxAttempts: isWholeNumber(1, MOST_ATTEMPTS),
  backoff: isOneOf('exponential', 'linear', 'constant'),
  base: isDuration,
  maxBackoff: isDuration,
  jitter: isNumber(0, 1),
  retryIf: isFunction,
} satisfies Record<keyof RetryOptions, OptionCheck>;

/** That `retry` is an object; what is in it, `retryFaults` looks at. */
export const isRetry: OptionCheck = (value) => (isOptions(value) ? undefined : 'an object of options');

/** Everything that is wrong in the `retry` of the options of a step or an undo. */
export function retryFaults(method: string, options: unknown): string[] {
  const retry = isOptions(options) ? options['retry'] : undefined;
  if (!isOptions(retry)) return [];
  const where = `'retry' of '${method}'`;
  const faults = optionFaults(where, retry, retryChecks);
  const base = millisecondsOf(retry['base'] ?? DEFAULT_BASE);
  const maxBackoff = millisecondsOf(retry['maxBackoff']);
  if (base !== undefined && maxBackoff !== undefined && maxBackoff < base) {
    faults.push(`${where}: 'maxBackoff' is shorter than 'base', the first delay`);
  }
  return faults;
}
