import { pathsAround } from '../identity/operation-path.js';
import type { ExecutionStep, ExecutionStepStatus } from './execution-step.js';
import type { TimelineGroup } from './timeline-folds.js';

/** How the parts of a folded row stand, all in all. */
export interface PartsSummary {
  readonly status: ExecutionStepStatus;
  /** `10,000 items, 9,998 done, 2 failed` */
  readonly text: string;
  /** What failed for good, the first of it. */
  readonly failed: readonly ExecutionStep[];
  readonly moreFailed: number;
}

const FAILURES_SHOWN = 3;

const OVER: ReadonlySet<ExecutionStepStatus> = new Set(['completed', 'failed', 'timed_out', 'withdrawn']);

type PartStatus = 'done' | 'failed' | 'running' | 'interrupted';

export function summaryOf({ lines, parts, unit }: TimelineGroup, goesOn: boolean): PartsSummary {
  const counts: Record<PartStatus, number> = { done: 0, failed: 0, running: 0, interrupted: 0 };
  const failed: ExecutionStep[] = [];
  for (const part of parts.values()) {
    const failure = failureIn(part);
    if (failure !== undefined) failed.push(failure);
    counts[failure === undefined ? statusOf(part, goesOn) : 'failed'] += 1;
  }
  const own = lines.findLast(({ kind }) => kind === 'foreach');
  const total = unit === 'items' && Array.isArray(own?.output) ? own.output.length : parts.size;
  // The asking that said no more is no round.
  const unanswered = unit === 'rounds' && lines.some((line) => isLastAsking(line)) ? 1 : 0;
  const texts = [
    `${numberOf(total - unanswered)} ${unit}`,
    ...(Object.entries({ ...counts, done: counts.done - unanswered }) as [PartStatus, number][])
      .filter(([, count]) => count > 0)
      .map(([status, count]) => `${numberOf(count)} ${status}`),
  ];
  return {
    status: statusOfAll(counts),
    text: texts.join(', '),
    failed: failed.slice(0, FAILURES_SHOWN),
    moreFailed: Math.max(0, failed.length - FAILURES_SHOWN),
  };
}

function statusOfAll({ failed, running, interrupted }: Record<PartStatus, number>): ExecutionStepStatus {
  if (running > 0) return 'running';
  if (failed > 0) return 'failed';
  return interrupted > 0 ? 'interrupted' : 'completed';
}

function statusOf(lines: readonly ExecutionStep[], goesOn: boolean): PartStatus {
  const open = lastLines(lines).filter(({ status }) => !OVER.has(status));
  if (open.length === 0) return 'done';
  return goesOn && open.some(({ status }) => status !== 'interrupted') ? 'running' : 'interrupted';
}

/** What failed in a part and was not made good by what is around it: a join, or a step that caught it. */
function failureIn(lines: readonly ExecutionStep[]): ExecutionStep | undefined {
  const completed = new Set(
    lines
      .filter(({ kind, status }) => status === 'completed' && (kind === 'parallel' || kind === 'step'))
      .map(({ path }) => path),
  );
  return lines.find(
    ({ path, status }) => status === 'failed' && !pathsAround(path).some((around) => completed.has(around)),
  );
}

function lastLines(lines: readonly ExecutionStep[]): ExecutionStep[] {
  return [...new Map(lines.map((line) => [line.path, line])).values()];
}

function isLastAsking({ kind, output }: ExecutionStep): boolean {
  return kind === 'while' && output === false;
}

function numberOf(count: number): string {
  return count.toLocaleString('en-US');
}
