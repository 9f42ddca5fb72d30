import { Logger } from '@nestjs/common';
import type { DurableError } from '../errors/durable.error.js';
import { RecordRefused, ReplayDivergence } from '../errors/execution.error.js';
import { reviveError } from '../serialization/serialized-error.js';
import { Abort } from './abort.js';
import type { Course } from './course.js';
import { Delivery, type DeliveryMode } from './delivery.js';
import type { ExecutionFacts } from './execution-facts.js';
import { ExecutionRecords } from './execution-records.js';
import type { ExecutionServices } from './execution-services.js';
import type { WaitChange } from '../journal/records.js';
import type { HistoryLine } from '../storage/history-line.js';
import { Gate } from './gate.js';
import type { History } from './history.js';
import { HistoryWriter, type LineFacts } from './history-writer.js';
import type { Operation } from './operation.js';
import { describeOperation, type OperationScope, type ScopeOwner } from './operation-scope.js';
import { Ownership } from './ownership.js';
import { Replay } from './replay.js';
import { RunningBodies } from './running-bodies.js';
import { UndoLog } from './saga/undo-log.js';
import { Mail } from './waiting/mail.js';
import type { Reading } from './waiting/mail-reader.js';
import { Waits } from './waits.js';

export interface ExecutionObserver {
  /** The code has nothing to do but wait; the execution is nobody's now. */
  parked(execution: ActiveExecution): void;
  /** Parked code went on by itself, and the execution is ours again. */
  reclaimed(execution: ActiveExecution): void;
  /** It is not this process's any more. */
  abandoned(execution: ActiveExecution): void;
  /** What others have said to it was read. */
  heard(execution: ActiveExecution, reading: Reading): void;
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
  readonly records: ExecutionRecords;
  readonly lines: HistoryWriter;
  readonly abort = new Abort();
  readonly waits: Waits;
  readonly ownership: Ownership;
  /** Operations whose bodies run at this moment. */
  readonly bodies = new RunningBodies();
  readonly replay: Replay;
  readonly undoLog = new UndoLog();
  readonly gate = new Gate(this);
  readonly mail: Mail;
  root: OperationScope | undefined;
  /** The time of the last delivered result: what `now()` tells. */
  now: number;
  #undelivered = 0;
  #isStopping = false;
  #isHandingOver = false;
  #isCutShort = false;
  #hasEnded = false;
  #isAbandoned = false;

