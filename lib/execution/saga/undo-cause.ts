import { ExecutionCancelled, WorkflowTimeout } from '../../errors/execution.error.js';
import { serializeError } from '../../serialization/serialized-error.js';
import type { HistoryLine } from '../../storage/history-line.js';
import { UNDO_PATH } from '../../identity/operation-path.js';

const UNDOING = 'compensation';

/** Why an execution is undone, and what follows. It is written down first, so that a resume goes on with the same. */
export interface UndoCause {
  readonly because: 'failed' | 'timeout' | 'cancelled';
  /** What ended it; serialized. */
  readonly error: string;
  /** Whether another execution tries again once this one is undone (`maxRetries`). */
  readonly isRetried: boolean;
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

/** The cause that a history tells of, where undoing has begun. */
export function recordedUndoCause(lines: readonly HistoryLine[]): UndoCause | undefined {
  const line = lines.find(({ path, kind }) => path === UNDO_PATH && kind === UNDOING);
  if (line === undefined) return undefined;
  const { because, retry } = JSON.parse(line.output ?? '{}') as {
    because: UndoCause['because'];
    retry: boolean;
  };
  return { because, error: line.error ?? '{}', isRetried: retry };
}

export function undoCauseLine(cause: UndoCause, seq: number, now: number): HistoryLine {
  return {
    seq,
    path: UNDO_PATH,
    kind: UNDOING,
    attempt: 1,
    outcome: 'opened',
    startedAt: now,
    endedAt: now,
    dueAt: null,
    output: JSON.stringify({ because: cause.because, retry: cause.isRetried }),
    error: cause.error,
    hash: null,
  };
}
