import type { EntityManager } from 'typeorm';
import { TransactionNotActive } from '../errors/start.error.js';
import { contextFor, type OperationContext } from './operation-context.js';

/**
 * What code may know of the execution that it runs in.
 *
 * @publicApi
 */
export interface ExecutionView {
  readonly id: string;
  /** The caller's own identity for it, if it was started with one. */
  readonly key: string | undefined;
  readonly workflow: string;
  readonly version: number;
  /** The step that runs; undefined in a run method itself. */
  readonly step: string | undefined;
  /** Which attempt of the step, from 1. */
  readonly attempt: number;
  readonly input: unknown;
  /**
   * The same for every attempt of this step in this execution, and for no other: hand it to services that take
   * such a key, and a step that has to run twice still has its effect once.
   */
  readonly idempotencyKey: string;
  /**
   * Aborted when the step times out; when its execution is cancelled, out of time, or has failed meanwhile; when another
   * part of the block around it has failed; late in a shutdown; and on loss of the worker's lease. The reason of the
   * signal says which: `StepTimeout`, `ExecutionCancelled`, `WorkflowTimeout`, `SiblingFailed`, …
   *
   * An undo hears of its own time-out, a shutdown and a lost lease only: nothing else interrupts it.
   */
  readonly signal: AbortSignal;
  readonly parentId: string | undefined;
  /** When the step times out, or else the workflow. */
  readonly deadline: Date | undefined;
}

/**
 * The execution that the calling code runs in.
 *
 * @throws NotInWorkflow
 * @publicApi
 */
export function execution(): ExecutionView {
  return viewOf(contextFor('execution()'));
}

/**
 * The transaction of a transactional step: what is written through it is committed together with the step's
 * record, or not at all.
 *
 * @throws NotInWorkflow, TransactionNotActive in a step that is not transactional
 * @publicApi
 */
export function transaction(): EntityManager {
  const { body, execution } = contextFor('transaction()');
  if (body?.transaction === undefined) {
    throw new TransactionNotActive('transaction()', { execution: execution.id, step: body?.step });
  }
  return body.transaction;
}

function viewOf({ execution: active, body }: OperationContext): ExecutionView {
  const { facts, services, abort } = active;
  const deadline = Math.min(body?.deadline ?? Infinity, facts.deadlineAt ?? Infinity);
  return {
    id: facts.id,
    key: facts.key ?? undefined,
    workflow: facts.definition.name,
    version: facts.definition.version,
    step: body?.step,
    attempt: body?.attempt ?? 1,
    get input() {
      return facts.input === null ? undefined : services.serializer.parse(facts.input);
    },
    idempotencyKey: body === undefined ? facts.id : `${facts.id}:${body.operation.path}`,
    get signal() {
      return (body?.abort ?? abort).signal;
    },
    parentId: facts.parentId ?? undefined,
    deadline: Number.isFinite(deadline) ? new Date(deadline) : undefined,
  };
}
