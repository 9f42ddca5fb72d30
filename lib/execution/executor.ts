import { Logger } from '@nestjs/common';
import type { DurableError } from '../errors/durable.error.js';
import {
  ExecutionCancelled,
  RecordRefused,
  ReplayDivergence,
  WorkflowTimeout,
} from '../errors/execution.error.js';
import { serializeError } from '../serialization/serialized-error.js';
import { signalsOf } from '../storage/queries/signals.query.js';
import { ActiveExecution, type ExecutionObserver } from './active-execution.js';
import { nextTry } from './automatic-retry.js';
import type { ExecutionEnding, ExecutionFacts } from './execution-facts.js';
import type { ExecutionServices } from './execution-services.js';
import type { HistoryLine } from '../storage/history-line.js';
import { runOutside } from './operation-context.js';
import { describeOperation } from './operation-scope.js';
import { ParkedExecutions } from './parked-executions.js';
import { runWorkflowCode } from './workflow-code.js';

/** Told what becomes of executions. Owned here, implemented by those who hand out the work. */
export interface ExecutionListener {
  /** The execution occupies no slot of this worker any more. */
  left(execution: ActiveExecution): void;
  /** Its code went on while it was parked: it occupies a slot again, whether or not one is free. */
  returned(execution: ActiveExecution): void;
  ended(ending: ExecutionEnding): void;
  /** It waits, and something of it is due at this time (database time, Infinity for never). */
  parkedUntil(dueAt: number): void;
}

type Verdict = Pick<ExecutionEnding, 'outcome' | 'output' | 'error'>;

interface Judgement extends Verdict {
  /** What the code threw, if that is what ended it. */
  readonly thrown?: unknown;
  /** It says that the database refused the first verdict, or what came before it in the same flush. */
  readonly isRefusal?: boolean;
}

/** How long bodies may take to notice that their execution is cancelled, before it ends without them. */
const GRACE_MS = 5_000;
/** Bodies that take longer than this become visible in the history while they run. */
const LONG_BODY_MS = 1_000;

/** Runs executions in this process, from the claim to the end, to a wait, or to a handover. */
export class Executor implements ExecutionObserver {
  readonly #logger = new Logger('DurableExecutor');
  readonly #active = new Map<string, ActiveExecution>();
  readonly #parked = new ParkedExecutions();
  #listener: ExecutionListener | undefined;

  constructor(private readonly services: ExecutionServices) {}

  set listener(listener: ExecutionListener) {
    this.#listener = listener;
  }

  get activeCount(): number {
    return this.#active.size;
  }

  get(id: string): ActiveExecution | undefined {
    return this.#active.get(id);
  }

