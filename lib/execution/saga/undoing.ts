import { StepOutcomeUnknown } from '../../errors/compensation.error.js';
import type { DurableError } from '../../errors/durable.error.js';
import { serializeError } from '../../serialization/serialized-error.js';
import type { ActiveExecution } from '../active-execution.js';
import { OperationScope } from '../operation-scope.js';
import { performStep } from '../operations/step.operation.js';
import { UNDO_PATH } from '../../identity/operation-path.js';
import { beginningLine, type UndoBeginning, type UndoCause } from './undo-cause.js';
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
  readonly beginning: UndoBeginning;
  /** Its beginning is in the history, of this process or another. */
  readonly isBegun: boolean;
  /** Not everything that the execution did could be found out. */
  readonly isPartial: boolean;
}

/**
 * The way back of an execution whose code is over: one undo after the other, each a durable step with retries of its
 * own. One that fails does not stop the others.
 */
export class Undoing {
  readonly #results = new Map<string, UndoResult>();
  #lastBegun: UndoableStep | undefined;

  /** @param results what became of those that need no second look */
  constructor(
    readonly execution: ActiveExecution,
    private readonly options: UndoingOptions,
    results: Iterable<UndoResult> = [],
  ) {
    for (const { path, undo } of options.beginning.unknown) {
      const error = serializeError(new StepOutcomeUnknown(execution.id, path));
      const endedAt = options.beginning.at;
      this.#results.set(path, { path, undo, status: 'failed', attempts: 0, error, endedAt });
    }
    for (const result of results) this.#results.set(result.path, result);
    // The same for every undo, now and after a restart.
    execution.now = options.beginning.at;
  }

  get cause(): UndoCause {
    return this.options.beginning.cause;
  }

  get outcome(): 'compensated' | 'compensation_failed' {
    const { steps, isPartial, beginning } = this.options;
    const isFound = steps.length + this.#foundUndone().length >= beginning.count;
    const isDone = [...this.#results.values()].every(({ status }) => status === 'completed');
    return isFound && isDone && !isPartial ? 'compensated' : 'compensation_failed';
  }

  /** Never resolves where the execution is taken from this process meanwhile. */
  async run(): Promise<void> {
    const { execution, options } = this;
    const scope = new OperationScope(UNDO_PATH, execution, 'line');
    execution.root = scope;
    this.#recordBeginning();
    for (const step of options.steps) {
      if (!this.#results.has(step.path)) this.#results.set(step.path, await this.#undo(scope, step));
    }
  }

  /** Goes on after the database refused a record: the undo that it belonged to has failed with that. */
  goOnAs(execution: ActiveExecution, refusal: DurableError): Undoing {
    const failed = this.#lastBegun;
    const results = new Map(this.#results);
    if (failed !== undefined) {
      const { path, undo } = failed;
      const endedAt = execution.services.databaseClock.now();
      const error = serializeError(refusal);
      results.set(path, { path, undo: undo.name, status: 'failed', attempts: 1, error, endedAt });
    }
    // A body begins when all before it is stored: the beginning, too.
    const isBegun = this.options.isBegun || failed !== undefined;
    return new Undoing(execution, { ...this.options, isBegun }, results.values());
  }

  /** Keeps what became of it with the execution. */
  recordResults(): void {
    const { records, services } = this.execution;
    const results = [...this.#foundUndone(), ...this.#results.values()];
    records.compensation({ results: JSON.stringify(results), at: services.databaseClock.now() });
  }

  #recordBeginning(): void {
    const { records, history, facts } = this.execution;
    const { beginning, isBegun } = this.options;
    if (!isBegun) records.history(beginningLine(beginning, history.nextSeq()));
    // The two may have been in different flushes, with the loss of a process between them.
    if (!facts.isCompensating) records.compensation({ results: null, at: beginning.at });
  }

  async #undo(scope: OperationScope, step: UndoableStep): Promise<UndoResult> {
    const { path, output, undo } = step;
    const { serializer, databaseClock } = this.execution.services;
    const operation = performStep(this.execution, scope, {
      kind: 'undo',
      name: path,
      title: undo.name,
      retry: undo.retry,
      timeout: undo.timeout,
      transactional: false,
      hash: null,
      body: () => {
        this.#lastBegun = step;
        return undo.run(output === null ? undefined : serializer.parse(output));
      },
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

  /** Recorded undos of steps that are not known here: the records of those were refused. */
  #foundUndone(): UndoResult[] {
    const known = new Set(this.options.steps.map(({ path }) => path));
    return this.execution.history.endsWithin(UNDO_PATH).flatMap((line) => {
      const path = decodeURIComponent(line.path.slice(UNDO_PATH.length + 1));
      if (known.has(path)) return [];
      const status = line.outcome === 'completed' ? 'completed' : 'failed';
      const undo = path.slice(path.lastIndexOf('/') + 1);
      return [{ path, undo, status, attempts: line.attempt, error: line.error, endedAt: line.endedAt }];
    });
  }
}
