import type { HistoryLine } from '../storage/history-line.js';
import { parentOf } from './operation-path.js';

/** What was recorded of an operation that has not ended. */
export interface Beginnings {
  /** Attempts that failed. */
  readonly failedAttempts: number;
  /** When the next attempt is due, if one failed. */
  readonly retryAt: number | null;
  /** The line that opened a wait, or an attempt that took long. */
  readonly opened: HistoryLine | undefined;
}

/** The kind of a point of no return. */
export const COMMIT = 'commit';

const NO_LINES: readonly HistoryLine[] = [];
const NO_BEGINNINGS: Beginnings = { failedAttempts: 0, retryAt: null, opened: undefined };

/** What an execution has done, sorted for a replay. */
export class History {
  #lastSeq = 0;
  #committedAt = 0;
  // Made when there is something to keep: most executions run in one go and never look back.
  #ends: Map<string, HistoryLine[]> | undefined;
  #beginnings: Map<string, Beginnings> | undefined;

  constructor(lines: readonly HistoryLine[]) {
    for (const line of lines) this.add(line);
  }

  get isEmpty(): boolean {
    return this.#lastSeq === 0;
  }

  nextSeq(): number {
    this.#lastSeq += 1;
    return this.#lastSeq;
  }

  /** The number of the last point of no return: nothing that was recorded before it is undone any more. */
  get committedAt(): number {
    return this.#committedAt;
  }

  committed(seq: number): void {
    this.#committedAt = Math.max(this.#committedAt, seq);
  }

  add(line: HistoryLine): void {
    this.#lastSeq = Math.max(this.#lastSeq, line.seq);
    if (line.kind === COMMIT && line.outcome === 'completed') this.committed(line.seq);
    if (line.outcome === 'completed' || line.outcome === 'failed') {
      this.#ends ??= new Map();
      const siblings = this.#ends.get(parentOf(line.path));
      if (siblings === undefined) this.#ends.set(parentOf(line.path), [line]);
      else siblings.push(line);
      return;
    }
    this.#beginnings ??= new Map();
    const known = this.#beginnings.get(line.path) ?? NO_BEGINNINGS;
    this.#beginnings.set(
      line.path,
      line.outcome === 'opened'
        ? { ...known, opened: line }
        : { failedAttempts: known.failedAttempts + 1, retryAt: line.dueAt, opened: undefined },
    );
  }

  /** The recorded ends of the operations directly inside a path, in the order in which they were delivered. */
  endsWithin(path: string): readonly HistoryLine[] {
    return this.#ends?.get(path) ?? NO_LINES;
  }

  beginningsOf(path: string): Beginnings {
    return this.#beginnings?.get(path) ?? NO_BEGINNINGS;
  }
}