  /** Begins an execution, or goes on with one from its history. */
  run(facts: ExecutionFacts, lines: readonly HistoryLine[]): void {
    const execution = new ActiveExecution(facts, lines, this.services, this);
    this.#active.set(execution.id, execution);
    this.#armDeadline(execution);
    runOutside(() => void this.#drive(execution));
  }

  /** Goes on with code that is still in memory. False if there is none that fits. */
  resume(id: string, epoch: number, signals: number): boolean {
    const execution = this.#parked.take(id, epoch);
    if (execution === undefined) return false;
    this.#active.set(id, execution);
    execution.ownership.resume(epoch, signals);
    return true;
  }

  /** Ends an execution that was claimed only to be ended: its code is not run (again). */
  endUnrun(facts: ExecutionFacts, error: DurableError): void {
    this.#parked.drop(facts.id);
    const execution = new ActiveExecution(facts, [], this.services, this);
    this.#active.set(execution.id, execution);
    void this.#stopAndEnd(execution, error);
  }

  /** The execution has ended elsewhere while its code was parked here. */
  drop(id: string): void {
    this.#parked.drop(id);
  }

  cancel(id: string, reason: string | null): void {
    const execution = this.#active.get(id);
    if (execution !== undefined)
      void this.#stopAndEnd(execution, new ExecutionCancelled(id, reason ?? undefined));
  }

  /** Makes the bodies that run for long visible in the history. */
  showLongBodies(): void {
    const longAgo = this.services.databaseClock.now() - LONG_BODY_MS;
    for (const execution of this.#active.values()) {
      if (execution.bodies.size > 0 && execution.ownership.isHeld) execution.recordOpenBodies(longAgo);
    }
  }

  /**
   * Gives everything back: bodies that run may end (and are recorded), nothing new begins, and what has not
   * ended when `abortAfter` has passed is told through its signal. Resolves when all is given back.
   */
  async handOver(abortAfter: number): Promise<void> {
    this.#parked.dropAll();
    const timer = this.services.clock.setTimer(abortAfter, () => {
      for (const execution of this.#active.values())
        execution.abort.abort(new Error('The process shuts down; the execution goes on elsewhere.'));
    });
    await Promise.all([...this.#active.values()].map((execution) => this.#handOver(execution)));
    timer.cancel();
  }

  /** The lease is lost: others go on with everything that this process runs. */
  abandonAll(reason: Error): void {
    for (const execution of [...this.#active.values()]) execution.abandon(reason);
  }

  parked(execution: ActiveExecution): void {
    this.#parked.add(execution);
    this.#leave(execution);
    this.#listener?.parkedUntil(execution.root?.nextDue ?? Infinity);
  }

  reclaimed(execution: ActiveExecution): void {
    this.#parked.remove(execution);
    this.#active.set(execution.id, execution);
    this.#listener?.returned(execution);
  }

  abandoned(execution: ActiveExecution): void {
    this.#parked.remove(execution);
    this.#leave(execution);
  }

  /** A suspension was declined: look at what the signal is, and try again. */
  signalled(execution: ActiveExecution): void {
    void this.#readSignals(execution);
  }

  broken(execution: ActiveExecution, error: DurableError): void {
    this.#logger.error(error.message);
    void this.#stopAndEnd(execution, error);
  }

  async #drive(execution: ActiveExecution): Promise<void> {
    const verdict = await this.#verdictOf(execution);
    if (execution.isOver || !(await execution.ownership.ensure()) || execution.isOver) return;
    const missed = execution.root?.delivery.neverCalled();
    if (missed !== undefined) {
      return this.broken(
        execution,
        new ReplayDivergence(execution.id, describeOperation(missed), 'nothing more: the code is over'),
      );
    }
    execution.stop({ handOver: false });
    await this.#end(execution, verdict);
  }

  async #verdictOf(execution: ActiveExecution): Promise<Judgement> {
    try {
      const output = await runWorkflowCode(execution);
      return {
        outcome: 'completed',
        output: output === undefined ? null : this.services.serializer.stringify(output),
        error: null,
      };
    } catch (error) {
      return { outcome: 'failed', output: null, error: serializeError(error), thrown: error };
    }
  }

  /** Lets bodies that run come to an end, told by their signals, then ends the execution with the error. */
  async #stopAndEnd(execution: ActiveExecution, error: DurableError): Promise<void> {
    if (execution.isOver) return;
    if (!(await execution.ownership.ensure()) || execution.isOver) return;
    execution.stop({ handOver: false });
    execution.abort.abort(error);
    await this.#withinGrace(execution.bodiesQuiet());
    await this.#end(execution, {
      outcome: error instanceof ExecutionCancelled ? 'cancelled' : 'failed',
      output: null,
      error: serializeError(error),
    });
  }

  async #end(execution: ActiveExecution, { thrown, isRefusal, ...verdict }: Judgement): Promise<void> {
    const { facts, records, ownership, services } = execution;
    const retry = verdict.outcome === 'failed' ? nextTry(facts, thrown, services) : null;
    try {
      const accepted = await records.end({
        ...verdict,
        epoch: ownership.epoch,
        startedAt: facts.startedAt,
        endedAt: services.databaseClock.now(),
        retry,
      });
      if (accepted) {
        execution.finish();
        this.#listener?.ended({
          executionId: execution.id,
          ...verdict,
          retriedAs: retry?.executionId ?? null,
        });
      } else {
        this.#logger.warn(
          `Execution ${execution.id} had ended or changed hands before it could be ended here.`,
        );
        execution.abandon(new Error(`Execution ${execution.id} is not this worker's any more.`));
      }
    } catch (error) {
      if (error instanceof RecordRefused && !isRefusal) {
        const refusal = { outcome: 'failed', output: null, error: serializeError(error) } as const;
        return await this.#end(execution, { ...refusal, isRefusal: true });
      }
      execution.abandon(error instanceof Error ? error : new Error(String(error)));
    }
    this.#leave(execution);
    // Bodies that nobody awaited are told that nobody will.
    execution.abort.abort(new Error(`Execution ${execution.id} has ended.`));
  }

  async #handOver(execution: ActiveExecution): Promise<void> {
    if (execution.isOver) return;
    execution.stop({ handOver: true });
    await execution.bodiesQuiet();
    await execution.ownership.settled();
    if (execution.isAbandoned) return;
    const { ownership, records } = execution;
    const released = ownership.isHeld ? records.release(ownership.epoch).catch(() => false) : undefined;
    // In the same turn: what a body still does is not to be written behind the release.
    execution.abandon(new Error(`Execution ${execution.id} was handed over.`));
    await released;
    this.#leave(execution);
  }

  async #readSignals(execution: ActiveExecution): Promise<void> {
    try {
      const row = await signalsOf(this.services.query, this.services.schema, execution.id);
      if (row === undefined) return;
      execution.ownership.sawSignals(row.signals);
      if (row.cancelRequested) this.cancel(execution.id, row.cancelReason);
      else execution.operationsChanged();
    } catch (error) {
      this.#logger.warn(
        `The signals of execution ${execution.id} could not be read: ${String(error)}. Trying again.`,
      );
      this.services.clock.setTimer(1_000, () => this.signalled(execution));
    }
  }

  #armDeadline(execution: ActiveExecution): void {
    const { deadlineAt, timeout, id } = execution.facts;
    if (deadlineAt === null) return;
    execution.waits.at(
      deadlineAt,
      () => void this.#stopAndEnd(execution, new WorkflowTimeout(id, timeout ?? 0)),
    );
  }

  #withinGrace(work: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.services.clock.setTimer(GRACE_MS, resolve);
      void work.then(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  #leave(execution: ActiveExecution): void {
    if (this.#active.get(execution.id) !== execution) return;
    this.#active.delete(execution.id);
    this.#listener?.left(execution);
  }
}
