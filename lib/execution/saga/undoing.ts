import type { ActiveExecution } from '../active-execution.js';
import { OperationScope } from '../operation-scope.js';
import { performStep } from '../operations/step.operation.js';
import { UNDO_PATH, type UndoCause, undoCauseLine } from './undo-cause.js';
import type { UndoableStep } from './undo-log.js';

/** What became of one undo, as it is kept with the execution. */
interface UndoResult {
  readonly path: string;
  readonly undo: string;
  readonly status: 'completed' | 'failed';
  readonly attempts: number;
  readonly error: string | null;
  readonly endedAt: number;
}

export interface UndoingOptions {
  /** What is undone, the last first. */
  readonly steps: readonly UndoableStep[];
  readonly cause: UndoCause;
  /** Undoing had begun before, in this process or another. */
  readonly isBegun: boolean;
  /** Not everything that the execution did could be found out. */
  readonly isPartial: boolean;
}

/**
 * The way back of an execution whose code is over: one undo after the other, each a durable step with retries of its
 * own. One that fails does not stop the others.
 */
export class Undoing {
  readonly #results: UndoResult[] = [];

  constructor(
    readonly execution: ActiveExecution,
    private readonly options: UndoingOptions,
  ) {}

  get cause(): UndoCause {
    return this.options.cause;
  }

  get outcome(): 'compensated' | 'compensation_failed' {
    const { steps, isPartial } = this.options;
    const isDone = this.#results.filter(({ status }) => status === 'completed').length === steps.length;
    return isDone && !isPartial ? 'compensated' : 'compensation_failed';
  }

  /** Never resolves where the execution is taken from this process meanwhile. */
  async run(): Promise<void> {
    const { execution, options } = this;
    const scope = new OperationScope(UNDO_PATH, execution, 'line');
    execution.root = scope;
    if (!options.isBegun) this.#recordBeginning();
    for (const step of options.steps) this.#results.push(await this.#undo(scope, step));
  }

  /** Keeps what became of it with the execution. */
  recordResults(): void {
    const { records, services } = this.execution;
    records.compensation({ results: JSON.stringify(this.#results), at: services.databaseClock.now() });
  }

  #recordBeginning(): void {
    const { records, history, services } = this.execution;
    const now = services.databaseClock.now();
    records.history(undoCauseLine(this.cause, history.nextSeq(), now));
    records.compensation({ results: null, at: now });
  }

  async #undo(scope: OperationScope, { path, output, undo }: UndoableStep): Promise<UndoResult> {
    const { execution } = this;
    const { serializer, databaseClock } = execution.services;
    const operation = performStep(execution, scope, {
      kind: 'undo',
      name: path,
      title: undo.name,
      retry: undo.retry,
      transactional: false,
      hash: null,
      body: () => undo.run(output === null ? undefined : serializer.parse(output)),
      // Nobody asks for what an undo returns.
      accept: () => undefined,
    });
    const status = await operation.promise.then(
      () => 'completed' as const,
      () => 'failed' as const,
    );
    const { end } = operation;
    return {
      path,
      undo: undo.name,
      status,
      attempts: end?.attempt ?? 1,
      error: end?.error ?? null,
      endedAt: end?.endedAt ?? databaseClock.now(),
    };
  }
}
