import { inspect } from 'node:util';
import { isName, optionFaults, type OptionCheck } from '../definition/option.checks.js';
import { isClass } from '../definition/metadata.js';
import type { WorkflowClass } from '../definition/workflow-class.js';
import { InvalidArgument } from '../errors/option.error.js';
import { isText } from '../intake/text.checks.js';
import { isPlainObject } from '../serialization/plain.js';

const LONGEST_SHOWN = 100;

/** @throws InvalidArgument naming everything that is wrong, unknown options included */
export function checkOptions(
  fn: string,
  options: unknown,
  checks: Readonly<Record<string, OptionCheck>>,
): void {
  if (!isPlainObject(options)) {
    throw new InvalidArgument(fn, `its options are a plain object, not ${shown(options)}`);
  }
  const faults = optionFaults(fn, options, checks);
  if (faults.length > 0) throw new InvalidArgument(fn, faults.join('; '));
}

/** @throws InvalidArgument where it is neither a class nor a name that can be stored */
export function checkWorkflow(fn: string, workflow: unknown): asserts workflow is WorkflowClass | string {
  if (isClass(workflow)) return;
  const fault = typeof workflow === 'string' ? isName(workflow) : 'a class, or the name of one';
  if (fault !== undefined) throw new InvalidArgument(fn, `the workflow is ${fault}, not ${shown(workflow)}`);
}

/** @throws InvalidArgument where the reason of a cancellation cannot be stored */
export function checkReason(fn: string, reason: unknown): asserts reason is string | undefined {
  const fault = reason === undefined ? undefined : isText(reason);
  if (fault !== undefined) throw new InvalidArgument(fn, `the reason is ${fault}, not ${shown(reason)}`);
}

/** What a caller gave, short enough for a sentence. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : inspect(value, { depth: 0, breakLength: Infinity });
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}… (${text.length} characters)`;
}
