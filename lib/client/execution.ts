import type { AttributeValue } from '../intake/attributes.js';
import type { CompensationResult } from './compensation-result.js';
import type { ExecutionStatus } from './execution-status.js';
import type { ExecutionStep } from './execution-step.js';

/**
 * How far an execution said it was, with `reportProgress()`.
 *
 * @publicApi
 */
export interface ExecutionProgress {
  /** From 0 to 100. */
  readonly percent: number;
  readonly message: string | undefined;
  readonly at: Date;
}

/**
 * An execution as it stood when it was read.
 *
 * @publicApi
 */
export interface Execution {
  readonly id: string;
  /** The caller's own identity for it, if it was started with one. */
  readonly key: string | undefined;
  readonly workflow: string;
  readonly version: number;
  readonly queue: string;
  readonly status: ExecutionStatus;
  readonly priority: number;
  /** Where it holds a class that is not registered in this process, the input as it is stored. */
  readonly input: unknown;
  /** What it returned, once it is completed; as it is stored where this process cannot read it. */
  readonly output: unknown;
  /** What ended it, if it did not complete. */
  readonly error: Error | undefined;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly progress: ExecutionProgress | undefined;
  /** The execution that started it as its child. */
  readonly parentId: string | undefined;
  /** The execution that it retries. */
  readonly originId: string | undefined;
  /** The execution that retries it by itself (`maxRetries`). */
  readonly retriedAs: string | undefined;
  /** Which retry it is: 0 for a first try. */
  readonly retryNo: number;
  readonly createdAt: Date;
  readonly startedAt: Date | undefined;
  readonly completedAt: Date | undefined;
  /**
   * What became of undoing what it did, in the order in which that was tried; undefined where nothing was to be
   * undone, or not all of it has been tried yet.
   */
  readonly compensationResults: readonly CompensationResult[] | undefined;
  /** When all of that had been tried. */
  readonly compensatedAt: Date | undefined;
  /** When it begins or goes on by itself, if it waits for a time. */
  readonly dueAt: Date | undefined;
  /** When it has to have ended, while it lives and has a `timeout`. */
  readonly deadlineAt: Date | undefined;
  /** The id of the worker that runs it at this moment. */
  readonly worker: string | undefined;
  /** How many workers were lost with it since its history last grew. */
  readonly lost: number;
  /** Somebody has asked to cancel it, and it has not ended yet. */
  readonly cancelRequested: boolean;
  readonly cancelReason: string | undefined;
  /** Its history, where it was asked for. */
  readonly steps?: readonly ExecutionStep[];
}
