import type { Execution } from './execution.js';
import { isLivingStatus } from './execution-status.js';
import type { ExecutionStep, ExecutionStepStatus } from './execution-step.js';

/** A stretch of time in which an operation did one thing; in milliseconds. */
export interface TimelineSpan {
  readonly kind: 'done' | 'failed' | 'open' | 'pause';
  readonly from: number;
  readonly to: number;
}

/** One operation with all that its lines of history tell. */
export interface TimelineRow {
  readonly name: string;
  /** How many steps it is inside. */
  readonly depth: number;
  readonly status: ExecutionStepStatus;
  readonly isWait: boolean;
  readonly spans: readonly TimelineSpan[];
  readonly from: number;
  readonly to: number;
  readonly attempts: number;
  /** What failed, attempt by attempt. */
  readonly failures: readonly { readonly attempt: number; readonly error: Error }[];
  /** Who recorded it, in order, where that is not who recorded the operation before. */
  readonly workers: readonly string[];
}

/** The time that a timeline shows. */
export interface TimelineAxis {
  readonly from: number;
  readonly to: number;
  /** The execution has not ended. */
  readonly goesOn: boolean;
}

export function axisOf(execution: Execution, steps: readonly ExecutionStep[], now: number): TimelineAxis {
  const times = steps.flatMap(({ startedAt, endedAt }) =>
    [startedAt, endedAt].flatMap((at) => at?.getTime() ?? []),
  );
  const from = Math.min(execution.startedAt?.getTime() ?? execution.createdAt.getTime(), ...times);
  const end = isLivingStatus(execution.status) ? now : (execution.completedAt?.getTime() ?? from);
  return { from, to: Math.max(from, end, ...times), goesOn: isLivingStatus(execution.status) };
}

/** In the order in which the operations began; what is inside another one follows it. */
export function timelineRows(steps: readonly ExecutionStep[], axis: TimelineAxis): TimelineRow[] {
  const groups = new Map<string, ExecutionStep[]>();
  for (const step of steps) groups.set(step.path, [...(groups.get(step.path) ?? []), step]);
  const rows: TimelineRow[] = [];
  let worker: string | undefined;
  for (const path of inOrderOfBeginning(groups)) {
    const lines = groups.get(path) ?? [];
    rows.push(rowOf(path, lines, axis, worker));
    worker = lines.at(-1)?.workerId ?? worker;
  }
  return rows;
}

/** A path sorts by the beginnings of all that is around it, then by its own. */
function inOrderOfBeginning(groups: ReadonlyMap<string, readonly ExecutionStep[]>): string[] {
  const begins = new Map<string, number>();
  for (const [path, lines] of groups) {
    const own = Math.min(...lines.map(beginOf));
    for (const around of [...pathsAround(path), path]) {
      begins.set(around, Math.min(begins.get(around) ?? Infinity, own));
    }
  }
  const place = (path: string): [number, string][] =>
    [...pathsAround(path), path].map((each) => [begins.get(each) ?? 0, each]);
  return [...groups.keys()].toSorted((left, right) => compare(place(left), place(right)));
}

function compare(left: readonly [number, string][], right: readonly [number, string][]): number {
  for (const [index, [begin, path]] of left.entries()) {
    const [otherBegin, otherPath] = right[index] ?? [-Infinity, ''];
    if (path === otherPath) continue;
    return begin === otherBegin ? (path < otherPath ? -1 : 1) : begin - otherBegin;
  }
  return left.length - right.length;
}

function rowOf(
  path: string,
  lines: readonly ExecutionStep[],
  axis: TimelineAxis,
  workerBefore: string | undefined,
): TimelineRow {
  const last = lines.at(-1);
  if (last === undefined) throw new Error(`The operation ${path} has no line.`);
  const isWait = last.kind !== 'step';
  const spans = spansOf(lines, axis, isWait);
  return {
    name: last.name + (/#\d+$/.exec(path)?.[0] ?? ''),
    depth: pathsAround(path).length,
    // Another attempt would have followed.
    status: last.status === 'attempt_failed' && !axis.goesOn ? 'interrupted' : last.status,
    isWait,
    spans,
    from: Math.min(...spans.map(({ from }) => from)),
    to: Math.max(...spans.map(({ to }) => to)),
    attempts: last.attempt,
    failures: lines.flatMap(({ attempt, error }) => (error === undefined ? [] : [{ attempt, error }])),
    workers: lines
      .map(({ workerId }) => workerId)
      .filter((worker, index, all) => worker !== (index === 0 ? workerBefore : all[index - 1])),
  };
}

function spansOf(lines: readonly ExecutionStep[], axis: TimelineAxis, isWait: boolean): TimelineSpan[] {
  const spans: TimelineSpan[] = [];
  for (const line of lines) {
    const from = beginOf(line);
    const to = Math.max(from, line.endedAt?.getTime() ?? axis.to);
    const previous = spans.at(-1);
    if (previous !== undefined && from > previous.to)
      spans.push({ kind: 'pause', from: previous.to, to: from });
    spans.push({ kind: isWait ? 'pause' : kindOf(line.status), from, to });
  }
  const last = spans.at(-1);
  if (axis.goesOn && lines.at(-1)?.status === 'attempt_failed' && last !== undefined && last.to < axis.to) {
    spans.push({ kind: 'pause', from: last.to, to: axis.to });
  }
  return spans;
}

function kindOf(status: ExecutionStepStatus): TimelineSpan['kind'] {
  if (status === 'completed') return 'done';
  return status === 'running' || status === 'waiting' || status === 'interrupted' ? 'open' : 'failed';
}

function beginOf({ startedAt, endedAt }: ExecutionStep): number {
  return (startedAt ?? endedAt)?.getTime() ?? 0;
}

/** The paths of the operations around one, the outermost first. */
function pathsAround(path: string): string[] {
  const names = path.split('/');
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join('/'));
}
