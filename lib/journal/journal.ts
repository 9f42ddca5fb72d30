import { EngineStopped, LeaseLost } from '../errors/worker.error.js';
import { Logger } from '@nestjs/common';
import type { Clock, Timer } from '../time/clock.js';
import type { DatabaseClock } from '../time/database-clock.js';
import type { ClaimedExecution, ClaimRequest, ClaimSource } from './claims.js';
import { describeFailure } from './flush-failure.js';
import {
  Fenced,
  type JournalWorker,
  Lane,
  type LaneListener,
  type LaneOptions,
  type Moment,
} from './lane.js';
import { RecordQueue } from './record-queue.js';
import type { JournalRecord } from './records.js';

export interface JournalOptions extends LaneOptions {
  readonly databaseClock: DatabaseClock;
}

/** Above this many waiting records no more work is claimed; above the second, bodies wait. */
const HIGH_WATER = { claims: 5_000, bodies: 20_000 } as const;
/** So many records go out at once, without waiting for a turn of the event loop: while the database stores them, the
 * process works on the next. */
const ENOUGH = 64;
const SET_ASIDE_MS = 250;
const CLOSE_WITHIN_MS = 5_000;
const NEVER: Moment = { monotonic: -Infinity, wall: -Infinity };

/**
 * The group-commit writer. Every durable fact of every execution in the process goes through its one lane:
 * while one flush is on its way the next batch gathers, and each batch is one transaction in one round trip.
 *
 * Rules that the rest of the engine builds on:
 * - a record is durable only after the COMMIT of its flush, and then its watcher is told;
 * - records of one execution become durable in the order in which they were appended;
 * - nothing is stored by a worker that has lost its lease: every flush begins with the fence;
 * - whether a flush was committed is never guessed: `flush_no` in the worker's row knows.
 */
export class Journal implements LaneListener {
  readonly #logger = new Logger('DurableJournal');
  readonly #queue = new RecordQueue();
  readonly #lane: Lane;
  readonly #clock: Clock;
  #worker: JournalWorker | undefined;
  #busy = false;
  #scheduled = false;
  #isClosing = false;
  #confirmedAt = NEVER;
  #healthySince = Infinity;
  #heartbeat: Timer | undefined;
  #claims: ClaimSource | undefined;
  #onLost: (worker: JournalWorker) => void = () => undefined;
  readonly #idle: (() => void)[] = [];
  readonly #calm: (() => void)[] = [];
  readonly #onConfirmed: (() => void)[] = [];

  constructor(private readonly options: JournalOptions) {
    this.#clock = options.clock;
    this.#lane = new Lane(options, this);
  }

  /** Who is asked for claims before each flush. */
  set claimSource(source: ClaimSource) {
    this.#claims = source;
  }

  /** Told when the lease was lost; everything unflushed has been refused by then. */
  set onLeaseLost(listener: (worker: JournalWorker) => void) {
    this.#onLost = listener;
  }

  /**
   * Begins to write in the name of a worker that was just registered.
   *
   * @throws LeaseLost where it is dead already
   */
  async open(worker: JournalWorker): Promise<void> {
    try {
      await this.#lane.open(worker);
    } catch (error) {
      throw error instanceof Fenced ? new LeaseLost(worker.id) : error;
    }
    this.#worker = worker;
    this.reconnected();
    await this.#flush();
  }

