import type { Clock, Timer } from '../../time/clock.js';

/** So long something waits for its moment before nothing new begins until it has come. */
const LONGEST_FAST_MS = 50;

/**
 * What waits for a moment in which no result is on its way to the code: where bodies come to their ends all the time,
 * there is none by itself.
 */
export class Starvation {
  #hunger: Timer | undefined;
  #isOn = false;
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly clock: Clock) {}

  /** It has gone on for long: others make room. */
  get isOn(): boolean {
    return this.#isOn;
  }

  /** The moment has not come. */
  begin(): void {
    this.#hunger ??= this.clock.setTimer(LONGEST_FAST_MS, () => (this.#isOn = true));
  }

  /** The moment was there, or does not matter any more. */
  end(): void {
    this.#hunger?.cancel();
    this.#hunger = undefined;
    this.#isOn = false;
    for (const resume of this.#waiting.splice(0)) resume();
  }

  /** Resolves when others need not make room any more. */
  async over(): Promise<void> {
    while (this.#isOn) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
