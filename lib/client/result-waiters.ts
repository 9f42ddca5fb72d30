import { EngineStopped } from '../errors/worker.error.js';
import type { StoredEnding } from '../storage/queries/result.queries.js';

export interface ResultWaitersOptions {
  /** Those of the executions that have ended, from the database. */
  find(ids: readonly string[]): Promise<StoredEnding[]>;
  /** Whether this process runs the execution, and so will say when it ends. */
  runsHere(id: string): boolean;
}

/** Who waits for one result. */
export interface ResultWaiter {
  ended(ending: StoredEnding): void;
  /** The engine is shut down: nobody would bring the result any more. */
  stopped(error: EngineStopped): void;
}

const BATCH = 1_000;

/**
 * Everybody who waits for a result in this process. Most executions end here and say so; the others are
 * announced by hints, and a poll finds whatever was not. However many wait, it is one query.
 */
export class ResultWaiters {
  readonly #waiting = new Map<string, Set<ResultWaiter>>();
  readonly #toFind = new Set<string>();
  #finding = false;

  constructor(private readonly options: ResultWaitersOptions) {}

  get count(): number {
    return this.#waiting.size;
  }

  /** Calls one of the two once. Returns how to stop waiting. */
  wait(id: string, waiter: ResultWaiter): () => void {
    const waiting = this.#waiting.get(id) ?? new Set();
    waiting.add(waiter);
    this.#waiting.set(id, waiting);
    if (!this.options.runsHere(id)) this.look(id);
    return () => {
      waiting.delete(waiter);
      if (waiting.size === 0 && this.#waiting.get(id) === waiting) this.#waiting.delete(id);
    };
  }

  ended(ending: StoredEnding): void {
    const waiting = this.#waiting.get(ending.executionId);
    if (waiting === undefined) return;
    this.#waiting.delete(ending.executionId);
    for (const waiter of waiting) waiter.ended(ending);
  }

  /** The execution may have ended somewhere else. */
  look(id: string): void {
    if (!this.#waiting.has(id)) return;
    this.#toFind.add(id);
    if (this.#finding) return;
    this.#finding = true;
    // Many ask within one turn of the event loop.
    setImmediate(() => {
      this.#finding = false;
      // What fails here is found by the poll.
      void this.#find([...this.#toFind]).catch(() => undefined);
      this.#toFind.clear();
    });
  }

  stop(): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const waiter of waiting.flatMap((each) => [...each])) waiter.stopped(new EngineStopped('result()'));
  }

  /** Looks for everything that is waited for and does not run here. */
  async poll(): Promise<void> {
    await this.#find([...this.#waiting.keys()].filter((id) => !this.options.runsHere(id)));
  }

  async #find(ids: readonly string[]): Promise<void> {
    for (let at = 0; at < ids.length; at += BATCH) {
      for (const ending of await this.options.find(ids.slice(at, at + BATCH))) this.ended(ending);
    }
  }
}
