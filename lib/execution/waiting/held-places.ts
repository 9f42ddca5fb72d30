import { nameOf } from '../../identity/operation-path.js';
import type { HistoryLine } from '../../storage/history-line.js';
import type { ActiveExecution } from '../active-execution.js';
import type { Letter } from './letter.js';
import type { ExpectantWait } from './next-end.js';
import type { WaitKind } from './wait-terms.js';

/** How long a body that has begun again may be busy with other things before it comes back to where it waited. */
const PATIENCE_MS = 2_000;

/**
 * The waits that the body of a step had open in an earlier process. It has begun again from its top, and comes back to
 * them after whatever it does before: until then they keep their places, among the waits of the execution and before
 * the time-out of the step.
 */
export class HeldPlaces {
  readonly #places: readonly HeldPlace[];
  readonly #patience: { cancel(): void } | undefined;

  constructor(
    private readonly execution: ActiveExecution,
    path: string,
  ) {
    this.#places = execution.history.openedWaitsIn(path).map((line) => new HeldPlace(line));
    if (this.#places.length === 0) return;
    for (const place of this.#places) execution.mailbox.add(place);
    this.#patience = execution.services.clock.setTimer(PATIENCE_MS, () => this.giveUp());
  }

  /** Whether the body has yet to come back to one of them. */
  get areHeld(): boolean {
    return this.#places.some((place) => this.execution.mailbox.has(place));
  }

  /** From here on they count no more than waits that nobody has called. */
  giveUp(): void {
    this.#patience?.cancel();
    for (const place of this.#places) this.execution.mailbox.remove(place);
    if (this.#places.length > 0) this.execution.mailbox.reconsider();
  }
}

/** Keeps what its wait might take from waits that began later. */
class HeldPlace implements ExpectantWait {
  readonly kind: WaitKind;
  readonly seq: number;
  /** Nobody is told that it has ended before its code asks. */
  readonly dueAt = Infinity;
  readonly isListening = false;
  readonly delivered = Promise.resolve();
  readonly #names: string;

  constructor({ kind, seq, path }: HistoryLine) {
    this.kind = kind as WaitKind;
    this.seq = seq;
    this.#names = nameOf(path);
  }

  offer({ type, name }: Letter): 'kept' | undefined {
    if (type !== 'event') return undefined;
    const isOfOne = this.kind === 'event' && this.#names === name;
    const isOfSeveral = (this.kind === 'any' || this.kind === 'all') && this.#names.includes(name);
    return isOfOne || isOfSeveral ? 'kept' : undefined;
  }

  lookAnew(): void {}

  arrive(): void {}

  expire(): Promise<boolean> {
    return Promise.resolve(true);
  }
}
