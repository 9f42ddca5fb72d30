import type { PendingEvent, PendingInput } from '../../journal/records.js';
import type { Letter } from './letter.js';

/** The kinds of waits, as they stand in histories. */
export type WaitKind = 'sleep' | 'event' | 'any' | 'all' | 'broadcast' | 'input';

/** What ends a wait: letters, and what the code is given for them, serialized; or an error that they amount to. */
export interface Taken {
  readonly takes: readonly string[];
  readonly output: string | null;
  readonly error?: string;
}

/** How a wait looks at letters, one after the other in their order. */
export interface Collector {
  /** `kept`: it is this wait's, but more are needed. Undefined: it is nothing for this wait. */
  offer(letter: Letter): Taken | 'kept' | undefined;
  /** Begins anew with the first letter. */
  lookAnew(): void;
}

/** How a wait ends when its time is up. */
export type Expiry =
  | { readonly outcome: 'completed' | 'timed_out'; readonly output: string | null }
  | { readonly outcome: 'failed'; readonly error: string };

/** What is waited for, and for how long. */
export interface WaitTerms {
  /** For sentences: `waitForEvent()`. */
  readonly fn: string;
  /** Under which it is called and recorded. */
  readonly name: string;
  readonly kind: WaitKind;
  /** Of the arguments, so that a replay notices other ones. */
  readonly hash: number | null;
  /** When its time is up, for a wait that begins now; undefined where it waits for ever. */
  dueAtFrom(now: number): number | undefined;
  /** What others see of it; undefined where only time ends it. */
  readonly pending: PendingEvent | PendingInput | undefined;
  readonly collector: Collector | undefined;
  /** Called when its time is up. */
  expiry(seq: number): Expiry;
}
