import type { Clock, Timer } from '../../lib/time/clock.js';

interface HeldTimer {
  readonly at: number;
  readonly fire: () => void;
}

/** A clock that stands still until the test moves it. */
export class HeldClock implements Clock {
  #now: number;
  #monotonic = 1_000;
  readonly #timers = new Set<HeldTimer>();

  constructor(now = Date.UTC(2026, 0, 2)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  setTimer(ms: number, fire: () => void): Timer {
    const timer: HeldTimer = { at: this.#monotonic + ms, fire };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }

  /** How long the timers that are set still have, the next first. */
  get timers(): number[] {
    return [...this.#timers].map(({ at }) => at - this.#monotonic).sort((a, b) => a - b);
  }

  /** Moves both clocks on. Timers fire in their order, each at its own time. */
  advance(ms: number): void {
    const end = this.#monotonic + ms;
    for (;;) {
      const next = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#move(Math.max(next.at, this.#monotonic));
      next.fire();
    }
    this.#move(end);
  }

  /** The process stood still for so long: the time has passed, and the timers come late. */
  freeze(ms: number): void {
    this.#move(this.#monotonic + ms);
  }

  /** Somebody sets the wall clock; time itself goes on as before. */
  setWall(now: number): void {
    this.#now = now;
  }

  #move(to: number): void {
    this.#now += to - this.#monotonic;
    this.#monotonic = to;
  }
}

/** Lets everything run that does not wait for the network or for time. */
export async function drained(turns = 4): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
