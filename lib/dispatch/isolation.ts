import type { Clock, Timer } from '../time/clock.js';

/** So long does a worker stand by for executions that are to run alone, before and while one runs. */
const PATIENCE_MS = 30_000;

/**
 * Executions that were lost with their worker again and again run alone, so that one which kills its process does
 * not take its neighbours along: the worker claims nothing else, waits until it is idle, and claims one of them
 * after the other until there is none. But a step that takes an hour is not to keep a worker idle for an hour.
 */
export class Isolation {
  #queue: string | undefined;
  #isRunning = false;
  #isPatient = true;
  #timer: Timer | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly changed: () => void,
  ) {}

  /** The queue to claim from, while nothing else may be claimed. */
  get queue(): string | undefined {
    return this.#queue;
  }

  want(queue: string): void {
    if (this.#queue !== undefined) return;
    this.#queue = queue;
    this.#isRunning = false;
    this.#isPatient = true;
    this.#timer = this.clock.setTimer(PATIENCE_MS, () => {
      this.#isPatient = false;
      if (this.#isRunning) this.end();
      this.changed();
    });
  }

  /** Whether to claim now, with so many executions running here. */
  isReady(active: number): boolean {
    return this.#queue !== undefined && !this.#isRunning && (active === 0 || !this.#isPatient);
  }

  claiming(): void {
    this.#isRunning = true;
  }

  /** The claim is answered: where nothing was left to run alone, ordinary life goes on. */
  claimed(count: number): void {
    if (this.#isRunning && count === 0) this.end();
  }

  /** The claim came to nothing, or what ran alone has left: perhaps there is another one. */
  again(): void {
    this.#isRunning = false;
  }

  end(): void {
    this.#timer?.cancel();
    this.#queue = undefined;
    this.#isRunning = false;
  }
}
