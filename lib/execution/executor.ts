import { Logger } from '@nestjs/common';
import type { DurableError } from '../errors/durable.error.js';
import { ExecutionCancelled, ReplayDivergence, WorkflowTimeout } from '../errors/execution.error.js';
import { serializeError } from '../serialization/serialized-error.js';
import { ActiveExecution, type ExecutionObserver } from './active-execution.js';
import { isTriedAgain } from './automatic-retry.js';
import type { Course } from './course.js';
import { type Judgement, storeEnd } from './ending.js';
import type { ExecutionEnding, ExecutionFacts } from './execution-facts.js';
import type { ExecutionServices } from './execution-services.js';
import type { HistoryLine } from '../storage/history-line.js';
import { History } from './history.js';
import { runOutside } from './operation-context.js';
import { describeOperation } from './operation-scope.js';
import { ParkedExecutions } from './parked-executions.js';
import { recordedBeginning, type UndoCause, undoCauseOf } from './saga/undo-cause.js';
import type { WhyUndone } from './saga/way-back.js';
import { Stopping } from './stopping.js';
import type { Reading } from './waiting/mail-reader.js';
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

/** Bodies that take longer than this become visible in the history while they run. */
const LONG_BODY_MS = 1_000;

/** Runs executions in this process, from the claim to the end, to a wait, or to a handover. */
export class Executor implements ExecutionObserver {
  readonly #logger = new Logger('DurableExecutor');
  readonly #active = new Map<string, ActiveExecution>();
  readonly #parked = new ParkedExecutions();
  readonly #stopping: Stopping;
  #listener: ExecutionListener | undefined;

  constructor(private readonly services: ExecutionServices) {
    const host = {
      isActive: (execution: ActiveExecution) => this.#active.get(execution.id) === execution,
      replace: (execution: ActiveExecution) => void this.#active.set(execution.id, execution),
      end: (execution: ActiveExecution, judgement: Judgement) => this.#end(execution, judgement),
      leave: (execution: ActiveExecution) => this.#leave(execution),
    };
    this.#stopping = new Stopping(host, services.clock);
  }

  set listener(listener: ExecutionListener) {
    this.#listener = listener;
  }

  get activeCount(): number {
    return this.#active.size;
  }

  get(id: string): ActiveExecution | undefined {
    return this.#active.get(id);
  }

