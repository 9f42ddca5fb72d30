import type { WorkflowDefinition } from '../definition/workflow-definition.js';
import { NotPlainObject } from '../errors/step.error.js';
import { copyOf } from '../serialization/copy.js';
import { classNameOf, isPlainObject } from '../serialization/plain.js';
import type { ActiveExecution } from './active-execution.js';
import type { OperationScope } from './operation-scope.js';
import { performStep } from './operations/step.operation.js';

type PipelineState = Readonly<Record<string, unknown>>;

/**
 * Runs a pipeline: one operation for each node, in order, with what each returns merged over the data.
 * It does what hand-written code would do, so that both styles share one history.
 */
export async function interpretPipeline(
  execution: ActiveExecution,
  scope: OperationScope,
  input: unknown,
): Promise<unknown> {
  const { definition } = execution.facts;
  const { serializer } = execution.services;
  let state: PipelineState = (input ?? {}) as PipelineState;
  for (const { step, body } of definition.nodes) {
    // A copy for each attempt, so that a body which writes into it changes nothing that a replay would not.
    const given = state;
    const additions = await performStep(execution, scope, {
      name: step.name,
      retry: step.retry,
      timeout: step.timeout,
      transactional: step.transactional,
      hash: null,
      body: () => body.apply(definition.instance, [copyOf(given, serializer)] as never[]),
      check: (result) => refuseUnmergeable(execution.id, step.name, result),
    });
    state = merge(state, additions);
  }
  return outputOf(definition, copyOf(state, serializer));
}

function merge(state: PipelineState, additions: unknown): PipelineState {
  if (additions === undefined || additions === null) return state;
  const merged: Record<string, unknown> = { ...state, ...additions };
  for (const key of Object.keys(additions)) if (merged[key] === undefined) delete merged[key];
  return merged;
}

function outputOf(definition: WorkflowDefinition, state: unknown): unknown {
  if (definition.output === undefined) return state;
  const method: unknown = Reflect.get(definition.instance, definition.output);
  return typeof method === 'function' ? Reflect.apply(method, definition.instance, [state]) : state;
}

function refuseUnmergeable(executionId: string, step: string, result: unknown): void {
  if (result === undefined || result === null || isPlainObject(result)) return;
  throw new NotPlainObject(executionId, step, described(result));
}

function described(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (typeof value !== 'object' || value === null) return `a ${typeof value}`;
  return `an instance of ${classNameOf(value) ?? 'a class without a name'}`;
}
