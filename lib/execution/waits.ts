import type { Clock, Timer } from '../time/clock.js';
import type { DatabaseClock } from '../time/database-clock.js';

interface Wait {
  readonly dueAt: number;
  readonly wake: () => void;
  timer: Timer | undefined;
}

/**
 * What an execution does when a time comes: ends a wait, tries again, gives up an attempt. By the database's
 * time, and only while this process owns the execution.
 */
export class Waits {
  #waits: Set<Wait> | undefined;
  #armed = true;

  constructor(
    private readonly clock: Clock,
    private readonly databaseClock: DatabaseClock,
  ) {}

  get count(): number {
    return this.#waits?.size ?? 0;
  }

  at(dueAt: number, wake: () => void): { cancel(): void } {
    const wait: Wait = { dueAt, wake, timer: undefined };
    this.#waits ??= new Set();
    this.#waits.add(wait);
    if (this.#armed) this.#arm(wait);
    return {
      cancel: () => {
        wait.timer?.cancel();
        this.#waits?.delete(wait);
      },
    };
  }

  /** The execution is parked or over: nothing fires until `arm`. */
  disarm(): void {
    this.#armed = false;
    for (const wait of this.#waits ?? []) wait.timer?.cancel();
  }

  arm(): void {
    this.#armed = true;
    for (const wait of this.#waits ?? []) this.#arm(wait);
  }

  #arm(wait: Wait): void {
    const left = Math.max(0, wait.dueAt - this.databaseClock.now());
    wait.timer?.cancel();
    wait.timer = this.clock.setTimer(left, () => {
      // Timers may be a little early, and the estimate of the database's time may have moved.
      if (this.databaseClock.now() < wait.dueAt) return this.#arm(wait);
      this.#wakeDue();
    });
  }

  /** In the order of their times, also where all of them were up long before anybody could notice. */
  #wakeDue(): void {
    const now = this.databaseClock.now();
    const due = [...(this.#waits ?? [])].filter(({ dueAt }) => dueAt <= now);
    for (const wait of due.toSorted((left, right) => left.dueAt - right.dueAt)) {
      // One that was woken may have ended another, or the whole execution.
      if (!this.#armed || this.#waits?.has(wait) !== true) continue;
      wait.timer?.cancel();
      this.#waits.delete(wait);
      wait.wake();
    }
  }
}
