import type { Clock, Timer } from './clock.js';

/** What setTimeout can count; it fires at once when given more. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

/** The clock of this machine. */
export class SystemClock implements Clock {
  now(): number {
    return Date.now();
  }

  monotonic(): number {
    return performance.now();
  }

  setTimer(ms: number, fire: () => void): Timer {
    const end = this.monotonic() + Math.max(0, ms);
    let timeout: NodeJS.Timeout;
    const wait = (remaining: number): void => {
      if (remaining > LONGEST_TIMEOUT) {
        timeout = setTimeout(() => wait(end - this.monotonic()), LONGEST_TIMEOUT);
      } else {
        timeout = setTimeout(fire, remaining);
      }
    };
    wait(Math.max(0, ms));
    return { cancel: () => clearTimeout(timeout) };
  }
}
