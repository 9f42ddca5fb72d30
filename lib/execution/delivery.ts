import type { Clock, Timer } from '../time/clock.js';
import type { HistoryLine } from '../storage/history-line.js';
import { drained } from './drained.js';
import type { Operation, OrderedResults } from './operation.js';

/**
 * How strictly a scope repeats its history.
 * - `line`: operations that the engine itself calls, the nodes of a pipeline: live there is nothing to order, and
 *   recorded results come in the order of the whole history (see `Replay`).
 * - `code`: a run method: results come one at a time in recorded order, and nothing new begins before the
 *   recorded part is over.
 * - `body`: inside a step, whose code may do anything: recorded results come in order as far as they are
 *   asked for.
 */
export type DeliveryMode = 'line' | 'code' | 'body';

/** How long code may be quiet before a recorded operation that it never called counts as a divergence. */
const PATIENCE_MS = 2_000;

// Shared by all that have nothing yet: most executions never replay, and a pipeline has nothing to order.
const NOTHING: never[] = [];
const NO_PATHS: ReadonlySet<string> = new Set();

interface Result {
  readonly operation: Operation;
  /** Undefined while a transaction that has taken its place in the line has not ended. */
  deliver: (() => void) | undefined;
  isVoid: boolean;
}

/** Where the recorded results of a pipeline's nodes wait for their turn. */
export interface RecordedOrder {
  readonly isOver: boolean;
  expect(path: string, recorded: { deliver(): void }, where: { readonly isAlone: boolean }): void;
  /** Something was called that is not recorded. */
  called(operation: Operation): void;
}

export interface DeliveryOptions {
  readonly mode: DeliveryMode;
  readonly recorded: readonly HistoryLine[];
  readonly clock: Clock;
  readonly replay: RecordedOrder;
  /** So many more results, or fewer, are on their way to the code. */
  queued(more: 1 | -1): void;
  replayed(operation: Operation, line: HistoryLine): void;
  diverged(recorded: HistoryLine, called: Operation | undefined): void;
}

/**
 * Ordered delivery: results reach user code one at a time, in the order of their `seq`, and between two of them
 * the event loop drains, live and on replay alike. Without it `Promise.race`, and helpers that run side by
 * side, would see another order on a replay than they saw live.
 */
export class Delivery implements OrderedResults {
  readonly #open = new Map<string, Operation>();
  readonly #recordedPaths: ReadonlySet<string>;
  readonly #remaining: HistoryLine[];
  #live: Result[] = NOTHING;
  #pumping = false;
  #patience: Timer | undefined;
  #replayed: (() => void)[] = NOTHING;

  constructor(private readonly options: DeliveryOptions) {
    const { recorded } = options;
    this.#remaining = recorded.length === 0 ? NOTHING : [...recorded].reverse();
    this.#recordedPaths = recorded.length === 0 ? NO_PATHS : new Set(recorded.map((line) => line.path));
  }

  /** Whether recorded results are still to be delivered. */
  get isReplaying(): boolean {
    return this.#remaining.length > 0;
  }

  get openOperations(): Iterable<Operation> {
    return this.#open.values();
  }

  get openCount(): number {
    return this.#open.size;
  }

