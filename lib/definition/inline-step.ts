import { InvalidArgument } from '../errors/option.error.js';
import { isOptions } from './option.checks.js';
import type { StepDefinition, StepOptions } from './step-definition.js';
import { stepFaults } from './step.checks.js';
import { resolveStep } from './step-resolver.js';

/** @publicApi */
export type InlineStepOptions = Pick<StepOptions, 'retry' | 'timeout'>;

/** Nearly every inline step has no options: its definition differs by the name alone. */
const plain = resolveStep('', {});

/**
 * The definition of an inline step.
 *
 * @throws InvalidArgument naming everything that is wrong with its options
 */
export function resolveInlineStep(
  name: string,
  options: InlineStepOptions | undefined,
  body: () => unknown,
): Pick<StepDefinition, 'retry' | 'timeout'> {
  if (options === undefined) return plain;
  const faults = isOptions(options) ? inlineFaults(name, options, body) : ['options are an object'];
  if (faults.length > 0) throw new InvalidArgument('step()', faults.join('; '));
  return resolveStep(name, options);
}

function inlineFaults(name: string, options: InlineStepOptions, body: () => unknown): string[] {
  const { retry, timeout, ...others } = options;
  return [
    ...Object.keys(others).map((option) => `an inline step has no option '${option}'`),
    ...stepFaults(
      name,
      { ...(retry !== undefined && { retry }), ...(timeout !== undefined && { timeout }) },
      body,
    ),
  ];
}