  append(record: JournalRecord): void {
    if (this.#isClosing) return record.watcher.refused(new EngineStopped('The journal'));
    this.#queue.add(record);
    if (this.#queue.length < ENOUGH) this.kick();
    else if (!this.#busy) void this.#flush();
  }

  /** Sends a flush soon, for a claim or because something was appended. */
  kick(): void {
    if (this.#scheduled || this.#busy || this.#worker === undefined) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#busy) void this.#flush();
    });
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  get workerId(): string | undefined {
    return this.#worker?.id;
  }

  /** Since when (monotonic) the heartbeats have gone through without a gap. */
  get healthySince(): number {
    return this.#healthySince;
  }

  /** Too much is waiting to be written to take on more work. */
  get isCrowded(): boolean {
    return this.#queue.length > HIGH_WATER.claims;
  }

  /** Whether a body may start now: the lease holds for certain, and the lane is not overloaded. */
  get acceptsBodies(): boolean {
    return this.holdsLease && this.#queue.length <= HIGH_WATER.bodies;
  }

  /** Resolves when a body may start; never, once the lease is lost for good. */
  async readyForBodies(): Promise<void> {
    while (!this.holdsLease) {
      const confirmed = new Promise<void>((resolve) => this.#onConfirmed.push(resolve));
      this.kick();
      await confirmed;
    }
    if (this.#queue.length > HIGH_WATER.bodies)
      await new Promise<void>((resolve) => this.#calm.push(resolve));
  }

  /** Resolves when everything appended so far is settled. */
  async settled(): Promise<void> {
    if (this.#queue.isEmpty && !this.#busy) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Writes what is left, unless the database is away or does not take it in time, and closes the connection. */
  async close(): Promise<void> {
    if (this.#worker !== undefined && this.#lane.isOpen) {
      await new Promise<void>((resolve) => {
        const timer = this.#clock.setTimer(CLOSE_WITHIN_MS, resolve);
        void this.settled().then(() => {
          timer.cancel();
          resolve();
        });
      });
    }
    this.#isClosing = true;
    this.#heartbeat?.cancel();
    const worker = this.#worker;
    this.#worker = undefined;
    if (worker !== undefined) this.#refuseAll([], new LeaseLost(worker.id));
    await this.#lane.close();
  }

  confirmed(sentAt: Moment, databaseTime: number): void {
    // After a standstill longer than the lease nobody else had the chance to beat either.
    const lease = this.#worker?.lease ?? 0;
    if (sentAt.monotonic - this.#confirmedAt.monotonic >= lease) this.#healthySince = sentAt.monotonic;
    this.#confirmedAt = sentAt;
    this.options.databaseClock.observe(databaseTime, sentAt.monotonic);
    release(this.#onConfirmed);
  }

  claimed(executions: readonly ClaimedExecution[]): void {
    this.#claims?.claimed(executions);
  }

  claimFailed(): void {
    this.#claims?.failed();
  }

  blocked(executionId: string, records: readonly JournalRecord[]): void {
    this.#queue.setAside(executionId, records);
    this.#clock.setTimer(SET_ASIDE_MS, () => {
      this.#queue.bringBack(executionId);
      this.kick();
    });
  }

  buried(): void {
    this.#confirmedAt = NEVER;
    this.#healthySince = Infinity;
  }

  disconnected(): void {
    this.#healthySince = Infinity;
  }

  reconnected(): void {
    this.#healthySince = this.#clock.monotonic();
  }

  /**
   * Whether the lease holds for certain, counted from the *sending* of the last good heartbeat: timers are late
   * exactly when the process was stopped or its event loop blocked.
   */
  get holdsLease(): boolean {
    const worker = this.#worker;
    if (worker === undefined) return false;
    const { monotonic, wall } = this.#confirmedAt;
    return Math.max(this.#clock.monotonic() - monotonic, this.#clock.now() - wall) < worker.lease;
  }

  async #flush(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined || this.#busy) return;
    this.#busy = true;
    this.#heartbeat?.cancel();
    const batch = this.#queue.take(this.#nextClaim());
    const isDue = batch.records.length > 0 || batch.claim !== undefined || this.#heartbeatIsDue(worker);
    try {
      if (isDue) await this.#lane.deliver(batch, worker);
    } catch (error) {
      if (batch.claim !== undefined) this.#claims?.failed();
      this.#giveUp(worker, error instanceof Fenced ? error.unsettled : batch.records, error);
    } finally {
      this.#busy = false;
    }
    this.#afterFlush(worker);
  }

  #nextClaim(): ClaimRequest | undefined {
    if (this.isCrowded) return undefined;
    try {
      return this.#claims?.next();
    } catch (error) {
      this.#logger.error(`No claim could be made: ${describeFailure(error)}`);
      return undefined;
    }
  }

  #afterFlush(worker: JournalWorker): void {
    if (this.#queue.length <= HIGH_WATER.bodies) release(this.#calm);
    if (this.#queue.length >= ENOUGH) return void this.#flush();
    if (this.#queue.length > 0) return this.kick();
    if (this.#queue.isEmpty) release(this.#idle);
    if (this.#worker !== worker) return;
    if (this.#claims?.wantsClaim === true) return this.kick();
    this.#heartbeat = this.#clock.setTimer(worker.lease / 3, () => this.kick());
  }

  #heartbeatIsDue(worker: JournalWorker): boolean {
    const silence = this.#clock.monotonic() - this.#confirmedAt.monotonic;
    return silence >= worker.lease / 3 - 1;
  }

  #giveUp(worker: JournalWorker, records: readonly JournalRecord[], error: unknown): void {
    if (!(error instanceof Fenced)) {
      this.#logger.error(`The journal gives up its worker: ${describeFailure(error)}.`);
    }
    this.#worker = undefined;
    this.disconnected();
    this.#refuseAll(records, new LeaseLost(worker.id));
    if (!this.#isClosing) this.#onLost(worker);
  }

  #refuseAll(records: readonly JournalRecord[], error: LeaseLost): void {
    for (const record of [...records, ...this.#queue.drain()]) record.watcher.refused(error);
    release(this.#idle);
    release(this.#calm);
  }
}

function release(waiters: (() => void)[]): void {
  for (const resume of waiters.splice(0)) resume();
}
