import { Logger } from '@nestjs/common';
import { RecordRefused } from '../errors/execution.error.js';
import { serializeError } from '../serialization/serialized-error.js';
import type { ActiveExecution } from './active-execution.js';
import { nextTry } from './automatic-retry.js';
import type { ExecutionEnding } from './execution-facts.js';
import type { UndoCause } from './saga/undo-cause.js';

/** How an execution is to end. */
export interface Judgement extends Pick<ExecutionEnding, 'outcome' | 'output' | 'error'> {
  /** Whether another execution is to try again in its place. */
  readonly isRetried: boolean;
}

/** The end of an execution that was stopped, or whose code failed. */
export function judgementOf({ because, error, isRetried }: UndoCause): Judgement {
  return { outcome: because === 'cancelled' ? 'cancelled' : 'failed', output: null, error, isRetried };
}

/**
 * Stores the end of an execution; nothing where it was not this process's to end. Where the database refuses what is
 * to be stored, it ends with that.
 */
export async function storeEnd(
  execution: ActiveExecution,
  judgement: Judgement,
): Promise<ExecutionEnding | undefined> {
  try {
    return await store(execution, judgement);
  } catch (error) {
    if (!(error instanceof RecordRefused)) return leave(execution, error);
    const refused = { output: null, error: serializeError(error), isRetried: false };
    const outcome = execution.course === 'undoing' ? 'compensation_failed' : 'failed';
    return await store(execution, { ...refused, outcome }).catch((again: unknown) => leave(execution, again));
  }
}

async function store(
  execution: ActiveExecution,
  { isRetried, ...verdict }: Judgement,
): Promise<ExecutionEnding | undefined> {
  const { facts, records, ownership, services } = execution;
  const retry = isRetried ? nextTry(facts, services) : null;
  const accepted = await records.end({
    ...verdict,
    epoch: ownership.epoch,
    startedAt: facts.startedAt,
    endedAt: services.databaseClock.now(),
    retry,
    closesWaits: execution.mayHaveOpenWaits,
  });
  if (accepted) {
    execution.finish();
    return { executionId: execution.id, ...verdict, retriedAs: retry?.executionId ?? null };
  }
  new Logger('DurableExecutor').warn(
    `Execution ${execution.id} had ended or changed hands before it could be ended here.`,
  );
  return leave(execution, new Error(`Execution ${execution.id} is not this worker's any more.`));
}

function leave(execution: ActiveExecution, error: unknown): undefined {
  execution.abandon(error instanceof Error ? error : new Error(String(error)));
  return undefined;
}
