import { Logger } from '@nestjs/common';
import type { SchedulerRegistry } from '@nestjs/schedule';

export interface PollerOptions {
  /** Under this name the timer stands in the app's SchedulerRegistry. */
  readonly name: string;
  readonly interval: number;
  readonly random: () => number;
  poll(): Promise<void> | void;
}

/**
 * Does something again and again, as an interval in the app's SchedulerRegistry, where the app sees it and
 * names it. The interval differs a little between processes, so that they do not ask in step. A round that
 * fails is reported, and the next one tries again; rounds never overlap.
 */
export class Poller {
  readonly #logger = new Logger('DurablePoller');
  #running: Promise<void> | undefined;
  #failures = 0;

  constructor(
    private readonly registry: SchedulerRegistry,
    private readonly options: PollerOptions,
  ) {}

  start(): void {
    const { name, interval, random } = this.options;
    const spread = interval * (0.9 + random() * 0.2);
    this.registry.addInterval(
      name,
      setInterval(() => void this.round(), spread),
    );
  }

  async round(): Promise<void> {
    if (this.#running !== undefined) return;
    this.#running = this.#poll();
    await this.#running;
    this.#running = undefined;
  }

  /** Takes the timer away and waits for the round that runs. */
  async stop(): Promise<void> {
    const { name } = this.options;
    if (this.registry.doesExist('interval', name)) this.registry.deleteInterval(name);
    await this.#running;
  }

  async #poll(): Promise<void> {
    try {
      await this.options.poll();
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      // The first failure is news; after that, now and then.
      if (Math.log2(this.#failures) % 1 === 0) {
        const problem = error instanceof Error ? error.message : String(error);
        this.#logger.warn(`${this.options.name} failed (${this.#failures} in a row): ${problem}`);
      }
    }
  }
}
