import type { Clock } from './clock.js';

/**
 * The database's time, told without asking: each flush brings the server's clock along, and this process
 * counts on from the moment it *sent* that flush. So the estimate is never behind the server by the length
 * of a round trip, and nobody is woken early by database time.
 */
export class DatabaseClock {
  #offset: number;

  constructor(private readonly clock: Clock) {
    this.#offset = clock.now() - clock.monotonic();
  }

  /** @param sentAt monotonic time at which the question was sent */
  observe(databaseTime: number, sentAt: number): void {
    this.#offset = databaseTime - sentAt;
  }

  /** Milliseconds since 1970, whole. */
  now(): number {
    return Math.ceil(this.clock.monotonic() + this.#offset);
  }
}
