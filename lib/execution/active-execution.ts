import { Logger } from '@nestjs/common';
import type { DurableError } from '../errors/durable.error.js';
import { RecordRefused, ReplayDivergence } from '../errors/execution.error.js';
import { reviveError } from '../serialization/serialized-error.js';
import { Abort } from './abort.js';
import { Delivery, type DeliveryMode } from './delivery.js';
import type { ExecutionFacts } from './execution-facts.js';
import { ExecutionRecords } from './execution-records.js';
import type { ExecutionServices } from './execution-services.js';
import type { HistoryLine } from '../storage/history-line.js';
import { History } from './history.js';
import type { Operation, Surroundings } from './operation.js';
import { ROOT_PATH } from './operation-path.js';
import { describeOperation, type OperationScope, type ScopeOwner } from './operation-scope.js';
import { Ownership } from './ownership.js';
import { Waits } from './waits.js';

/** What an operation's end, or one attempt of it, adds to the history. */
export type LineFacts = Pick<HistoryLine, 'outcome' | 'attempt' | 'startedAt'> &
  Partial<Pick<HistoryLine, 'output' | 'error' | 'dueAt'>>;

export interface ExecutionObserver {
  /** The code has nothing to do but wait; the execution is nobody's now. */
  parked(execution: ActiveExecution): void;
  /** Parked code went on by itself, and the execution is ours again. */
  reclaimed(execution: ActiveExecution): void;
  /** It is not this process's any more. */
  abandoned(execution: ActiveExecution): void;
  /** Somebody signalled the execution while it was about to park. */
  signalled(execution: ActiveExecution): void;
  /** It cannot go on, whatever its code does: a divergence, a record that the database refused. */
  broken(execution: ActiveExecution, error: DurableError): void;
}

/**
 * One execution as this process runs it: its history, its open operations, and the rules between them.
 *
 * What the code of the workflow calls ends here: a call opens an operation, an end becomes a line of the
 * history, and the line's result is delivered to the code in order.
 */
export class ActiveExecution implements ScopeOwner {
  readonly history: History;
  readonly records: ExecutionRecords;
  readonly abort = new Abort();
  readonly waits: Waits;
  readonly ownership: Ownership;
  /** Operations whose bodies run at this moment. */
  readonly bodies = new Set<Operation>();
  root: OperationScope | undefined;
  /** The time of the last delivered result: what `now()` tells. */
  now: number;
  #seq: number;
  #isStopping = false;
  #isHandingOver = false;
  #hasEnded = false;
  #isAbandoned = false;
  #bodyEnded: (() => void)[] = [];

