import type { Letter } from './letter.js';
import type { Taken, WaitKind } from './wait-terms.js';

/** A wait that is open, as far as it is ended from here. */
export interface ExpectantWait {
  readonly isPlace: false;
  readonly kind: WaitKind;
  /** Of the line that opened it. */
  readonly seq: number;
  /** Whether others can end it, and not only time. */
  readonly isListening: boolean;
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

/** The place of a wait, whose body has yet to come back to it: it keeps letters from those that began later. */
export interface WaitPlace {
  readonly isPlace: true;
  /** Of the line that opened the wait. */
  readonly seq: number;
  offer(letter: Letter): 'kept' | undefined;
}

/** What letters are offered to. */
export type Recipient = ExpectantWait | WaitPlace;
