import type { HistoryLine } from '../../storage/history-line.js';
import type { Operation } from '../operation.js';
import type { UndoRequest } from './undo-request.js';

/** A completed run of a step that can be undone. */
export interface UndoableStep {
  readonly path: string;
  readonly seq: number;
  /** What it returned; serialized. */
  readonly output: string | null;
  readonly undo: UndoRequest;
}

/** A run of a step that could be undone, if it were known that it completed. */
export interface UnknownOutcome {
  readonly path: string;
  /** What would undo it. */
  readonly undo: string;
}

/** What an execution has completed that can be undone. */
export class UndoLog {
  #steps: UndoableStep[] | undefined;
  #unknown: UnknownOutcome[] | undefined;

  completed({ path, undo }: Operation, { seq, output, outcome }: HistoryLine): void {
    if (undo === undefined || outcome !== 'completed') return;
    this.#steps ??= [];
    this.#steps.push({ path, seq, output, undo });
  }

  /** It was running when its process was lost, or ran on when it should have stopped. */
  leftOpen({ path, undo }: Operation): void {
    if (undo === undefined) return;
    this.#unknown ??= [];
    this.#unknown.push({ path, undo: undo.name });
  }

  get unknown(): readonly UnknownOutcome[] {
    return this.#unknown ?? [];
  }

  /** What has to be undone, the last first: all that was completed after the point of no return. */
  toUndo(committedAt: number): UndoableStep[] {
    return (this.#steps ?? []).filter(({ seq }) => seq > committedAt).toSorted((a, b) => b.seq - a.seq);
  }
}
