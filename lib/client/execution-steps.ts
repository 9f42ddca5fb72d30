import { isAskedFirst, isWaitKind, VOID } from '../identity/operation-kinds.js';
import {
  ASK,
  isOfUndoing,
  nameOf,
  parentOf,
  ROOT_PATH,
  UNDO_PATH,
  undonePathOf,
} from '../identity/operation-path.js';
import { reviveError } from '../serialization/serialized-error.js';
import type { Serializer } from '../serialization/serializer.js';
import { isEndOutcome } from '../storage/entities/step-execution.entity.js';
import type { StoredStep } from '../storage/queries/execution.queries.js';
import { dateOf, valueOf } from './execution-views.js';
import type { ExecutionStep, ExecutionStepStatus } from './execution-step.js';

/**
 * A history as users see it. The line that tells of a beginning says nothing any more once the operation, or that
 * attempt of it, has an end. Where undoing begins is not an operation; from there on nothing else goes on.
 */
export function executionStepsOf(
  lines: readonly StoredStep[],
  { isAlive, serializer }: { readonly isAlive: boolean; readonly serializer: Serializer },
): ExecutionStep[] {
  const visible = lines.filter(({ kind, path }) => kind !== VOID && path !== UNDO_PATH);
  const isUndone = lines.some(({ path }) => path === UNDO_PATH);
  const ended = new Map(visible.filter(isEnd).map(({ path, kind }) => [path, kind]));
  const last = new Map(visible.map((line) => [line.path, line.seq]));
  const canGoOn = ({ path }: StoredStep): boolean =>
    isAlive && (!isUndone || isOfUndoing(path)) && !isWithinEnded(path, ended);
  return visible
    .filter(({ outcome, path, seq }) => outcome !== 'opened' || last.get(path) === seq)
    .map((line) => stepOf(line, canGoOn(line), serializer));
}

function isEnd({ outcome }: StoredStep): boolean {
  return isEndOutcome(outcome);
}

/**
 * Whether something around the operation has ended, and the operation with it. The line of a block that has been
 * asked ends its question alone: what is in the block comes after it.
 */
function isWithinEnded(path: string, ended: ReadonlyMap<string, string>): boolean {
  for (let around = parentOf(path); around !== ROOT_PATH; around = parentOf(around)) {
    const kind = ended.get(around);
    if (kind === undefined) continue;
    if (!isAskedFirst(kind) || path.startsWith(`${around}/${ASK}/`)) return true;
  }
  return false;
}

function stepOf(line: StoredStep, canGoOn: boolean, serializer: Serializer): ExecutionStep {
  const undone = undonePathOf(line.path);
  return {
    seq: line.seq,
    path: line.path,
    name: nameOf(undone ?? line.path),
    kind: line.kind,
    status: statusOf(line, canGoOn),
    attempt: line.attempt,
    startedAt: dateOf(line.startedAt),
    endedAt: line.outcome === 'opened' ? undefined : new Date(line.endedAt),
    dueAt: dateOf(line.dueAt),
    output: valueOf(line.output, serializer),
    error: line.error === null ? undefined : reviveError(line.error),
    workerId: line.worker,
    ...(undone !== undefined && { compensates: undone }),
  };
}

function statusOf({ outcome, kind }: StoredStep, canGoOn: boolean): ExecutionStepStatus {
  if (outcome !== 'opened') return outcome;
  if (!canGoOn) return 'interrupted';
  return isWaitKind(kind) ? 'waiting' : 'running';
}
