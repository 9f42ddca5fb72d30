import { parentOf, ROOT_PATH } from '../execution/operation-path.js';
import { reviveError } from '../serialization/serialized-error.js';
import type { Serializer } from '../serialization/serializer.js';
import type { StoredStep } from '../storage/queries/execution.queries.js';
import { dateOf, valueOf } from './execution-views.js';
import type { ExecutionStep, ExecutionStepStatus } from './execution-step.js';

/** Lines that only keep a number from being used. */
const VOID = 'void';

/**
 * A history as users see it. The line that tells of a beginning says nothing any more once the operation, or that
 * attempt of it, has an end.
 */
export function executionStepsOf(
  lines: readonly StoredStep[],
  { isAlive, serializer }: { readonly isAlive: boolean; readonly serializer: Serializer },
): ExecutionStep[] {
  const visible = lines.filter(({ kind }) => kind !== VOID);
  const ended = new Set(visible.filter(isEnd).map(({ path }) => path));
  const last = new Map(visible.map((line) => [line.path, line.seq]));
  return visible
    .filter(({ outcome, path, seq }) => outcome !== 'opened' || last.get(path) === seq)
    .map((line) => stepOf(line, isAlive && !isWithin(line.path, ended), serializer));
}

function isEnd({ outcome }: StoredStep): boolean {
  return outcome === 'completed' || outcome === 'failed';
}

/** Whether a step around the operation has ended, and the operation with it. */
function isWithin(path: string, ended: ReadonlySet<string>): boolean {
  for (let around = parentOf(path); around !== ROOT_PATH; around = parentOf(around)) {
    if (ended.has(around)) return true;
  }
  return false;
}

function stepOf(line: StoredStep, canGoOn: boolean, serializer: Serializer): ExecutionStep {
  return {
    seq: line.seq,
    path: line.path,
    name: nameOf(line.path),
    kind: line.kind,
    status: statusOf(line, canGoOn),
    attempt: line.attempt,
    startedAt: dateOf(line.startedAt),
    endedAt: line.outcome === 'opened' ? undefined : new Date(line.endedAt),
    dueAt: dateOf(line.dueAt),
    output: valueOf(line.output, serializer),
    error: line.error === null ? undefined : reviveError(line.error),
    workerId: line.worker,
  };
}

function statusOf({ outcome, kind }: StoredStep, canGoOn: boolean): ExecutionStepStatus {
  if (outcome !== 'opened') return outcome;
  if (!canGoOn) return 'interrupted';
  return kind === 'step' ? 'running' : 'waiting';
}

/** The name as the code says it: in paths, some characters are escaped and later calls are numbered. */
function nameOf(path: string): string {
  const own = path.slice(path.lastIndexOf('/') + 1);
  const [name = own] = own.split('#');
  return decodeURIComponent(name);
}
