import { types } from 'node:util';
import {
  isDuration,
  isFunction,
  isName,
  isNumber,
  isOneOf,
  isOptions,
  isTimeout,
  isWholeNumber,
  millisecondsOf,
  optionFaults,
  type OptionCheck,
} from './option.checks.js';
import type { RetryOptions, StepOptions } from './step-definition.js';
import { DEFAULT_BASE } from './step-resolver.js';
import type { Method } from './workflow-class.js';

const MOST_ATTEMPTS = 32_767;

const retryChecks = {
  maxAttempts: isWholeNumber(1, MOST_ATTEMPTS),
  backoff: isOneOf('exponential', 'linear', 'constant'),
  base: isDuration,
  maxBackoff: isDuration,
  jitter: isNumber(0, 1),
  retryIf: isFunction,
} satisfies Record<keyof RetryOptions, OptionCheck>;

const stepChecks = {
  name: isName,
  retry: (value) => (isOptions(value) ? undefined : 'an object of options'),
  timeout: isTimeout,
  transactional: isOneOf(true, false),
} satisfies Record<keyof StepOptions, OptionCheck>;

// Nest calls them itself, outside any execution.
const lifecycleHooks = new Set([
  'onModuleInit',
  'onApplicationBootstrap',
  'onModuleDestroy',
  'beforeApplicationShutdown',
  'onApplicationShutdown',
]);

/** Everything that is wrong with one step, looked at by itself. */
export function stepFaults(method: string, options: unknown, body: Method): string[] {
  return [
    ...methodFaults(method, body),
    ...optionFaults(`@Step() of '${method}'`, options, stepChecks),
    ...(isOptions(options) && isOptions(options['retry']) ? retryFaults(method, options['retry']) : []),
  ];
}

function methodFaults(method: string, body: Method): string[] {
  const faults: string[] = [];
  if (/^\d+$/.test(method)) {
    faults.push(
      `'${method}' cannot be a step: JavaScript sorts number-like names first, whatever their place`,
    );
  }
  if (lifecycleHooks.has(method)) {
    faults.push(`'${method}' cannot be a step: Nest calls it as a lifecycle hook`);
  }
  if (types.isGeneratorFunction(body)) {
    faults.push(`'${method}' cannot be a step: a generator returns neither a promise nor additions`);
  }
  return faults;
}

function retryFaults(method: string, retry: Readonly<Record<string, unknown>>): string[] {
  const where = `'retry' of '${method}'`;
  const faults = optionFaults(where, retry, retryChecks);
  const base = millisecondsOf(retry['base'] ?? DEFAULT_BASE);
  const maxBackoff = millisecondsOf(retry['maxBackoff']);
  if (base !== undefined && maxBackoff !== undefined && maxBackoff < base) {
    faults.push(`${where}: 'maxBackoff' is shorter than 'base', the first delay`);
  }
  return faults;
}