  constructor(
    readonly facts: ExecutionFacts,
    lines: readonly HistoryLine[],
    readonly services: ExecutionServices,
    readonly observer: ExecutionObserver,
  ) {
    this.history = new History(lines);
    this.#seq = this.history.lastSeq;
    this.now = facts.createdAt;
    this.records = new ExecutionRecords(facts.id, services.journal, (error) => this.#refused(error));
    this.waits = new Waits(services.clock, services.databaseClock);
    this.ownership = new Ownership(
      this,
      {
        parked: () => observer.parked(this),
        reclaimed: () => observer.reclaimed(this),
        signalled: () => observer.signalled(this),
        refused: (error) => observer.broken(this, error),
      },
      facts.epoch,
      facts.signals,
    );
  }

  get id(): string {
    return this.facts.id;
  }

  /** It has its terminal status. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** It is not ours any more; what its code still does is ignored. */
  get isAbandoned(): boolean {
    return this.#isAbandoned;
  }

  /** Its code is to go no further: it is being cancelled, has timed out, or is handed over. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** It is being stopped so that another worker goes on with it. */
  get isHandingOver(): boolean {
    return this.#isHandingOver;
  }

  get isOver(): boolean {
    return this.#hasEnded || this.#isAbandoned || this.#isStopping;
  }

  openDelivery(path: string, mode: DeliveryMode): Delivery {
    return new Delivery({
      mode,
      recorded: this.history.endsWithin(path),
      clock: this.services.clock,
      replay: (operation, line) => this.#deliver(operation, line),
      diverged: (recorded, called) => this.diverged(recorded, called),
    });
  }

  operationsChanged(): void {
    if (this.ownership.isParked) void this.ownership.ensure();
    else if (this.waits.count > 0) this.ownership.considerParking();
  }

  /**
   * Whether a body may begin at this very moment, as the next side effect of the execution: what came before it is
   * durable (gate the next side effect, not the next line), the lease holds, and nobody has asked for the end.
   * Whoever begins one asks in the same turn: any await in between lets a hand-over slip in.
   */
  mayBeginBody({ delivery }: Surroundings): boolean {
    return (
      !this.isOver &&
      !delivery.holdsBodies &&
      this.ownership.isHeld &&
      this.records.areDurable &&
      this.services.journal.acceptsBodies
    );
  }

  /** Resolves when it is worth asking again whether a body may begin; never, if none may any more. */
  async bodyGate({ delivery }: Surroundings): Promise<void> {
    await delivery.replayed();
    if (!this.ownership.isHeld) await this.ownership.ensure();
    if (!this.records.areDurable) await this.records.durable();
    if (!this.services.journal.acceptsBodies) await this.services.journal.readyForBodies();
    if (this.isOver) await new Promise(() => undefined);
  }

  nextSeq(): number {
    this.#seq += 1;
    return this.#seq;
  }

  /** Writes one line of history. */
  record(operation: Operation, facts: LineFacts): HistoryLine {
    const line = this.#line(operation, facts);
    this.records.history(line);
    // A step's next attempt, in this process, must know what its operations did in this one.
    if (operation.scope.path !== ROOT_PATH) this.history.add(line);
    return line;
  }

  /** An operation has ended: the line is written, and its result goes to the code that called it. */
  async end(operation: Operation, facts: LineFacts): Promise<void> {
    if (!this.ownership.isHeld && !(await this.ownership.ensure())) return;
    if (this.#hasEnded || this.#isAbandoned) return;
    const line = this.record(operation, facts);
    operation.waitsUntil = undefined;
    if (!this.#isStopping) operation.scope.delivery.ended(operation, () => this.#deliver(operation, line));
  }

  /** The place of an operation whose line another transaction writes, and how to deliver it after the commit. */
  reserveEnd(operation: Operation, facts: LineFacts): { line: HistoryLine; commit(): void; void(): void } {
    const line = this.#line(operation, facts);
    const place = operation.scope.delivery.reserve(operation);
    return {
      line,
      commit: () => {
        if (operation.scope.path !== ROOT_PATH) this.history.add(line);
        place.fill(() => this.#deliver(operation, line));
      },
      void: () => place.void(),
    };
  }

  bodyBegins(operation: Operation, startedAt: number): void {
    this.bodies.add(operation);
    operation.runningSince = startedAt;
  }

  /** Shows the bodies that run in the history, so that others see them and a resume knows since when. */
  recordOpenBodies(olderThan = Infinity): void {
    for (const operation of this.bodies) {
      const { runningSince, attempt, deadline } = operation;
      if (operation.isRecordedAsOpen || runningSince === undefined || runningSince > olderThan) continue;
      operation.isRecordedAsOpen = true;
      this.record(operation, {
        outcome: 'opened',
        attempt,
        startedAt: runningSince,
        dueAt: deadline ?? null,
      });
    }
  }

  bodyEnds(operation: Operation): void {
    this.bodies.delete(operation);
    operation.runningSince = undefined;
    for (const resume of this.#bodyEnded.splice(0)) resume();
  }

  /** No more results for the code, and no new bodies. What those that run still do is recorded. */
  stop({ handOver }: { handOver: boolean }): void {
    this.#isStopping = true;
    this.#isHandingOver = handOver;
    this.waits.disarm();
  }

  /** Resolves when no body does anything any more, except to wait. */
  async bodiesQuiet(): Promise<void> {
    while ([...this.bodies].some((operation) => !operation.onlyWaits)) {
      await new Promise<void>((resolve) => this.#bodyEnded.push(resolve));
    }
  }

  /** It has its terminal status: whatever its code still does happens outside. */
  finish(): void {
    this.#hasEnded = true;
    this.#quit();
  }

  /** It is not ours any more: its code gets no answer to anything it still calls, and its signals say why. */
  abandon(reason: Error): void {
    if (this.#isAbandoned) return;
    this.#isAbandoned = true;
    this.abort.abort(reason);
    this.#quit();
    this.observer.abandoned(this);
  }

  diverged(recorded: HistoryLine, called: Operation | undefined): void {
    if (this.isOver) return;
    const error = new ReplayDivergence(
      this.id,
      describeOperation(recorded),
      called === undefined ? 'nothing more' : describeOperation(called),
    );
    this.observer.broken(this, error);
  }

  #deliver(operation: Operation, line: HistoryLine): void {
    if (this.isOver) return;
    // What runs inside steps comes in another order on a replay, so it does not move the time.
    if (operation.scope.path === ROOT_PATH) this.now = Math.max(this.now, line.endedAt);
    if (line.outcome === 'failed') operation.reject(reviveError(line.error ?? '{}'));
    else this.#resolve(operation, line.output);
    this.operationsChanged();
  }

  #resolve(operation: Operation, output: string | null): void {
    try {
      operation.resolve(output === null ? undefined : this.services.serializer.parse(output));
    } catch (error) {
      operation.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #line(operation: Operation, facts: LineFacts): HistoryLine {
    const now = this.services.databaseClock.now();
    return {
      seq: this.nextSeq(),
      path: operation.path,
      kind: operation.kind,
      attempt: facts.attempt,
      outcome: facts.outcome,
      startedAt: facts.startedAt,
      endedAt: now,
      dueAt: facts.dueAt ?? null,
      output: facts.output ?? null,
      error: facts.error ?? null,
      hash: operation.hash,
    };
  }

  #quit(): void {
    this.waits.disarm();
    this.root?.delivery.stop();
    for (const resume of this.#bodyEnded.splice(0)) resume();
  }

  #refused(error: DurableError): void {
    if (error instanceof RecordRefused) this.observer.broken(this, error);
    else if (!this.#isAbandoned) {
      new Logger('DurableExecution').debug(`Execution ${this.id} is left to others: ${error.message}`);
      this.abandon(error);
    }
  }
}
