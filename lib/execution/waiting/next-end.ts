import type { ExpectantWait } from './expectant-wait.js';
import type { Letter } from './letter.js';
import type { Taken } from './wait-terms.js';

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
  const { arrival, keptSince } = firstArrival(waits, letters);
  const due = firstDue(waits, now);
  // Who answered a question was told that it counts, however late this is noticed.
  if (due?.kind === 'input') {
    const answers = letters.filter(({ waitSeq }) => waitSeq === due.seq);
    const { arrival: answer } = firstArrival(waits, answers);
    if (answer !== undefined) return answer;
  }
  if (due === undefined || (arrival !== undefined && arrival.at <= due.dueAt)) return arrival;
  // What came in time and is kept by a place may turn out to be for this wait.
  return due.isListening && keptSince <= due.dueAt ? undefined : due;
}

/** The wait whose time was up first, also where its timer has yet to say so. */
function firstDue(waits: readonly ExpectantWait[], now: number): ExpectantWait | undefined {
  let first: ExpectantWait | undefined;
  for (const wait of waits) {
    if (wait.dueAt <= now && (first === undefined || wait.dueAt < first.dueAt)) first = wait;
  }
  return first;
}

interface Offered {
  readonly arrival?: Arrival;
  /** When the first letter came that a place keeps. */
  readonly keptSince: number;
}

function firstArrival(waits: readonly ExpectantWait[], letters: readonly Letter[]): Offered {
  let keptSince = Infinity;
  if (letters.length > 0) for (const wait of waits) wait.lookAnew();
  for (const letter of letters) {
    for (const wait of waits) {
      const offered = wait.offer(letter);
      if (offered === undefined) continue;
      if (offered !== 'kept') return { arrival: { wait, at: letter.at, ...offered }, keptSince };
      if (wait.isPlace) keptSince = Math.min(keptSince, letter.at);
      break;
    }
  }
  return { keptSince };
}
