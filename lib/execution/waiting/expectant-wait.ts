import type { Letter } from './letter.js';
import type { Taken, WaitKind } from './wait-terms.js';

/** A wait that is open, as far as it is ended from here. */
export interface ExpectantWait {
  readonly kind: WaitKind;
  /** Only the place of one, whose body has yet to come back to it. */
  readonly isPlace: boolean;
  /** Whether others can end it, and not only time. */
  readonly isListening: boolean;
  /** Of the line that opened it. */
  readonly seq: number;
  /** When its time is up, Infinity for never. */
  readonly dueAt: number;
  /** Whether a letter ends it, or is kept for it. */
  offer(letter: Letter): Taken | 'kept' | undefined;
  /** The letters are offered again, from the first on. */
  lookAnew(): void;
  /** Ends with what has arrived. */
  arrive(taken: Taken): void;
  /** Ends because its time is up. False where somebody else has settled it. */
  expire(): Promise<boolean>;
  /** Resolves when the code has been given what ended it. */
  readonly delivered: Promise<unknown>;
}
