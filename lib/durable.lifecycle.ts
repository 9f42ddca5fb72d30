import {
  type BeforeApplicationShutdown,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import type { DurableEngine } from './durable-engine.js';

/** Long enough for a bootstrap that calls enableShutdownHooks() after it has made the application. */
const HOOKS_CHECK_MS = 3_000;

/**
 * The engine lives and dies with the application: ready to store starts when modules are initialised, running
 * from the bootstrap on, drained before connections close, and gone after everything else.
 */
export class DurableLifecycle
  implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  readonly #logger = new Logger('DurableModule');
  #check: NodeJS.Timeout | undefined;

  constructor(private readonly engine: DurableEngine) {}

  async onModuleInit(): Promise<void> {
    if (!this.engine.isStopped) await this.engine.prepare();
  }

  async onApplicationBootstrap(): Promise<void> {
    if (this.engine.isStopped) return;
    await this.engine.begin();
    this.#check = setTimeout(() => this.#warnWithoutHooks(), HOOKS_CHECK_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearTimeout(this.#check);
    await this.engine.drain();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.engine.close();
  }

  #warnWithoutHooks(): void {
    if (process.listenerCount('SIGTERM') > 0) return;
    this.#logger.warn(
      'Shutdown hooks are off, so a deploy cannot hand over its executions and others wait for the lease to run out. ' +
        'Call app.enableShutdownHooks() after creating the application.',
    );
  }
}
