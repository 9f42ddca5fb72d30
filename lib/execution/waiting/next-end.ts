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
  const { arrival, kept } = firstArrival(waits, letters);
  const due = firstDue(waits, now);
  // Who answered a question was told that it counts, however late this is noticed.
  if (due?.kind === 'input') {
    const answers = letters.filter(({ waitSeq }) => waitSeq === due.seq);
    const { arrival: answer } = firstArrival(waits, answers);
    if (answer !== undefined) return answer;
  }
  if (due === undefined || (arrival !== undefined && arrival.at <= due.dueAt)) return arrival;
  return mayYetHear(due, kept) ? undefined : due;
}

/** The wait whose time was up first, also where its timer has yet to say so. */
function firstDue(waits: readonly ExpectantWait[], now: number): ExpectantWait | undefined {
  let first: ExpectantWait | undefined;
  for (const wait of waits) {
    if (wait.dueAt <= now && (first === undefined || wait.dueAt < first.dueAt)) first = wait;
  }
  return first;
}

/** Whether something came in time for a wait that a place keeps, and that may turn out to be for this one. */
function mayYetHear(wait: ExpectantWait, kept: readonly Letter[]): boolean {
  if (!wait.isListening || kept.length === 0) return false;
  wait.lookAnew();
  return kept.some((letter) => letter.at <= wait.dueAt && wait.offer(letter) !== undefined);
}

interface Offered {
  readonly arrival?: Arrival;
  /** What places keep. */
  readonly kept: readonly Letter[];
}

function firstArrival(waits: readonly ExpectantWait[], letters: readonly Letter[]): Offered {
  const kept: Letter[] = [];
  if (letters.length > 0) for (const wait of waits) wait.lookAnew();
  for (const letter of letters) {
    for (const wait of waits) {
      const offered = wait.offer(letter);
      if (offered === undefined) continue;
      if (offered !== 'kept') return { arrival: { wait, at: letter.at, ...offered }, kept };
      if (wait.isPlace) kept.push(letter);
      break;
    }
  }
  return { kept };
}
