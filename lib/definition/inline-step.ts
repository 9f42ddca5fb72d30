import { InvalidArgument } from '../errors/option.error.js';
import { isFunction, isOptions, optionFaults } from './option.checks.js';
import type { StepDefinition, StepOptions } from './step-definition.js';
import { stepFaults } from './step.checks.js';
import { resolveStep } from './step-resolver.js';
import type { Undo } from './undo-definition.js';

/** @publicApi */
export interface InlineStepOptions<Result = unknown> extends Pick<StepOptions, 'retry' | 'timeout'> {
  /**
   * Undoes the step where the execution fails, times out or is cancelled after it. Tried three times, as an undo with
   * `@Compensate()` is by default, whatever the step's own `retry` says.
   *
   * @default the step is not undone
   */
  compensate?: (undo: Undo<Result>) => unknown;
}

/** An inline step with every default filled in. */
export interface InlineStepDefinition extends Pick<StepDefinition, 'retry' | 'timeout'> {
  readonly compensate?: (undo: Undo) => unknown;
}

/** Nearly every inline step has no options: its definition differs by the name alone. */
const plain = resolveStep('', {});

/**
 * The definition of an inline step.
 *
 * @throws InvalidArgument naming everything that is wrong with its options
 */
export function resolveInlineStep<Result>(
  name: string,
  options: InlineStepOptions<Result> | undefined,
  body: () => unknown,
): InlineStepDefinition {
  if (options === undefined) return plain;
  const faults = isOptions(options) ? inlineFaults(name, options, body) : ['options are an object'];
  if (faults.length > 0) throw new InvalidArgument('step()', faults.join('; '));
  const { compensate, ...others } = options;
  const { retry, timeout } = resolveStep(name, others);
  return {
    retry,
    ...(timeout !== undefined && { timeout }),
    // It is given what this very step returned.
    ...(compensate !== undefined && { compensate: compensate as (undo: Undo) => unknown }),
  };
}

function inlineFaults(
  name: string,
  options: Readonly<Record<string, unknown>>,
  body: () => unknown,
): string[] {
  const { retry, timeout, compensate, ...others } = options;
  return [
    ...Object.keys(others).map((option) => `an inline step has no option '${option}'`),
    ...stepFaults(
      name,
      { ...(retry !== undefined && { retry }), ...(timeout !== undefined && { timeout }) },
      body,
    ),
    ...optionFaults(`step() '${name}'`, { compensate }, { compensate: isFunction }),
  ];
}
