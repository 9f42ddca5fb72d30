import type { DurableError } from '../../errors/durable.error.js';
import { serializeError } from '../../serialization/serialized-error.js';
import type { ActiveExecution } from '../active-execution.js';
import { OperationScope } from '../operation-scope.js';
import { performStep } from '../operations/step.operation.js';
import { UNDO_PATH } from '../../identity/operation-path.js';
import { type UndoCause, undoCauseLine } from './undo-cause.js';
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
  readonly #results: UndoResult[];
  #lastBegun: UndoableStep | undefined;

  /** @param results what became of those that need no second look */
  constructor(
    readonly execution: ActiveExecution,
    private readonly options: UndoingOptions,
    results: readonly UndoResult[] = [],
  ) {
    this.#results = [...results];
  }

  get cause(): UndoCause {
    return this.options.cause;
  }

  get outcome(): 'compensated' | 'compensation_failed' {
    const { steps, isPartial } = this.options;
    const isDone = steps.every((step) => this.#resultOf(step)?.status === 'completed');
    return isDone && !isPartial ? 'compensated' : 'compensation_failed';
  }

  /** Never resolves where the execution is taken from this process meanwhile. */
  async run(): Promise<void> {
    const { execution, options } = this;
    // Each asks for its own recorded end: what is recorded may hold more than this process knows to ask for.
    const scope = new OperationScope(UNDO_PATH, execution, 'line');
    execution.root = scope;
    if (!options.isBegun) this.#recordBeginning();
    for (const step of options.steps) {
      if (this.#resultOf(step) === undefined) this.#results.push(await this.#undo(scope, step));
    }
  }

  /** Goes on after the database refused a record: the undo that it belonged to has failed with that. */
  goOnAs(execution: ActiveExecution, refusal: DurableError): Undoing {
    const failed = this.#lastBegun;
    const results = this.#results.filter(({ path }) => path !== failed?.path);
    const endedAt = execution.services.databaseClock.now();
    if (failed !== undefined) {
      const { path, undo } = failed;
      const error = serializeError(refusal);
      results.push({ path, undo: undo.name, status: 'failed', attempts: 1, error, endedAt });
    }
    return new Undoing(execution, { ...this.options, isBegun: true }, results);
  }

  /** Keeps what became of it with the execution. */
  recordResults(): void {
    const { records, services } = this.execution;
    const results = [...this.#foundUndone(), ...this.#results];
    records.compensation({ results: JSON.stringify(results), at: services.databaseClock.now() });
  }

  #recordBeginning(): void {
    const { records, history, services } = this.execution;
    const now = services.databaseClock.now();
    records.history(undoCauseLine(this.cause, history.nextSeq(), now));
    records.compensation({ results: null, at: now });
  }

  async #undo(scope: OperationScope, step: UndoableStep): Promise<UndoResult> {
    const { path, output, undo } = step;
    const { serializer, databaseClock } = this.execution.services;
    const operation = performStep(this.execution, scope, {
      kind: 'undo',
      name: path,
      title: undo.name,
      retry: undo.retry,
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

  #resultOf(step: UndoableStep): UndoResult | undefined {
    return this.#results.find(({ path }) => path === step.path);
  }

  /** Recorded undos of steps that are not known here: the records of those were refused. */
  #foundUndone(): UndoResult[] {
    const known = new Set(this.options.steps.map(({ path }) => path));
    return this.execution.history.endsWithin(UNDO_PATH).flatMap((line) => {
      const path = decodeURIComponent(line.path.slice(UNDO_PATH.length + 1));
      if (known.has(path)) return [];
      const status = line.outcome === 'completed' ? 'completed' : 'failed';
      return [{ path, undo: path, status, attempts: line.attempt, error: line.error, endedAt: line.endedAt }];
    });
  }
}