  /** An operation was called. Whether its end is recorded, so that it must not be run. */
  open(operation: Operation): boolean {
    this.#open.set(operation.path, operation);
    const isRecorded = this.#recordedPaths.has(operation.path);
    if (this.options.mode === 'line') {
      const { replay } = this.options;
      const recorded = { deliver: () => this.#deliverRecorded(operation) };
      if (isRecorded) replay.expect(operation.path, recorded, operation.scope);
      else if (!replay.isOver) replay.called(operation);
    } else if (isRecorded || (this.isReplaying && this.options.mode === 'code')) void this.#pump();
    return isRecorded;
  }

  get holdsBodies(): boolean {
    return this.options.mode === 'code' && this.isReplaying;
  }

  async replayed(): Promise<void> {
    if (this.holdsBodies)
      await new Promise<void>((resolve) => (this.#replayed = [...this.#replayed, resolve]));
  }

  async caughtUp(): Promise<void> {
    if (this.holdsBodies) {
      await this.replayed();
      await drained();
    }
    if (this.options.mode !== 'body' || !this.isReplaying) return;
    // What is recorded may be called right after what asks here.
    do await drained();
    while (this.#pumping && this.isReplaying);
  }

  forget(operation: Operation): void {
    this.#open.delete(operation.path);
  }

  ended(operation: Operation, deliver: () => void): void {
    if (this.options.mode === 'line') {
      this.#open.delete(operation.path);
      return deliver();
    }
    this.#enqueue({ operation, deliver, isVoid: false });
    void this.#pump();
  }

  reserve(operation: Operation): { fill(deliver: () => void): void; void(): void } {
    const result: Result = { operation, deliver: undefined, isVoid: false };
    this.#enqueue(result);
    return {
      fill: (deliver) => {
        result.deliver = deliver;
        void this.#pump();
      },
      void: () => {
        result.isVoid = true;
        void this.#pump();
      },
    };
  }

  /** The recorded operation that this scope's code never called, if there is one: asked when the code is over. */
  neverCalled(): HistoryLine | undefined {
    return this.#remaining.findLast((line) => !this.#open.has(line.path));
  }

  stop(): void {
    this.#patience?.cancel();
  }

  #enqueue(result: Result): void {
    if (this.#live === NOTHING) this.#live = [result];
    else this.#live.push(result);
    this.options.queued(1);
  }

  #shift(): void {
    this.#live.shift();
    this.options.queued(-1);
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      for (;;) {
        await drained();
        if (!this.#deliverNext()) break;
      }
    } finally {
      this.#pumping = false;
    }
    if (this.options.mode === 'code' && this.isReplaying) this.#armPatience();
  }

  #deliverNext(): boolean {
    while (this.#live[0]?.isVoid === true) this.#shift();
    if (this.isReplaying) {
      const operation = this.#nextRecorded();
      if (operation !== undefined) return this.#deliverRecorded(operation);
      if (this.options.mode === 'code') return false;
    }
    const first = this.#live[0];
    if (first?.deliver === undefined) return false;
    this.#shift();
    this.#open.delete(first.operation.path);
    first.deliver();
    return true;
  }

  #nextRecorded(): Operation | undefined {
    if (this.options.mode === 'code') {
      const next = this.#remaining.at(-1);
      return next === undefined ? undefined : this.#open.get(next.path);
    }
    const line = this.#remaining.findLast(({ path }) => this.#open.has(path));
    return line === undefined ? undefined : this.#open.get(line.path);
  }

  #deliverRecorded(operation: Operation): boolean {
    const place = this.#remaining.findLastIndex((line) => line.path === operation.path);
    const line = this.#remaining[place];
    if (line === undefined) return false;
    if (line.kind !== operation.kind || !sameHash(line.hash, operation.hash)) {
      this.options.diverged(line, operation);
      return false;
    }
    this.#patience?.cancel();
    this.#remaining.splice(place, 1);
    this.#open.delete(operation.path);
    this.options.replayed(operation, line);
    if (!this.isReplaying) this.#resumeBodies();
    return true;
  }

  #resumeBodies(): void {
    const waiting = this.#replayed;
    this.#replayed = NOTHING;
    for (const resume of waiting) resume();
  }

  /** The code is quiet although history goes on: it may wait for something unrecorded, but not for long. */
  #armPatience(): void {
    const expected = this.#remaining.at(-1);
    if (expected === undefined) return;
    this.#patience?.cancel();
    const stranger = [...this.#open.values()].find(({ path }) => !this.#recordedPaths.has(path));
    if (stranger === undefined) return;
    this.#patience = this.options.clock.setTimer(PATIENCE_MS, () => {
      if (this.#remaining.at(-1) === expected) this.options.diverged(expected, stranger);
    });
  }
}

function sameHash(recorded: number | null, called: number | null): boolean {
  return recorded === null || called === null || recorded === called;
}
