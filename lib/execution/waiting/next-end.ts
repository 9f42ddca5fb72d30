import type { Letter } from './letter.js';
import type { Taken, WaitKind } from './wait-terms.js';

/** A wait that is open, as far as it is ended from here. */
export interface ExpectantWait {
  readonly kind: WaitKind;
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

/** A wait that something has arrived for. */
export interface Arrival extends Taken {
  readonly wait: ExpectantWait;
  readonly at: number;
}

/** What is first in time: something that arrived, or a wait whose time is up. */
export function nextEnd(
  waits: readonly ExpectantWait[],
  letters: readonly Letter[],
  now: number,
): Arrival | ExpectantWait | undefined {
  const arrival = firstArrival(waits, letters);
  const due = firstDue(waits, now);
  // Who answered a question was told that it counts, however late this is noticed.
  if (due?.kind === 'input') {
    const answers = letters.filter(({ waitSeq }) => waitSeq === due.seq);
    const answer = firstArrival(waits, answers);
    if (answer !== undefined) return answer;
  }
  if (arrival === undefined || due === undefined) return arrival ?? due;
  return arrival.at <= due.dueAt ? arrival : due;
}

/** The wait whose time was up first, also where its timer has yet to say so. */
export function firstDue(waits: readonly ExpectantWait[], now: number): ExpectantWait | undefined {
  let first: ExpectantWait | undefined;
  for (const wait of waits) {
    if (wait.dueAt <= now && (first === undefined || wait.dueAt < first.dueAt)) first = wait;
  }
  return first;
}

function firstArrival(waits: readonly ExpectantWait[], letters: readonly Letter[]): Arrival | undefined {
  if (letters.length === 0) return undefined;
  for (const wait of waits) wait.lookAnew();
  for (const letter of letters) {
    for (const wait of waits) {
      const offered = wait.offer(letter);
      if (offered === 'kept') break;
      if (offered !== undefined) return { wait, at: letter.at, ...offered };
    }
  }
  return undefined;
}
