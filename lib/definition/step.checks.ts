import { methodFaults } from './method.checks.js';
import { isName, isOneOf, isParent, isTimeout, optionFaults, type OptionCheck } from './option.checks.js';
import { isRetry, retryFaults } from './retry.checks.js';
import type { StepOptions } from './step-definition.js';
import type { Method } from './workflow-class.js';

const stepChecks = {
  in: isParent,
  name: isName,
  retry: isRetry,
  timeout: isTimeout,
  transactional: isOneOf(true, false),
} satisfies Record<keyof StepOptions, OptionCheck>;

/** Everything that is wrong with one step, looked at by itself. */
export function stepFaults(method: string, options: unknown, body: Method): string[] {
  return [
    ...methodFaults(method, body, 'a step', 'neither a promise nor additions'),
    ...optionFaults(`@Step() of '${method}'`, options, stepChecks),
    ...retryFaults(method, options),
  ];
}
