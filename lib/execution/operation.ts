import type { HistoryLine } from '../storage/history-line.js';
import type { Abort } from './abort.js';
import type { UndoRequest } from './saga/undo-request.js';
import type { Strand } from './strand.js';

/** What is under way in a piece of code, as far as what is around it asks. */
export interface Progress {
  /** Whether everything open in it only waits, for time or for others. */
  readonly onlyWaits: boolean;
  readonly nextDue: number;
  /** Whether anything open in it is a wait. */
  readonly holdsWaits: boolean;
  /** Each settles, without an error, when a transaction that is being committed in it is over. */
  readonly commitsOver: readonly Promise<void>[];
  /** What it is a part of is over: nothing that is open in it counts any more. */
  abandon(): void;
}

/** One run of a step's body, as what is called in it sees it. */
export interface EnclosingBody {
  /** Its attempt is settled, or it has been left behind: whatever it still does is ignored. */
  readonly isOver: boolean;
  /**
   * Its attempt has come to an end, or that of a body around it: what it has called counts no more. One that is only
   * interrupted, to go on elsewhere, leaves nothing: what it has called may end, and is recorded.
   */
  readonly isLeft: boolean;
  /** It has a transaction of the application open, or a body around it has. */
  readonly holdsTransaction: boolean;
  /** When it is given up. */
  readonly deadline: number | undefined;
  /** Tells what is called in it that it is over. */
  readonly abort: Abort;
}

/** Where operations are called from, as an operation sees it: a run method, a line of a pipeline, a body. */
export interface Surroundings {
  readonly path: string;
  readonly delivery: OrderedResults;
  /** What it is stopped with, short of the whole execution. */
  readonly strand?: Strand | undefined;
  /** No other list or block of a pipeline runs beside it. */
  readonly isAlone: boolean;
  /** Inside the body of a step, whose next attempt asks again for what this one did. */
  readonly isBody: boolean;
  /** That body. */
  readonly around?: EnclosingBody | undefined;
}

/** The line in which the results of operations reach the code. */
export interface OrderedResults {
  /** Whether no body may begin yet: the recorded part of the code is not over. */
  readonly holdsBodies: boolean;
  /** Resolves when bodies are held no longer. */
  replayed(): Promise<void>;
  /** An operation ended live; its result is delivered after all that ended before it. */
  ended(operation: Operation, deliver: () => void): void;
  /** Resolves when the code has acted on what was recorded, as far as it asks for that. */
  caughtUp(): Promise<void>;
  /** An operation counts no more: nobody waits for its result. */
  forget(operation: Operation): void;
  /** Takes a place in the line for an operation that is about to commit, and returns how to fill or void it. */
  reserve(operation: Operation): { fill(deliver: () => void): void; void(): void };
}

/** An operation that was called and has not been delivered: a step, a wait. */
export class Operation {
  readonly promise: Promise<unknown>;
  #resolve!: (value: unknown) => void;
  #reject!: (error: Error) => void;

  /** When it goes on by itself, if it only waits: Infinity where only others end it. */
  waitsUntil: number | undefined;
  /** When its attempt is over whatever it does. */
  deadline: number | undefined;
  /** Since when a body of it runs, and in which attempt. */
  runningSince: number | undefined;
  attempt = 1;
  /** Whether its beginning is in the history, so that others see it and a resume knows its times. */
  isRecordedAsOpen = false;
  /** Its attempt has a transaction of the application, or waits for one: that is no state to wait in. */
  holdsTransaction = false;
  /** Settles, without an error, when its transaction is over. There once that is being committed. */
  commitOver: Promise<void> | undefined;
  /** What its body has called, if it has one that called something. */
  inner: Progress | undefined;
  /** How it is undone, if it completes and has to be. */
  undo: UndoRequest | undefined;
  /** Takes it back, if it is a wait that has not ended. */
  withdraw: (() => void) | undefined;
  /** Gives it up without a result, if it is a step: the body that called it is over. */
  leave: (() => void) | undefined;
  /** The line that ended it, once its result was delivered. */
  end: HistoryLine | undefined;

  constructor(
    readonly path: string,
    readonly kind: string,
    readonly hash: number | null,
    readonly scope: Surroundings,
  ) {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // A rejection that user code lets float must never take the host process down.
    this.promise.catch(() => undefined);
  }

  /** The body that called it is over: it does nothing more, and nothing of it counts. */
  get isLeftBehind(): boolean {
    return this.scope.around?.isLeft === true;
  }

  /** Whether nothing of it can go on before a time comes: it waits, or all that its body has open waits. */
  get onlyWaits(): boolean {
    if (this.holdsTransaction) return false;
    if (this.waitsUntil !== undefined) return true;
    return this.inner !== undefined && this.inner.onlyWaits;
  }

  get holdsWaits(): boolean {
    return this.waitsUntil !== undefined || this.inner?.holdsWaits === true;
  }

  /** The earliest time at which something of it becomes due. */
  get nextDue(): number {
    return Math.min(this.waitsUntil ?? Infinity, this.deadline ?? Infinity, this.inner?.nextDue ?? Infinity);
  }

  get commitsOver(): readonly Promise<void>[] {
    const inside = this.inner?.commitsOver ?? [];
    return this.commitOver === undefined ? inside : [this.commitOver, ...inside];
  }

  resolve(value: unknown): void {
    this.#resolve(value);
  }

  reject(error: Error): void {
    this.#reject(error);
  }
}
