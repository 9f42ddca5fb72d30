import type { Letter } from './letter.js';
import type { ExpectantWait, Recipient } from './recipient.js';
import type { Taken } from './wait-terms.js';

/** A wait that something has arrived for. */
export interface Arrival extends Taken {
  readonly wait: ExpectantWait;
  readonly at: number;
}

/** What is first in time: something that arrived, or a wait whose time is up. */
export function nextEnd(
  recipients: Iterable<Recipient>,
  letters: readonly Letter[],
  now: number,
): Arrival | ExpectantWait | undefined {
  const { arrival, kept } = firstArrival(recipients, letters);
  const due = firstDue(recipients, now);
  // Who answered a question was told that it counts, however late this is noticed.
  if (due?.kind === 'input') {
    const answers = letters.filter(({ waitSeq }) => waitSeq === due.seq);
    const { arrival: answer } = firstArrival(recipients, answers);
    if (answer !== undefined) return answer;
  }
  if (due === undefined || (arrival !== undefined && arrival.at <= due.dueAt)) return arrival;
  return mayYetHear(due, kept) ? undefined : due;
}

export function timeOf(next: Arrival | ExpectantWait): number {
  return 'wait' in next ? next.at : next.dueAt;
}

/** The wait whose time was up first, also where its timer has yet to say so. */
function firstDue(recipients: Iterable<Recipient>, now: number): ExpectantWait | undefined {
  let first: ExpectantWait | undefined;
  for (const recipient of recipients) {
    if (recipient.isPlace || recipient.dueAt > now) continue;
    if (first === undefined || recipient.dueAt < first.dueAt) first = recipient;
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

function firstArrival(recipients: Iterable<Recipient>, letters: readonly Letter[]): Offered {
  const kept: Letter[] = [];
  if (letters.length > 0) {
    for (const recipient of recipients) if (!recipient.isPlace) recipient.lookAnew();
  }
  for (const letter of letters) {
    const arrival = arrivalOf(letter, recipients, kept);
    if (arrival !== undefined) return { arrival, kept };
  }
  return { kept };
}

function arrivalOf(letter: Letter, recipients: Iterable<Recipient>, kept: Letter[]): Arrival | undefined {
  for (const recipient of recipients) {
    if (recipient.isPlace) {
      if (recipient.offer(letter) === undefined) continue;
      kept.push(letter);
      return undefined;
    }
    const taken = recipient.offer(letter);
    if (taken === 'kept') return undefined;
    if (taken !== undefined) return { wait: recipient, at: letter.at, ...taken };
  }
  return undefined;
}
