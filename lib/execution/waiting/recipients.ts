import type { Recipient, WaitPlace } from './recipient.js';

/** The waits that an execution has open, and the places of others, in the order in which they began. */
export class Recipients implements Iterable<Recipient> {
  readonly #recipients: Recipient[] = [];
  #listeners = 0;
  #places = 0;

  /** Whether a wait is among them that others can end. */
  get haveListeners(): boolean {
    return this.#listeners > 0;
  }

  get havePlaces(): boolean {
    return this.#places > 0;
  }

  get hearBroadcasts(): boolean {
    return this.#recipients.some((one) => !one.isPlace && one.kind === 'broadcast');
  }

  /** In the place of one with the same number, if that was held for it. */
  add(recipient: Recipient): void {
    const before = this.#recipients.findLastIndex(({ seq }) => seq <= recipient.seq);
    const held = this.#recipients[before];
    if (held?.seq === recipient.seq) {
      this.#count(held, -1);
      this.#recipients[before] = recipient;
    } else this.#recipients.splice(before + 1, 0, recipient);
    this.#count(recipient, 1);
  }

  /** False where it was not among them. */
  remove(recipient: Recipient): boolean {
    const position = this.#recipients.indexOf(recipient);
    if (position === -1) return false;
    this.#recipients.splice(position, 1);
    this.#count(recipient, -1);
    return true;
  }

  /** @param seq of the line that opened the wait */
  placeOf(seq: number): WaitPlace | undefined {
    if (this.#places === 0) return undefined;
    return this.#recipients.find((one): one is WaitPlace => one.isPlace && one.seq === seq);
  }

  [Symbol.iterator](): Iterator<Recipient> {
    return this.#recipients[Symbol.iterator]();
  }

  #count(recipient: Recipient, change: 1 | -1): void {
    if (recipient.isPlace) this.#places += change;
    else if (recipient.isListening) this.#listeners += change;
  }
}
