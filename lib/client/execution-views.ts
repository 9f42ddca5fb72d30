import type { AttributeValue } from '../intake/attributes.js';
import type { Serializer } from '../serialization/serializer.js';
import { reviveError } from '../serialization/serialized-error.js';
import type { StoredExecution } from '../storage/queries/execution.queries.js';
import { compensationResultsOf } from './compensation-results.js';
import type { Execution, ExecutionProgress } from './execution.js';
import { isLivingStatus, statusOf } from './execution-status.js';

/** An execution as users see it. */
export function executionOf(row: StoredExecution, serializer: Serializer): Execution {
  const status = statusOf(row);
  return {
    id: row.id,
    key: row.key ?? undefined,
    workflow: row.workflow,
    version: row.version,
    queue: row.queue,
    status,
    priority: row.priority,
    input: valueOf(row.input, serializer),
    output: valueOf(row.output, serializer),
    error: row.error === null ? undefined : reviveError(row.error),
    attributes: row.attributes === null ? {} : (JSON.parse(row.attributes) as Record<string, AttributeValue>),
    progress: progressOf(row.progress),
    parentId: row.parentId ?? undefined,
    originId: row.originId ?? undefined,
    retriedAs: row.retriedAs ?? undefined,
    retryNo: row.retryNo,
    createdAt: new Date(row.createdAt),
    startedAt: dateOf(row.startedAt),
    completedAt: dateOf(row.completedAt),
    compensationResults:
      row.compensationResults === null ? undefined : compensationResultsOf(row.compensationResults),
    compensatedAt: dateOf(row.compensatedAt),
    dueAt: dateOf(row.dueAt),
    deadlineAt: dateOf(row.deadlineAt),
    worker: row.worker ?? undefined,
    lost: row.lost ?? 0,
    cancelRequested: isLivingStatus(status) && row.cancel !== null && row.cancel !== 0,
    cancelReason: row.cancelReason ?? undefined,
  };
}

/** One value that this process cannot read must not hide the rest: it is shown as it is stored. */
export function valueOf(text: string | null, serializer: Serializer): unknown {
  if (text === null) return undefined;
  try {
    return serializer.parse(text);
  } catch {
    return JSON.parse(text);
  }
}

export function dateOf(time: number | null): Date | undefined {
  return time === null ? undefined : new Date(time);
}

function progressOf(text: string | null): ExecutionProgress | undefined {
  if (text === null) return undefined;
  const { percent, message, at } = JSON.parse(text) as { percent: number; message?: string; at: number };
  return { percent, message, at: new Date(at) };
}
