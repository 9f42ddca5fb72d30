import { Logger } from '@nestjs/common';
import { RecordRefused } from '../errors/execution.error.js';
import type { DatabaseClock } from '../time/database-clock.js';
import type { ExecutionRecords } from './execution-records.js';
import type { Progress } from './operation.js';
import type { Waits } from './waits.js';

/** A wait that is over sooner than this is waited for in memory: parking would cost more than it frees. */
export const SHORT_WAIT_MS = 1_000;

type State = 'held' | 'parking' | 'parked' | 'reclaiming';

/** The execution that is owned, as far as changing hands concerns it. */
export interface OwnedExecution {
  readonly id: string;
  readonly isAbandoned: boolean;
  readonly hasEnded: boolean;
  /** Whether it may be given up where all that is open waits. */
  readonly mayPark: boolean;
  /** Whether it has a wait open that others can end. */
  readonly mail: { readonly isListening: boolean };
  /** Everything that its code has open. */
  readonly root: Pick<Progress, 'onlyWaits' | 'nextDue'> | undefined;
  readonly waits: Waits;
  readonly records: Pick<ExecutionRecords, 'suspension' | 'reclaim' | 'release'>;
  readonly services: {
    readonly journal: { readonly workerId: string | undefined };
    readonly databaseClock: DatabaseClock;
  };
  operationsChanged(): void;
  recordOpenBodies(): void;
  abandon(reason: Error): void;
}

/** Told when an execution changes hands. */
export interface OwnershipListener {
  /** The code has nothing to do but wait; the execution is nobody's now. */
  parked(): void;
  /** Parked code went on by itself, and the execution is ours again. */
  reclaimed(): void;
  /** Somebody signalled the execution while it was about to park. */
  signalled(): void;
  /** The database does not take what the execution said. */
  refused(error: RecordRefused): void;
}

/**
 * Whose the execution is, while its code lives in this process: held by this worker, or parked — given back to
 * the database because everything that is open only waits — with its code kept in memory for the way back.
 */
export class Ownership {
  #state: State = 'held';
  #change: Promise<boolean> | undefined;
  #considering = false;
  #workerId: string;

  constructor(
    private readonly execution: OwnedExecution,
    private readonly listener: OwnershipListener,
    private epochNow: number,
    private signalsSeen: number,
  ) {
    this.#workerId = this.#currentWorker;
  }

  /** The worker in whose name this process holds the execution; after a lost lease the process has another. */
  get workerId(): string {
    return this.#workerId;
  }

  get isHeld(): boolean {
    return this.#state === 'held';
  }

  get isParked(): boolean {
    return this.#state === 'parked';
  }

  get epoch(): number {
    return this.epochNow;
  }

  get signals(): number {
    return this.signalsSeen;
  }

  /** The signals up to this count have been acted upon. */
  sawSignals(count: number): void {
    // What was read first may arrive last.
    this.signalsSeen = Math.max(this.signalsSeen, count);
  }

  /** The execution was claimed again by this worker, with its code still here. */
  resume(epoch: number, signals: number): void {
    this.epochNow = epoch;
    this.signalsSeen = signals;
    this.#workerId = this.#currentWorker;
    this.#state = 'held';
    this.execution.waits.arm();
    this.execution.operationsChanged();
  }

  /** Parks the execution, if after a turn of the event loop there is still nothing left but to wait. */
  considerParking(): void {
    if (this.#considering || this.#state !== 'held') return;
    this.#considering = true;
    setImmediate(() => {
      this.#considering = false;
      if (this.#state === 'held' && this.#onlyWaits()) this.#change = this.#park();
    });
  }

  /**
   * Makes sure that the execution is this worker's before its code acts. Code that waited for something that
   * the engine cannot see goes on while the execution is parked: take it back, if nobody has had it since.
   */
  async ensure(): Promise<boolean> {
    for (;;) {
      if (this.execution.isAbandoned || this.execution.hasEnded) return false;
      if (this.#state === 'held') return true;
      if (this.#state === 'parked') this.#change = this.#reclaim();
      await this.#change;
    }
  }

  /** Resolves when no change of hands is on its way. */
  async settled(): Promise<void> {
    await this.#change;
  }

  get #currentWorker(): string {
    return this.execution.services.journal.workerId ?? '0';
  }

  #onlyWaits(): boolean {
    const { root, services, mayPark } = this.execution;
    if (!mayPark || root === undefined || !root.onlyWaits) return false;
    return root.nextDue - services.databaseClock.now() > SHORT_WAIT_MS;
  }

  async #park(): Promise<boolean> {
    const { execution } = this;
    this.#state = 'parking';
    execution.recordOpenBodies();
    const dueAt = execution.root?.nextDue ?? Infinity;
    try {
      const parked = await execution.records.suspension({
        epoch: this.epochNow,
        signals: this.signalsSeen,
        dueAt: Number.isFinite(dueAt) ? dueAt : null,
        listening: execution.mail.isListening,
      });
      this.#state = parked ? 'parked' : 'held';
      if (!parked) {
        this.listener.signalled();
        return false;
      }
      execution.waits.disarm();
      this.listener.parked();
      return true;
    } catch (error) {
      this.#state = 'held';
      if (error instanceof RecordRefused) {
        this.listener.refused(error);
        return false;
      }
      // The lease is lost: whoever owns the execution now finds its history.
      execution.abandon(error instanceof Error ? error : new Error(String(error)));
      return false;
    }
  }

  async #reclaim(): Promise<boolean> {
    const { execution } = this;
    this.#state = 'reclaiming';
    const taken = await execution.records.reclaim(this.epochNow).catch(() => false);
    if ((this.#state as State) === 'held') return true; // our own claimer was faster
    if (!taken) {
      execution.abandon(new Error(`Execution ${execution.id} went on elsewhere while it was parked here.`));
      return false;
    }
    if (execution.isAbandoned) {
      // Dropped from the cache meanwhile: whoever claims it next goes on from the history.
      await execution.records.release(this.epochNow + 1).catch(() => false);
      return false;
    }
    this.resume(this.epochNow + 1, this.signalsSeen);
    new Logger('DurableExecution').warn(
      `Execution ${execution.id} was parked because all that it had open were waits, but its code went on: ` +
        'it awaits something that is neither a step nor a wait. Put that into a step.',
    );
    this.listener.reclaimed();
    return true;
  }
}
