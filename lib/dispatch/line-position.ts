import type { Clock } from '../time/clock.js';

/** Below this many at once, claims are so rare that walking the whole line costs nothing. */
const BULK = 20;
/** What has a lower rank than the place in the line (a priority, a start that came late) waits so long at the most. */
const WHOLE_LINE_EVERY_MS = 1_000;

/**
 * Where in a queue's line the last claim of a backlog stopped. Claims go on from there instead of walking past what
 * was claimed before; and every second, and whenever the line seemed to end, the whole line is looked at again.
 */
export class LinePosition {
  #rank: number | undefined;
  #lastWhole = -Infinity;

  constructor(private readonly clock: Clock) {}

  /** Where the next claim of so many begins; undefined for the whole line. */
  next(slots: number): number | undefined {
    const now = this.clock.monotonic();
    if (slots >= BULK && this.#rank !== undefined && now - this.#lastWhole < WHOLE_LINE_EVERY_MS)
      return this.#rank;
    this.#lastWhole = now;
    return undefined;
  }

  /** @param lastRank the highest that was claimed, where the claim came back full */
  claimed(lastRank: number | undefined): void {
    this.#rank = lastRank;
  }
}
