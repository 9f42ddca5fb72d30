import type { Duration } from '../time/duration.js';
import type { RetryOptions, RetryPolicy } from './step-definition.js';
import type { Method } from './workflow-class.js';

/** @publicApi */
export interface CompensateOptions {
  /**
   * When a failed undo is tried again. What still fails then is left as it is, and the other steps are undone.
   *
   * @default three attempts, one and two seconds apart
   */
  retry?: RetryOptions;
  /**
   * How long one attempt may take. Nothing else ends an undo that hangs: neither a cancel nor the workflow's own
   * time-out reaches it, and the undos behind it wait.
   *
   * @default no limit
   */
  timeout?: Duration;
}

/**
 * What an undo is told of the run of the step that it undoes.
 *
 * @publicApi
 */
export interface Undo<Result = unknown, Item = unknown> {
  /** What that run of the step returned. */
  readonly result: Result;
  /** The name of the step. */
  readonly step: string;
  /** The item that the step ran for, inside `@ForEach`. */
  readonly item?: Item;
  /** The place of that item in the list. */
  readonly index?: number;
}

/** The method that undoes a step, with every default filled in. */
export interface UndoDefinition {
  readonly method: string;
  /** The method as it was written, called with the instance as `this`. */
  readonly body: Method;
  readonly retry: RetryPolicy;
  readonly timeout?: number;
}
