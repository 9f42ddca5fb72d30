import { drained } from './delivery.js';

/**
 * The recorded part of an execution: how its code is brought to where it was. Recorded results are delivered without
 * the event loop turning, or one a turn, so when a turn brings none, the code has come as far as it is recorded.
 *
 * Nothing begins before that. Code that stands side by side has then heard of everything that had happened when its
 * process was lost: of the sibling, say, whose failure is the end of its own block.
 */
export class Replay {
  #delivered = 0;
  #isOver: boolean;
  #held = 0;
  #watch: Promise<void> | undefined;

  constructor(hasNothing: boolean) {
    this.#isOver = hasNothing;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** A recorded result has reached the code. */
  delivered(): void {
    this.#delivered += 1;
  }

  /** Code takes some turns to go on from what it has heard. */
  async during(work: Promise<void>): Promise<void> {
    this.#held += 1;
    await work;
    this.#held -= 1;
    this.#delivered += 1;
  }

  get deliveredCount(): number {
    return this.#delivered;
  }

  async over(): Promise<void> {
    this.#watch ??= this.#watchDeliveries();
    await this.#watch;
  }

  async #watchDeliveries(): Promise<void> {
    for (let seen = -1; seen !== this.#delivered || this.#held > 0;) {
      seen = this.#delivered;
      await drained();
    }
    this.#isOver = true;
  }
}