  /** Begins an execution, or goes on with one from its history, whichever way it goes. */
  run(facts: ExecutionFacts, lines: readonly HistoryLine[]): void {
    const begun = recordedBeginning(lines);
    if (begun !== undefined) return this.#goBack(facts, lines, { cause: begun.cause, begun });
    const execution = this.#activate(facts, lines, 'forward');
    this.#armDeadline(execution);
    runOutside(() => void this.#drive(execution));
  }

  /** Ends an execution that others have begun, with its work undone: its code is not run any further. */
  undoUnrun(facts: ExecutionFacts, lines: readonly HistoryLine[], error: DurableError): void {
    const begun = recordedBeginning(lines);
    this.#goBack(facts, lines, { cause: begun?.cause ?? undoCauseOf(error), begun });
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
    void this.#stopping.end(this.#activate(facts, [], 'forward'), error, { compensate: false });
  }

  /** The execution has ended elsewhere while its code was parked here. */
  drop(id: string): void {
    this.#parked.drop(id);
  }

  /** Ends an execution that runs here, its work undone. */
  undo(id: string, error: DurableError): void {
    const execution = this.#active.get(id);
    if (execution?.course === 'forward') void this.#stopping.end(execution, error, { compensate: true });
  }

  /** An execution that goes the way back already goes on with that. */
  cancel(id: string, { reason, compensate }: { reason: string | null; compensate: boolean }): void {
    const execution = this.#active.get(id);
    if (execution?.course !== 'forward') return;
    void this.#stopping.end(execution, new ExecutionCancelled(id, reason ?? undefined), { compensate });
  }

  /** Somebody has said something to an execution that may run here. */
  look(id: string): void {
    // Whoever said it may be an execution of this process himself.
    runOutside(() => void this.#active.get(id)?.look());
  }

  /** Makes the bodies that run for long visible in the history. */
  showLongBodies(): void {
    const longAgo = this.services.databaseClock.now() - LONG_BODY_MS;
    for (const execution of this.#active.values()) {
      if (execution.bodies.count > 0 && execution.ownership.isHeld) execution.recordOpenBodies(longAgo);
    }
  }

  /** Gives everything back; what has not ended when `abortAfter` has passed is told through its signal. */
  async handOver(abortAfter: number): Promise<void> {
    this.#parked.dropAll();
    await this.#stopping.handOver([...this.#active.values()], abortAfter);
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

  heard(execution: ActiveExecution, { cancelRequested, cancelReason, compensate }: Reading): void {
    if (cancelRequested) this.cancel(execution.id, { reason: cancelReason, compensate });
  }

  broken(execution: ActiveExecution, error: DurableError): void {
    this.#logger.error(error.message);
    if (execution.course !== 'forward') this.#stopping.wayBack.broken(execution, error);
    // Where the code and the history tell different stories, neither says what there is to undo.
    else void this.#stopping.end(execution, error, { compensate: !(error instanceof ReplayDivergence) });
  }

  async #drive(execution: ActiveExecution): Promise<void> {
    const verdict = await this.#verdictOf(execution);
    // What the code did not wait for may have completed, too, before its process was lost.
    if (!execution.replay.isOver) {
      await execution.replay.over();
      await execution.replay.quiet();
    }
    if (execution.isOver || !(await execution.ownership.ensure()) || execution.isOver) return;
    const missed = execution.root?.delivery.neverCalled();
    if (missed !== undefined) {
      return execution.diverged(describeOperation(missed), 'nothing more: the code is over');
    }
    execution.stop({ handOver: false });
    if (!('because' in verdict)) return await this.#end(execution, verdict);
    // What nobody awaits may complete still, and then has to be undone with the rest.
    if (execution.bodies.some((operation) => operation.undo !== undefined)) {
      await this.#stopping.quiet(execution, new Error(`Execution ${execution.id} has failed.`));
    }
    if (!execution.isAbandoned) await this.#stopping.wayBack.take(execution, verdict);
  }

  /** How the code came to its end: what is to be stored, or why its work is undone. */
  async #verdictOf(execution: ActiveExecution): Promise<Judgement | UndoCause> {
    try {
      const output = await runWorkflowCode(execution);
      const stored = output === undefined ? null : this.services.serializer.stringify(output);
      return { outcome: 'completed', output: stored, error: null, isRetried: false };
    } catch (error) {
      const isRetried = isTriedAgain(execution.facts, error);
      return { because: 'failed', error: serializeError(error), isRetried };
    }
  }

  async #end(execution: ActiveExecution, judgement: Judgement): Promise<void> {
    const ending = await storeEnd(execution, judgement);
    if (ending !== undefined) this.#listener?.ended(ending);
    this.#leave(execution);
    // Bodies that nobody awaited are told that nobody will.
    execution.abort.abort(new Error(`Execution ${execution.id} has ended.`));
  }

  #activate(facts: ExecutionFacts, lines: readonly HistoryLine[], course: Course): ActiveExecution {
    const execution = new ActiveExecution(facts, new History(lines), this.services, this, course);
    this.#active.set(execution.id, execution);
    return execution;
  }

  #goBack(facts: ExecutionFacts, lines: readonly HistoryLine[], why: WhyUndone): void {
    const execution = this.#activate(facts, lines, 'unwinding');
    runOutside(() => void this.#stopping.wayBack.find(execution, why));
  }

  #armDeadline(execution: ActiveExecution): void {
    const { deadlineAt, timeout, id } = execution.facts;
    if (deadlineAt === null) return;
    execution.waits.at(
      deadlineAt,
      () => void this.#stopping.end(execution, new WorkflowTimeout(id, timeout ?? 0), { compensate: true }),
    );
  }

  #leave(execution: ActiveExecution): void {
    if (this.#active.get(execution.id) !== execution) return;
    this.#active.delete(execution.id);
    this.#stopping.left();
    this.#listener?.left(execution);
  }
}
