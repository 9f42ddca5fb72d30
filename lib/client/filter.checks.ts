import {
  isName,
  isOneOf,
  isWholeNumber,
  optionFaults,
  type OptionCheck,
} from '../definition/option.checks.js';
import { isClass } from '../definition/metadata.js';
import { identityOf } from '../definition/workflow-identity.js';
import { InvalidArgument } from '../errors/option.error.js';
import { isUuid } from '../identity/uuid-text.js';
import { attributeFault } from '../intake/attributes.js';
import { isPlainObject } from '../serialization/plain.js';
import type { ExecutionFilter } from './execution-filter.js';
import { executionStatuses, isExecutionStatus } from './execution-status.js';

const isStatus: OptionCheck = (value) => {
  if (!Array.isArray(value)) return isOneOf(...executionStatuses)(value);
  return value.length > 0 && value.every(isExecutionStatus)
    ? undefined
    : `a list of at least one of ${executionStatuses.join(', ')}`;
};

export const isWorkflow: OptionCheck = (value) => {
  if (isClass(value)) {
    return identityOf(value) === undefined ? 'a class with @Workflow()' : undefined;
  }
  return isName(value) === undefined ? undefined : 'a workflow: its class or its name';
};

const isAttributes: OptionCheck = (value) => {
  if (!isPlainObject(value)) return 'an object of attributes';
  const faults = Object.entries(value).flatMap(([name, each]) => attributeFault(name, each) ?? []);
  return faults.length === 0 ? undefined : `attributes as an execution may have them (${faults.join('; ')})`;
};

export const isMoment: OptionCheck = (value) =>
  isDate(value) && Number.isFinite(value.getTime()) ? undefined : 'a valid Date';

export const isExecutionId: OptionCheck = (value) =>
  typeof value === 'string' && isUuid(value) ? undefined : 'the id of an execution';

export const isCursorText: OptionCheck = (value) =>
  typeof value === 'string' ? undefined : 'the cursor of another page';

const checks = {
  workflow: isWorkflow,
  status: isStatus,
  queue: isName,
  step: isName,
  attributes: isAttributes,
  createdAfter: isMoment,
  createdBefore: isMoment,
  parentId: isExecutionId,
  limit: isWholeNumber(1, 1_000),
  cursor: isCursorText,
} satisfies Record<keyof ExecutionFilter, OptionCheck>;

/**
 * All that is wrong with a filter, at once.
 *
 * @throws InvalidArgument
 */
export function checkFilter(fn: string, filter: unknown): asserts filter is ExecutionFilter {
  const faults = optionFaults('the filter', filter, checks);
  if (faults.length > 0) throw new InvalidArgument(fn, faults.join('; '));
}

/** Also one of another realm. */
function isDate(value: unknown): value is Date {
  return Object.prototype.toString.call(value) === '[object Date]';
}
