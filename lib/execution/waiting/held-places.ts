import { nameOf } from '../../identity/operation-path.js';
import type { HistoryLine } from '../../storage/history-line.js';
import type { Clock, Timer } from '../../time/clock.js';
import type { Letter } from './letter.js';
import { isNamedIn } from './event-names.js';
import type { Mailbox } from './mailbox.js';
import type { WaitPlace } from './recipient.js';
import type { WaitKind } from './wait-terms.js';

/** How long a body that has begun again may be busy with other things before it comes back to where it waited. */
const PATIENCE_MS = 2_000;

/**
 * The waits that bodies of steps had open in an earlier process. Such a body begins again from its top, and comes back
 * to them after whatever it does before: until then they keep their places, among the waits of the execution and before
 * the time-out of the step.
 */
export class HeldPlaces {
  readonly #places: readonly HeldPlace[];
  readonly #patience: Timer;

  /** @param opened the lines that opened the waits */
  constructor(
    private readonly mailbox: Mailbox,
    clock: Clock,
    opened: readonly HistoryLine[],
  ) {
    this.#places = opened.map((line) => new HeldPlace(line));
    for (const place of this.#places) mailbox.keep(place);
    this.#patience = clock.setTimer(PATIENCE_MS, () => this.giveUp());
  }

  /** Whether a body has yet to come back to one of them: this one, or one inside it, which holds the place anew. */
  get areHeld(): boolean {
    return this.#places.some(({ seq }) => this.mailbox.keepsPlaceOf(seq));
  }

  /** From here on they count no more than waits that nobody has called. */
  giveUp(): void {
    this.#patience.cancel();
    for (const place of this.#places) this.mailbox.remove(place);
  }
}

/** Keeps what its wait might take from waits that began later. */
class HeldPlace implements WaitPlace {
  readonly isPlace = true;
  readonly seq: number;
  readonly #kind: WaitKind;
  readonly #title: string;
  /** What came later is not for its wait any more. */
  readonly #notAfter: number;

  constructor({ kind, seq, path, dueAt }: HistoryLine) {
    this.seq = seq;
    this.#kind = kind as WaitKind;
    this.#title = nameOf(path);
    this.#notAfter = dueAt ?? Infinity;
  }

  offer({ type, name, at }: Letter): 'kept' | undefined {
    if (type !== 'event' || at > this.#notAfter) return undefined;
    const kind = this.#kind;
    const isNamed = kind === 'event' || kind === 'any' || kind === 'all';
    return isNamed && isNamedIn(kind, this.#title, name) ? 'kept' : undefined;
  }
}
