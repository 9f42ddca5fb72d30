import { methodFaults } from './method.checks.js';
import { isTimeout, optionFaults, type OptionCheck } from './option.checks.js';
import { isRetry, retryFaults } from './retry.checks.js';
import type { CompensateOptions } from './undo-definition.js';
import type { Method } from './workflow-class.js';

const undoChecks = { retry: isRetry, timeout: isTimeout } satisfies Record<
  keyof CompensateOptions,
  OptionCheck
>;

/** Everything that is wrong with one undo, looked at by itself. */
export function undoFaults(method: string, steps: unknown, options: unknown, body: Method): string[] {
  return [
    ...methodFaults(method, body, 'an undo', 'no promise'),
    ...stepsFaults(method, steps),
    ...optionFaults(`@Compensate() of '${method}'`, options, undoChecks),
    ...retryFaults(method, options),
  ];
}

function stepsFaults(method: string, steps: unknown): string[] {
  const names: readonly unknown[] = Array.isArray(steps) ? steps : [steps];
  if (names.length === 0) return [`@Compensate() of '${method}' names no step`];
  return names.every((name) => typeof name === 'string')
    ? []
    : [`@Compensate() of '${method}' takes the name of a step, or a list of such names`];
}
