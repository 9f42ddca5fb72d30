import type { WorkflowClass } from '../definition/workflow-class.js';
import { isOptions } from '../definition/option.checks.js';
import { ExecutionNotFound } from '../errors/execution.error.js';
import { InvalidArgument } from '../errors/option.error.js';
import { isUuid } from '../identity/uuid-text.js';
import { isStorableText } from '../intake/attributes.js';
import { holderOfKey } from '../storage/queries/start.query.js';
import { checkWorkflow, shown } from './argument.checks.js';
import type { ClientServices } from './client-services.js';

/**
 * Which execution an event is for: its id, or the workflow and the key that it was started with.
 *
 * @publicApi
 */
export type EventTarget = string | { readonly workflow: WorkflowClass | string; readonly key: string };

/**
 * The id of the execution that a caller means.
 *
 * @throws ExecutionNotFound, InvalidArgument
 */
export async function executionIdOf(
  fn: string,
  { registry, query, schema }: ClientServices,
  target: EventTarget,
): Promise<string> {
  if (typeof target === 'string') {
    if (isUuid(target)) return target.toLowerCase();
    throw new ExecutionNotFound(shown(target));
  }
  if (!isOptions(target) || !isStorableText(target.key)) {
    throw new InvalidArgument(fn, 'it wants the id of an execution, or { workflow, key }');
  }
  const { workflow, key } = target;
  checkWorkflow(fn, workflow);
  const name = typeof workflow === 'string' ? workflow : registry.of(workflow).name;
  const holder = await holderOfKey(query, schema, name, key);
  if (holder !== undefined) return holder.id;
  throw new ExecutionNotFound(`with the key "${shown(key)}" of the workflow "${name}"`);
}
