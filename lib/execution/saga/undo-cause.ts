import { ExecutionCancelled, WorkflowTimeout } from '../../errors/execution.error.js';
import { UNDO_PATH } from '../../identity/operation-path.js';
import { serializeError } from '../../serialization/serialized-error.js';
import type { HistoryLine } from '../../storage/history-line.js';
import type { UnknownOutcome } from './undo-log.js';

const UNDOING = 'compensation';

/** Why an execution is undone, and what follows. */
export interface UndoCause {
  readonly because: 'failed' | 'timeout' | 'cancelled';
  /** What ended it; serialized. */
  readonly error: string;
  /** Whether another execution tries again once this one is undone (`maxRetries`). */
  readonly isRetried: boolean;
}

/** What is written down before anything is undone, so that whoever goes on with it goes on with the same. */
export interface UndoBeginning {
  readonly cause: UndoCause;
  readonly at: number;
  /** How many steps there are to undo. */
  readonly count: number;
  readonly unknown: readonly UnknownOutcome[];
}

export function undoCauseOf(error: unknown): UndoCause {
  const because =
    error instanceof ExecutionCancelled
      ? 'cancelled'
      : error instanceof WorkflowTimeout
        ? 'timeout'
        : 'failed';
  return { because, error: serializeError(error), isRetried: false };
}

/** What a history tells of it, where undoing has begun. */
export function recordedBeginning(lines: readonly HistoryLine[]): UndoBeginning | undefined {
  const line = lines.find(({ path, kind }) => path === UNDO_PATH && kind === UNDOING);
  if (line === undefined) return undefined;
  const { because, isRetried, count, unknown } = JSON.parse(line.output ?? '{}') as Omit<UndoCause, 'error'> &
    Pick<UndoBeginning, 'count' | 'unknown'>;
  return { cause: { because, error: line.error ?? '{}', isRetried }, at: line.endedAt, count, unknown };
}

export function beginningLine({ cause, at, count, unknown }: UndoBeginning, seq: number): HistoryLine {
  const { because, error, isRetried } = cause;
  return {
    seq,
    path: UNDO_PATH,
    kind: UNDOING,
    attempt: 1,
    outcome: 'opened',
    startedAt: at,
    endedAt: at,
    dueAt: null,
    output: JSON.stringify({ because, isRetried, count, unknown }),
    error,
    hash: null,
  };
}
