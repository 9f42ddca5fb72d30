import type { HistoryLine } from '../storage/history-line.js';
import { isListeningKind, isWaitKind } from '../identity/operation-kinds.js';
import { isOfUndoing, parentOf, pathsAround } from '../identity/operation-path.js';
import { isEndOutcome } from '../storage/entities/step-execution.entity.js';

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
  /** The last one of an earlier process. */
  readonly #loadedSeq: number;
  #committedAt = 0;
  // Made when there is something to keep: most executions run in one go and never look back.
  #ends: Map<string, HistoryLine[]> | undefined;
  #beginnings: Map<string, Beginnings> | undefined;
  /** The paths of those that have no end, by each path around them. */
  #begunIn: Map<string, Set<string>> | undefined;
  /** The number of the line that says so, by path, where an attempt has failed: of the last one. */
  #lastFailures: Map<string, number> | undefined;
  /** Waits that others see as open. */
  #openWaits: Set<string> | undefined;
  #lastItems: ReadonlyMap<string, number> | undefined;

  constructor(lines: readonly HistoryLine[]) {
    for (const line of lines) this.add(line);
    this.#loadedSeq = this.#lastSeq;
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

  /** (What an undo commits is its own affair.) */
  #noteCommit({ kind, outcome, path, seq }: HistoryLine): void {
    if (kind !== COMMIT || outcome !== 'completed' || isOfUndoing(path)) return;
    this.#committedAt = Math.max(this.#committedAt, seq);
  }

  /** Whether a wait that others see may be open. */
  get hasOpenWaits(): boolean {
    return (this.#openWaits?.size ?? 0) > 0;
  }

  /** What a line that is not kept says for the whole execution. */
  note(line: HistoryLine): void {
    this.#noteCommit(line);
    if (line.outcome === 'attempt_failed') (this.#lastFailures ??= new Map()).set(line.path, line.seq);
    if (!isListeningKind(line.kind)) return;
    this.#openWaits ??= new Set();
    if (line.outcome === 'opened') this.#openWaits.add(line.path);
    else this.#openWaits.delete(line.path);
  }

  /**
   * Whether the body of an operation waits, for a time or to try again: then it did nothing else when it was last
   * seen.
   */
  waitsIn(path: string): boolean {
    for (const each of this.#begunIn?.get(path) ?? []) {
      const { opened, retryAt } = this.beginningsOf(each);
      const waits = opened === undefined ? retryAt !== null : isWaitKind(opened.kind);
      const seq = opened?.seq ?? this.#lastFailures?.get(each) ?? 0;
      if (waits && this.isOfThisAttempt({ path: each, seq })) return true;
    }
    return false;
  }

  /** The lines that opened the waits inside an operation which have not ended, those for time alone included. */
  openedWaitsIn(path: string): readonly HistoryLine[] {
    // Asked twice for each attempt of a step, and hardly ever anything is there.
    const begun = this.#begunIn?.get(path);
    return begun === undefined ? NO_LINES : this.#openedWaits(begun);
  }

  /** Those that an earlier process opened inside any operation, and that its body may come back to. */
  inheritedWaits(): HistoryLine[] {
    const paths = new Set([...(this.#begunIn?.values() ?? [])].flatMap((begun) => [...begun]));
    return this.#openedWaits(paths).filter(
      (opened) => opened.seq <= this.#loadedSeq && this.isOfThisAttempt(opened),
    );
  }

  /** Whether it belongs to the attempts that are under way around it, and not to one that has failed. */
  isOfThisAttempt({ path, seq }: Pick<HistoryLine, 'path' | 'seq'>): boolean {
    return pathsAround(path).every((around) => (this.#lastFailures?.get(around) ?? 0) < seq);
  }

  #openedWaits(paths: Iterable<string>): HistoryLine[] {
    return [...paths].flatMap((path) => {
      const { opened } = this.beginningsOf(path);
      return opened !== undefined && isWaitKind(opened.kind) ? [opened] : [];
    });
  }

  /** The last item of a list that something is recorded of, -1 for none. */
  lastItemIn(path: string): number {
    this.#lastItems ??= lastItems([...(this.#ends?.keys() ?? []), ...(this.#beginnings?.keys() ?? [])]);
    return this.#lastItems.get(path) ?? -1;
  }

  add(line: HistoryLine): void {
    this.#lastSeq = Math.max(this.#lastSeq, line.seq);
    this.note(line);
    if (isEndOutcome(line.outcome)) {
      this.#ends ??= new Map();
      const siblings = this.#ends.get(parentOf(line.path));
      if (siblings === undefined) this.#ends.set(parentOf(line.path), [line]);
      else siblings.push(line);
      if (this.#beginnings?.has(line.path) === true) this.#noteEnd(line.path);
      return;
    }
    this.#beginnings ??= new Map();
    const known = this.#beginnings.get(line.path);
    this.#beginnings.set(line.path, beginningsWith(line, known ?? NO_BEGINNINGS));
    if (known === undefined) this.#noteBegun(line.path);
  }

  #noteBegun(path: string): void {
    this.#begunIn ??= new Map();
    for (const around of pathsAround(path)) {
      const begun = this.#begunIn.get(around);
      if (begun === undefined) this.#begunIn.set(around, new Set([path]));
      else begun.add(path);
    }
  }

  #noteEnd(path: string): void {
    for (const around of pathsAround(path)) this.#begunIn?.get(around)?.delete(path);
  }

  /** The recorded ends of the operations directly inside a path, in the order in which they were delivered. */
  endsWithin(path: string): readonly HistoryLine[] {
    return this.#ends?.get(path) ?? NO_LINES;
  }

  /** Every recorded end. */
  ends(): HistoryLine[] {
    return [...(this.#ends?.values() ?? [])].flat();
  }

  beginningsOf(path: string): Beginnings {
    return this.#beginnings?.get(path) ?? NO_BEGINNINGS;
  }
}

function beginningsWith(line: HistoryLine, known: Beginnings): Beginnings {
  if (line.outcome === 'opened') return { ...known, opened: line };
  if (line.outcome === 'withdrawn') return { ...known, opened: undefined };
  return { failedAttempts: known.failedAttempts + 1, retryAt: line.dueAt, opened: undefined };
}

/** The highest number that stands below each path: `mail/17/send` says 17 of `mail`. */
function lastItems(paths: readonly string[]): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  for (const path of paths) {
    for (const { index, 1: item } of path.matchAll(/\/(\d+)(?=\/|$)/g)) {
      const list = path.slice(0, index);
      last.set(list, Math.max(last.get(list) ?? -1, Number(item)));
    }
  }
  return last;
}
