import type { RetryPolicy } from '../../definition/step-definition.js';

/** How one run of a step is undone, should it have to be. */
export interface UndoRequest {
  /** What undoes it, as users call it: the name of a method, or of the inline step. */
  readonly name: string;
  readonly retry: RetryPolicy;
  readonly timeout?: number | undefined;
  /** @param result what that run of the step returned */
  run(result: unknown): unknown;
}
