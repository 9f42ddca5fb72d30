import type { Clock } from '../time/clock.js';
import type { BoundStatement } from './statement-pipeline.js';

/** May ride in a transaction, and costs about a millisecond of planning. */
export const DISCARD_PLANS: BoundStatement = {
  statement: { name: 'durable_discard_plans', text: 'DISCARD PLANS' },
  values: [],
};

const FIRST_MS = 500;
const LONGEST_MS = 60_000;

/**
 * When to have prepared statements planned anew. A plan that was made for empty tables reads them from end to end
 * when they are full, and is kept until somebody analyzes: for minutes on a server, for ever in the embedded
 * database. A new plan goes by the size of the files. So: soon after the start, then in growing steps.
 */
export class Replanning {
  #interval = FIRST_MS;
  #due = 0;

  constructor(private readonly clock: Clock) {}

  restart(): void {
    this.#interval = FIRST_MS;
    this.#due = this.clock.monotonic() + FIRST_MS;
  }

  isDue(): boolean {
    const now = this.clock.monotonic();
    if (now < this.#due) return false;
    this.#interval = Math.min(this.#interval * 2, LONGEST_MS);
    this.#due = now + this.#interval;
    return true;
  }
}