  constructor(
    readonly facts: ExecutionFacts,
    readonly history: History,
    readonly services: ExecutionServices,
    readonly observer: ExecutionObserver,
    readonly course: Course = 'forward',
  ) {
    this.replay = new Replay(this, history.isEmpty);
    this.now = facts.createdAt;
    this.mail = new Mail(this);
    this.records = new ExecutionRecords(facts.id, services.journal, (error) => this.#refused(error));
    this.lines = new HistoryWriter(history, this.records, services.databaseClock);
    this.waits = new Waits(services.clock, services.databaseClock);
    this.ownership = new Ownership(
      this,
      {
        parked: () => observer.parked(this),
        reclaimed: () => observer.reclaimed(this),
        signalled: () => void this.look(),
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

  /** It is being stopped so that another worker goes on with it. */
  get isHandingOver(): boolean {
    return this.#isHandingOver;
  }

  /** Its code has not come to where it was; or had not when it was stopped. */
  get isReplaying(): boolean {
    return this.#isCutShort || !this.replay.isOver || this.root?.delivery.isReplaying === true;
  }

  /** Whether it still does anything that is not recorded. */
  get beginsThings(): boolean {
    return this.course !== 'unwinding' && !this.isOver;
  }

  /** Whether what happens in it is recorded. */
  get isRecorded(): boolean {
    return this.course !== 'unwinding' && !this.#hasEnded && !this.#isAbandoned;
  }

  get mayPark(): boolean {
    return this.beginsThings && !this.bodies.isStopping && !this.mail.isBusy;
  }

  /** Whether results are on their way to the code: until they are there, nothing comes after them. */
  get isDelivering(): boolean {
    return this.#undelivered > 0;
  }

  /** Whether others may see a wait of it as open. */
  get mayHaveOpenWaits(): boolean {
    const { history, facts } = this;
    // What was claimed only to be ended has not been asked what it waited for.
    return history.hasOpenWaits || (history.isEmpty && facts.epoch > 1);
  }

  get isOver(): boolean {
    return this.#hasEnded || this.#isAbandoned || this.#isStopping;
  }

  openDelivery(path: string, mode: DeliveryMode): Delivery {
    return new Delivery({
      mode,
      recorded: this.history.endsWithin(path),
      clock: this.services.clock,
      replay: this.replay,
      queued: (more) => {
        this.#undelivered += more;
        if (this.#undelivered === 0) this.mail.consider();
      },
      replayed: (operation, line) => {
        this.replay.delivered();
        this.undoLog.completed(operation, line);
        this.#deliver(operation, line);
      },
      diverged: (recorded, called) =>
        this.diverged(
          describeOperation(recorded),
          called === undefined ? 'nothing more' : described(called, recorded),
        ),
    });
  }

  operationsChanged(): void {
    this.bodies.tell();
    if (this.ownership.isParked) return void this.ownership.ensure();
    this.mail.consider();
    this.considerParking();
  }

  /** Parks the execution, if there is something to wait for and nothing else to do. */
  considerParking(): void {
    if (this.waits.count > 0 || this.mail.isListening) this.ownership.considerParking();
  }

  /** Others have said something to it, perhaps: reads what. */
  async look(): Promise<void> {
    if (!this.isOver) await this.mail.look();
  }

  /** What others have said was read: from here on it is known. */
  heard(reading: Reading): void {
    this.ownership.sawSignals(reading.signals);
    this.observer.heard(this, reading);
  }

  /**
   * Refuses an operation that a body calls, or has open, while the execution or the block around it is being ended:
   * the body hears why, and can come to its own end. False where nothing is to be refused.
   */
  refuse(operation: Operation): boolean {
    const { strand, isBody, delivery } = operation.scope;
    const isEnding = this.#isStopping && !this.#isHandingOver && !this.#hasEnded && !this.#isAbandoned;
    const reason = strand?.isStopped === true ? strand.reason : isEnding ? this.abort.reason : undefined;
    if (!isBody || reason === undefined) return false;
    operation.waitsUntil = undefined;
    delivery.ended(operation, () => operation.reject(reason));
    return true;
  }

  /** A wait that was opened by code which does not call it any more: nobody is to end it. */
  withdrawOpened(opened: HistoryLine): void {
    this.mail.removePlaceOf(opened.seq);
    this.onceHeld(() => {
      if (this.history.beginningsOf(opened.path).opened?.seq === opened.seq) this.lines.withdraw(opened);
    });
  }

  /** Records something, once the execution is held again if it is parked; nothing where it is not recorded any more. */
  onceHeld(record: () => void): void {
    if (!this.isRecorded) return;
    if (this.ownership.isHeld) record();
    else void this.ownership.ensure().then((isHeld) => void (isHeld && this.isRecorded && record()));
  }

  /** Those that an earlier process opened inside an operation whose body is over, or never begins again. */
  withdrawWaitsIn(path: string): void {
    for (const opened of this.history.openedWaitsIn(path)) this.withdrawOpened(opened);
  }

  /** An operation has ended: the line is written, and its result goes to the code that called it. */
  async end(operation: Operation, facts: LineFacts, wait?: WaitChange): Promise<void> {
    if (!this.ownership.isHeld && !(await this.ownership.ensure())) return;
    if (this.#hasEnded || this.#isAbandoned || operation.scope.strand?.isClosed === true) return;
    const line = this.lines.write(operation, facts, wait);
    operation.waitsUntil = undefined;
    this.undoLog.completed(operation, line);
    // What a body has called reaches it also while it is being stopped, so that it can come to its end.
    if (!this.#isStopping || operation.scope.isBody)
      operation.scope.delivery.ended(operation, () => this.#deliver(operation, line));
  }

  /** The place of an operation whose line another transaction writes, and how to deliver it after the commit. */
  reserveEnd(operation: Operation, facts: LineFacts): { line: HistoryLine; commit(): void; void(): void } {
    const line = this.lines.line(operation, facts);
    const place = operation.scope.delivery.reserve(operation);
    return {
      line,
      commit: () => {
        if (operation.scope.isBody) this.history.add(line);
        this.undoLog.completed(operation, line);
        place.fill(() => this.#deliver(operation, line));
      },
      void: () => place.void(),
    };
  }

  /** Shows the bodies that run in the history, so that others see them and a resume knows since when. */
  recordOpenBodies(olderThan = Infinity): void {
    this.lines.openBodies(this.bodies, olderThan);
  }

  /** No more results for the code, and no new bodies. What those that run still do is recorded. */
  stop({ handOver }: { handOver: boolean }): void {
    this.#isCutShort = this.isReplaying;
    this.#isStopping = true;
    this.#isHandingOver = handOver;
    this.waits.disarm();
    this.mail.stop();
  }

  /** It has its terminal status: whatever its code still does happens outside. */
  finish(): void {
    this.#hasEnded = true;
    this.#quit();
  }

  /** Its code is over, and the execution goes on in another way: it gets no answer to anything it still calls. */
  supersede(reason: Error): void {
    this.#isAbandoned = true;
    this.abort.abort(reason);
    this.#quit();
  }

  /** It is not ours any more: its code gets no answer to anything it still calls, and its signals say why. */
  abandon(reason: Error): void {
    if (this.#isAbandoned) return;
    this.supersede(reason);
    this.observer.abandoned(this);
  }

  /** The code does not do what the history says: both in words. */
  diverged(recorded: string, called: string): void {
    if (!this.isOver) this.observer.broken(this, new ReplayDivergence(this.id, recorded, called));
  }

  #deliver(operation: Operation, line: HistoryLine): void {
    if (this.isOver && !(this.#isStopping && operation.scope.isBody)) return;
    operation.end = line;
    // What runs inside steps comes in another order on a replay, so it does not move the time.
    if (!operation.scope.isBody && this.course !== 'undoing') this.now = Math.max(this.now, line.endedAt);
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

  #quit(): void {
    this.waits.disarm();
    this.mail.stop();
    this.root?.delivery.stop();
    this.bodies.tell();
  }

  #refused(error: DurableError): void {
    if (error instanceof RecordRefused) this.observer.broken(this, error);
    else if (!this.#isAbandoned) {
      new Logger('DurableExecution').debug(`Execution ${this.id} is left to others: ${error.message}`);
      this.abandon(error);
    }
  }
}

/** What was called in the place of what is recorded. */
function described(called: Operation, recorded: HistoryLine): string {
  const isSame = called.path === recorded.path && called.kind === recorded.kind;
  return `${describeOperation(called)}${isSame ? ' with other arguments' : ''}`;
}
