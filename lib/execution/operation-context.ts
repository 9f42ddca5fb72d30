import { AsyncLocalStorage } from 'node:async_hooks';
import type { EntityManager } from 'typeorm';
import { NotInWorkflow } from '../errors/execution.error.js';
import type { ActiveExecution } from './active-execution.js';
import type { Operation, EnclosingBody } from './operation.js';
import { bodyPathOf, ROOT_PATH } from '../identity/operation-path.js';
import { OperationScope } from './operation-scope.js';

/** The body of a step that code runs in. */
export interface RunningBody extends EnclosingBody {
  readonly operation: Operation;
  readonly step: string;
  readonly attempt: number;
  transaction: EntityManager | undefined;
}

/** Where a piece of user code stands: in which execution, and in which body of it. */
export class OperationContext {
  #scope: OperationScope | undefined;

  constructor(
    readonly execution: ActiveExecution,
    readonly body: RunningBody | undefined,
    scope?: OperationScope,
  ) {
    this.#scope = scope;
  }

  /** Where operations called from here belong. A body gets its scope with its first operation. */
  get scope(): OperationScope {
    if (this.#scope === undefined) {
      const { body, execution } = this;
      const operation = body?.operation;
      const path = operation === undefined ? ROOT_PATH : bodyPathOf(operation);
      this.#scope = new OperationScope(path, execution, 'body', {
        strand: operation?.scope.strand,
        around: body,
      });
      // What a body that is over still does is none of the next attempt.
      if (operation !== undefined && body?.isOver === false) operation.inner = this.#scope;
    }
    return this.#scope;
  }

  /** Whether the code that stands here still counts. A body whose attempt is over goes on in vain. */
  get isVain(): boolean {
    const { body, execution } = this;
    return body?.isOver === true || execution.isAbandoned || body?.operation.scope.strand?.isClosed === true;
  }
}

const contexts = new AsyncLocalStorage<OperationContext>();

export function runIn<T>(context: OperationContext, code: () => T): T {
  return contexts.run(context, code);
}

/** Runs code as if it had been called from outside any execution: what the engine does for itself. */
export function runOutside<T>(code: () => T): T {
  return contexts.exit(code);
}

/** The context of the calling code, unless its execution has ended: then it is as good as outside. */
export function currentContext(): OperationContext | undefined {
  const context = contexts.getStore();
  return context === undefined || context.execution.hasEnded ? undefined : context;
}

/** @throws NotInWorkflow naming the function that was called */
export function contextFor(fn: string): OperationContext {
  const context = currentContext();
  if (context === undefined) throw new NotInWorkflow(fn);
  return context;
}

/** Whether the calling code belongs to an execution that has already ended. */
export function isAfterTheEnd(): boolean {
  return contexts.getStore()?.execution.hasEnded === true;
}

/**
 * The promise of an operation. A rejection that nobody takes must never take the host process down, so inside an
 * execution it is always taken; outside, a mistake is the caller's own and stays as loud as any other.
 */
export function operationPromise<Result>(call: () => Promise<Result>): Promise<Result> {
  const promise = call();
  if (currentContext() !== undefined) promise.catch(() => undefined);
  return promise;
}
