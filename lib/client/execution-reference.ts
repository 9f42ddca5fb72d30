import type { EntityManager } from 'typeorm';
import type { WorkflowClass } from '../definition/workflow-class.js';
import { isOptions } from '../definition/option.checks.js';
import { ExecutionNotFound } from '../errors/execution.error.js';
import { InvalidArgument } from '../errors/option.error.js';
import { isUuid } from '../identity/uuid-text.js';
import { isStorableText } from '../intake/text.checks.js';
import { queryOf } from '../storage/queries/query.js';
import { findById } from '../storage/queries/result.queries.js';
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
 * Where an execution is looked up: by the engine's id, or by the caller's own key.
 *
 * @publicApi
 */
export type ExecutionReference = { readonly id: string } | { readonly key: string };

/**
 * The id of the execution that a caller means.
 *
 * @throws ExecutionNotFound, InvalidArgument
 */
export async function executionIdOf(
  fn: string,
  services: ClientServices,
  target: EventTarget,
  /** A transaction that may have started it. */
  manager?: EntityManager,
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
  const query = manager === undefined ? services.query : queryOf(manager);
  return await holderOf({ ...services, query }, nameOf(services, workflow), key);
}

/**
 * The execution of a workflow that a caller means, with the name of the workflow.
 *
 * @throws ExecutionNotFound also where the execution is one of another workflow; InvalidArgument
 */
export async function executionOf(
  fn: string,
  services: ClientServices,
  workflow: WorkflowClass | string,
  reference: ExecutionReference,
): Promise<{ readonly id: string; readonly name: string }> {
  checkWorkflow(fn, workflow);
  const name = nameOf(services, workflow);
  if (!isOptions(reference)) throw new InvalidArgument(fn, 'it takes { id } or { key }');
  if ('id' in reference && isStorableText(reference.id)) {
    const { query, schema } = services;
    const found = isUuid(reference.id) ? await findById(query, schema, reference.id) : undefined;
    if (found?.workflow === name) return { id: found.id, name };
    throw new ExecutionNotFound(`${shown(reference.id)} of the workflow "${name}"`);
  }
  if ('key' in reference && isStorableText(reference.key)) {
    return { id: await holderOf(services, name, reference.key), name };
  }
  throw new InvalidArgument(fn, 'it takes { id } or { key }, each a text');
}

function nameOf({ registry }: ClientServices, workflow: WorkflowClass | string): string {
  return typeof workflow === 'string' ? workflow : registry.of(workflow).name;
}

/** @throws ExecutionNotFound */
async function holderOf(
  { query, schema }: Pick<ClientServices, 'query' | 'schema'>,
  workflow: string,
  key: string,
): Promise<string> {
  const holder = await holderOfKey(query, schema, workflow, key);
  if (holder !== undefined) return holder.id;
  throw new ExecutionNotFound(`with the key "${shown(key)}" of the workflow "${workflow}"`);
}
