import type { RetryPolicy } from '../../definition/step-definition.js';

/** A step as the engine runs it, wherever it was declared. */
export interface StepRequest {
  readonly name: string;
  readonly retry: RetryPolicy;
  readonly timeout?: number | undefined;
  readonly transactional: boolean;
  /** Of the arguments, so that a replay notices other ones. */
  readonly hash: number | null;
  body(): unknown;
  /** Refuses a result that may not be recorded, by throwing. */
  check?(result: unknown): void;
}

/** What came of one run of a step's body. */
export type AttemptOutcome =
  | { readonly kind: 'returned'; readonly output: string | null }
  | { readonly kind: 'threw'; readonly error: Error }
  /** The step's own transaction has recorded its end. */
  | { readonly kind: 'committed' };
