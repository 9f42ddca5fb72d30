import { isWaitKind } from '../identity/operation-kinds.js';
import type { ExecutionStep, ExecutionStepStatus } from './execution-step.js';

/** A stretch of time in which an operation did one thing, or what is in it did something; in milliseconds. */
export interface TimelineSpan {
  readonly kind: 'done' | 'failed' | 'open' | 'pause' | 'around';
  readonly from: number;
  readonly to: number;
}

/** What the lines of one operation tell, up to a moment where it is not over. */
export function spansOf(lines: readonly ExecutionStep[], now: number, goesOn: boolean): TimelineSpan[] {
  const spans: TimelineSpan[] = [];
  for (const line of lines) {
    const from = beginOf(line);
    const to = endOf(line, now);
    const previous = spans.at(-1);
    if (previous !== undefined && from > previous.to)
      spans.push({ kind: 'pause', from: previous.to, to: from });
    spans.push({ kind: isWaitKind(line.kind) ? 'pause' : kindOf(line.status), from, to });
  }
  const last = spans.at(-1);
  if (goesOn && lines.at(-1)?.status === 'attempt_failed' && last !== undefined && last.to < now) {
    spans.push({ kind: 'pause', from: last.to, to: now });
  }
  return spans;
}

/** From the first beginning to the last end. There may be very many: too many for the arguments of one call. */
export function extentOf(spans: Iterable<{ readonly from: number; readonly to: number }>): {
  readonly from: number;
  readonly to: number;
} {
  let [first, last] = [Infinity, -Infinity];
  for (const { from, to } of spans) {
    first = Math.min(first, from);
    last = Math.max(last, to);
  }
  return { from: first, to: last };
}

export function beginOf({ startedAt, endedAt }: ExecutionStep): number {
  return (startedAt ?? endedAt)?.getTime() ?? 0;
}

export function endOf(line: ExecutionStep, now: number): number {
  return Math.max(beginOf(line), line.endedAt?.getTime() ?? now);
}

function kindOf(status: ExecutionStepStatus): TimelineSpan['kind'] {
  if (status === 'completed' || status === 'timed_out' || status === 'withdrawn') return 'done';
  return status === 'running' || status === 'waiting' || status === 'interrupted' ? 'open' : 'failed';
}
