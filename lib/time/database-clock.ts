import type { Clock } from './clock.js';

/** A server whose clock was set back by more than this is followed. */
const LONGEST_STANDSTILL_MS = 1_000;

/**
 * The database's time, told without asking: each flush brings the server's clock along, which showed that time at
 * some moment between those at which the flush was sent and answered. After the first one this process counts as if the
 * server had looked at once, so that it is not behind; a later answer moves the estimate only as far as it rules it out,
 * so that one which took its time, and says little, moves little.
 *
 * The time told does not go back where a better answer corrects it: it stands still, so that what happens later in this
 * process has no earlier time.
 */
export class DatabaseClock {
  #offset: number;
  #isKnown = false;
  #told = -Infinity;

  constructor(private readonly clock: Clock) {
    this.#offset = clock.now() - clock.monotonic();
  }

  /**
   * The answer has arrived.
   *
   * @param sentAt monotonic time at which the question was sent
   */
  observe(databaseTime: number, sentAt: number): void {
    const earliest = databaseTime - this.clock.monotonic();
    const latest = databaseTime - sentAt;
    this.#offset = this.#isKnown ? Math.min(Math.max(this.#offset, earliest), latest) : latest;
    // What was told before was this process's own time.
    if (!this.#isKnown) this.#told = -Infinity;
    this.#isKnown = true;
  }

  /** Milliseconds since 1970, whole. */
  now(): number {
    const now = Math.ceil(this.clock.monotonic() + this.#offset);
    if (now >= this.#told || now < this.#told - LONGEST_STANDSTILL_MS) this.#told = now;
    return this.#told;
  }
}
