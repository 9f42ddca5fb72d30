import type { HistoryLine } from '../storage/history-line.js';
import type { RecordedOrder } from './delivery.js';
import { drained } from './drained.js';
import { describeOperation } from './operation-scope.js';

/** An operation that was called and whose end is recorded. */
interface Recorded {
  deliver(): void;
}

export interface ReplayOwner {
  diverged(recorded: string, called: string): void;
}

/**
 * How an execution is brought to where it was: the recorded part of its history, which its code repeats before
 * anything new begins.
 *
 * The lists and blocks of a pipeline may stand side by side. Their recorded results are delivered in the order of the
 * whole history, one at a time, each when everything that followed from the one before has followed. So a sibling
 * that failed fails at its place, and stops what it stopped.
 */
export class Replay implements RecordedOrder {
  /** Made when there is something recorded: most executions run in one go. */
  #open: Map<string, Recorded> | undefined;
  #order: readonly HistoryLine[] | undefined;
  #next = 0;
  #delivered = 0;
  #held = 0;
  #isPumping = false;
  #isOver: boolean;
  #watch: Promise<void> | undefined;
  /** Something that was called and is not recorded. */
  #stranger: Pick<HistoryLine, 'path' | 'kind'> | undefined;

  constructor(
    private readonly owner: ReplayOwner,
    hasNothing: boolean,
  ) {
    this.#isOver = hasNothing;
  }

  /** What was recorded has been repeated; from here on things begin. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get deliveredCount(): number {
    return this.#delivered;
  }

  /** Whether there is something recorded that the code has not asked for. */
  get isIncomplete(): boolean {
    return this.#order !== undefined && this.#next < this.#order.length;
  }

  /** The recorded results, in order, that the lists and blocks of the code ask for. */
  follow(order: readonly HistoryLine[]): void {
    this.#order = order;
  }

  /** An operation was called whose end is recorded: it is delivered at its place. */
  expect(path: string, recorded: Recorded, { isAlone }: { readonly isAlone: boolean }): void {
    this.#open ??= new Map();
    this.#open.set(path, recorded);
    // Where nothing stands beside it there is nothing to order, and no turn of the event loop to wait for.
    if (isAlone && !this.#isPumping && this.#order?.[this.#next]?.path === path) this.#take()?.deliver();
    else void this.#pump();
  }

  /** An operation was called that is not recorded. */
  called(operation: Pick<HistoryLine, 'path' | 'kind'>): void {
    this.#stranger ??= operation;
  }

  /** A recorded result has reached the code. */
  delivered(): void {
    this.#delivered += 1;
  }

  /** Nothing is delivered while this lasts: code takes some turns to go on from what it has heard. */
  async during(work: Promise<void>): Promise<void> {
    this.#held += 1;
    await work;
    this.#held -= 1;
    this.#delivered += 1;
  }

  /** Resolves when the code has come to where it was; never, if it does not repeat what is recorded. */
  async over(): Promise<void> {
    this.#watch ??= this.#end();
    await this.#watch;
  }

  /** Resolves when nothing recorded reaches the code any more. */
  async quiet(): Promise<void> {
    for (let seen = -1; seen !== this.#delivered || this.#held > 0 || this.#isPumping;) {
      seen = this.#delivered;
      // Who delivers in this turn may come after who asks.
      await drained();
      await drained();
    }
  }

  async #end(): Promise<void> {
    await this.quiet();
    const missed = this.#order?.[this.#next];
    if (missed !== undefined) {
      const called = this.#stranger ?? this.#outOfTurn();
      const where = missed.path.includes('/') ? ` at ${missed.path}` : '';
      this.owner.diverged(
        `${describeOperation(missed)}${where}`,
        called === undefined ? 'nothing more' : describeOperation(called),
      );
      await new Promise<never>(() => undefined);
    }
    this.#isOver = true;
  }

  /** Something recorded that was called before its turn. */
  #outOfTurn(): HistoryLine | undefined {
    return this.#order?.find(({ path }) => this.#open?.has(path) === true);
  }

  async #pump(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    for (;;) {
      await drained();
      if (this.#held > 0) continue;
      const recorded = this.#take();
      if (recorded === undefined) break;
      recorded.deliver();
    }
    this.#isPumping = false;
  }

  #take(): Recorded | undefined {
    const open = this.#open;
    const path = this.#order === undefined ? open?.keys().next().value : this.#order[this.#next]?.path;
    const recorded = path === undefined ? undefined : open?.get(path);
    if (path === undefined || recorded === undefined) return undefined;
    open?.delete(path);
    this.#next += 1;
    return recorded;
  }
}
