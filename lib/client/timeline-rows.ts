import { hasChildren } from '../identity/operation-kinds.js';
import { isOfUndoing, pathsAround } from '../identity/operation-path.js';
import type { Execution } from './execution.js';
import { isLivingStatus } from './execution-status.js';
import type { ExecutionStep, ExecutionStepStatus } from './execution-step.js';
import { foldedGroups, type TimelineGroup } from './timeline-folds.js';
import { TimelinePaths } from './timeline-paths.js';
import { beginOf, endOf, extentOf, spansOf, type TimelineSpan } from './timeline-spans.js';
import { summaryOf } from './timeline-summary.js';

/** One operation with all that its lines of history tell, or a block with all that it did for many items. */
export interface TimelineRow {
  readonly label: string;
  /** How many steps and blocks it is inside. */
  readonly depth: number;
  readonly status: ExecutionStepStatus;
  readonly spans: readonly TimelineSpan[];
  readonly from: number;
  readonly to: number;
  readonly attempts: number;
  /** What failed: attempt by attempt, or the first of many items. */
  readonly failures: readonly { readonly what: string | undefined; readonly error: Error | undefined }[];
  /** How many more failed than are named. */
  readonly moreFailures: number;
  /** How the many items stand that it tells of. */
  readonly summary: string | undefined;
  /** Who recorded it, in order, where that is not who recorded the operation before. */
  readonly workers: readonly string[];
}

/** The time that a timeline shows. */
export interface TimelineAxis {
  readonly from: number;
  readonly to: number;
  /** The execution has not ended. */
  readonly goesOn: boolean;
  /** It is being undone: nothing else goes on. */
  readonly isUndone: boolean;
}

export function axisOf(execution: Execution, steps: readonly ExecutionStep[], now: number): TimelineAxis {
  const begin = execution.startedAt?.getTime() ?? execution.createdAt.getTime();
  const goesOn = isLivingStatus(execution.status);
  const recorded = extentOf(
    steps
      .filter(({ startedAt, endedAt }) => startedAt !== undefined || endedAt !== undefined)
      .map((step) => ({ from: beginOf(step), to: endOf(step, beginOf(step)) })),
  );
  const from = Math.min(begin, recorded.from);
  const end = goesOn ? now : (execution.completedAt?.getTime() ?? from);
  return {
    from,
    to: Math.max(from, end, recorded.to),
    goesOn,
    isUndone: execution.status === 'compensating',
  };
}

/** In the order in which the operations began; what is inside another one follows it. */
export function timelineRows(steps: readonly ExecutionStep[], axis: TimelineAxis): TimelineRow[] {
  const paths = new TimelinePaths(new Set(steps.map(({ path }) => path)));
  const groups = foldedGroups(steps, paths);
  const around = aroundSpans(groups, paths, axis);
  // A block or a step that has recorded nothing itself is seen by what is in it.
  for (const path of around.keys()) {
    if (!groups.has(path)) groups.set(path, { lines: [], parts: new Map(), unit: 'items' });
  }
  const rows: TimelineRow[] = [];
  let worker: string | undefined;
  for (const path of inOrderOfBeginning(groups)) {
    const group = groups.get(path);
    if (group === undefined) continue;
    rows.push(rowOf(path, group, { paths, axis, around: around.get(path), worker }));
    worker = group.lines.at(-1)?.workerId ?? worker;
  }
  return rows;
}

/** From the first beginning to the last end of what is in each operation that has something in it. */
function aroundSpans(
  groups: ReadonlyMap<string, TimelineGroup>,
  paths: TimelinePaths,
  axis: TimelineAxis,
): Map<string, TimelineSpan> {
  const spans = new Map<string, TimelineSpan>();
  for (const [path, { lines }] of groups) {
    const own = extentOf(lines.map((line) => ({ from: beginOf(line), to: endOf(line, axis.to) })));
    for (const outer of paths.rowsAround(path)) {
      const before = spans.get(outer);
      spans.set(outer, { kind: 'around', ...extentOf(before === undefined ? [own] : [before, own]) });
    }
  }
  return spans;
}

