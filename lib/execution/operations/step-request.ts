import type { RetryPolicy } from '../../definition/step-definition.js';
import type { BlockKind } from '../../identity/operation-kinds.js';
import type { Serializer } from '../../serialization/serializer.js';
import type { UndoRequest } from '../saga/undo-request.js';

/** What runs with attempts: a step wherever it was declared, the question of a block, an undo, a message to others. */
export type AttemptedKind = 'step' | BlockKind | 'undo' | 'send';

/** A step as the engine runs it, wherever it was declared. */
export interface StepRequest {
  readonly kind: AttemptedKind;
  /** Under which it is called and recorded. */
  readonly name: string;
  /** What users call it, where that is not its name. */
  readonly title?: string;
  readonly retry: RetryPolicy;
  readonly timeout?: number | undefined;
  readonly transactional: boolean;
  /** Of the arguments, so that a replay notices other ones. */
  readonly hash: number | null;
  body(): unknown;
  /** What is recorded of a result; throws where it may not be recorded. */
  accept?(result: unknown): unknown;
  readonly undo?: UndoRequest | undefined;
}

/** What came of one run of a step's body. */
export type AttemptOutcome =
  | { readonly kind: 'returned'; readonly output: string | null }
  | { readonly kind: 'threw'; readonly error: Error }
  /** The step's own transaction has recorded its end. */
  | { readonly kind: 'committed' }
  /** It did not end by itself: the execution goes on elsewhere, with the same attempt. */
  | { readonly kind: 'interrupted' }
  /** Its body was never called: by the time it could be, nothing might begin any more. */
  | { readonly kind: 'unbegun' };

/** What is written of what a body returned. */
export function recorded(result: unknown, request: StepRequest, serializer: Serializer): string | null {
  const accepted = request.accept === undefined ? result : request.accept(result);
  return accepted === undefined ? null : serializer.stringify(accepted);
}