/** A path sorts by the beginnings of all that is around it, items included, then by its own. */
function inOrderOfBeginning(groups: ReadonlyMap<string, TimelineGroup>): string[] {
  const begins = new Map<string, Beginning>();
  for (const [path, { lines }] of groups) {
    for (const line of lines) {
      const own = { at: beginOf(line), seq: line.seq };
      for (const around of [...pathsAround(path), path]) {
        const known = begins.get(around);
        if (known === undefined || earlier(own, known) < 0) begins.set(around, own);
      }
    }
  }
  const place = (path: string): string[] => [...pathsAround(path), path];
  const beginningOf = (path: string): Beginning => begins.get(path) ?? { at: 0, seq: 0 };
  return [...groups.keys()].toSorted((left, right) => compare(place(left), place(right), beginningOf));
}

/** What began in the same millisecond is told apart by its place in the history. */
interface Beginning {
  readonly at: number;
  readonly seq: number;
}

function earlier(left: Beginning, right: Beginning): number {
  return left.at - right.at || left.seq - right.seq;
}

function compare(
  left: readonly string[],
  right: readonly string[],
  beginningOf: (path: string) => Beginning,
): number {
  for (const [index, path] of left.entries()) {
    const other = right[index];
    if (path === other) continue;
    if (other === undefined) return 1;
    return earlier(beginningOf(path), beginningOf(other)) || (path < other ? -1 : 1);
  }
  return left.length - right.length;
}

interface RowContext {
  readonly paths: TimelinePaths;
  readonly axis: TimelineAxis;
  readonly around: TimelineSpan | undefined;
  /** Who recorded the operation before. */
  readonly worker: string | undefined;
}

function rowOf(path: string, group: TimelineGroup, context: RowContext): TimelineRow {
  const { paths, axis } = context;
  const { lines } = group;
  const last = lines.at(-1);
  const goesOn = axis.goesOn && (!axis.isUndone || isOfUndoing(path));
  const isAround = last === undefined || hasChildren(last.kind);
  const spans = [
    ...(isAround && context.around !== undefined ? [context.around] : []),
    ...(group.parts.size > 0
      ? lines.flatMap((line) => spansOf([line], axis.to, goesOn))
      : spansOf(lines, axis.to, goesOn)),
  ];
  const place = { label: paths.labelOf(path), depth: paths.rowsAround(path).length };
  const common = { ...place, spans, ...extentOf(spans), workers: workersOf(lines, context.worker) };
  if (group.parts.size > 0) {
    const { status, text, failed, moreFailed } = summaryOf(group, goesOn);
    const failures = failed.map((step) => ({ what: paths.labelOf(step.path), error: step.error }));
    return { ...common, status, attempts: 1, failures, moreFailures: moreFailed, summary: text };
  }
  const attempts = last?.attempt ?? 1;
  return {
    ...common,
    status: statusOf(last, goesOn),
    attempts,
    failures: lines.flatMap(({ attempt, error }) =>
      error === undefined ? [] : [{ what: attempts > 1 ? `attempt ${attempt}` : undefined, error }],
    ),
    moreFailures: 0,
    summary: undefined,
  };
}

function statusOf(last: ExecutionStep | undefined, goesOn: boolean): ExecutionStepStatus {
  if (last === undefined) return goesOn ? 'running' : 'interrupted';
  // Another attempt would have followed.
  return last.status === 'attempt_failed' && !goesOn ? 'interrupted' : last.status;
}

function workersOf(lines: readonly ExecutionStep[], before: string | undefined): string[] {
  return lines
    .map(({ workerId }) => workerId)
    .filter((worker, index, all) => worker !== (index === 0 ? before : all[index - 1]));
}
