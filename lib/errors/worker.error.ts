import { DurableError } from './durable.error.js';

/**
 * The worker was silent for longer than its lease, so others may have taken over what it ran.
 *
 * @publicApi
 */
export class LeaseLost extends DurableError {
  readonly code = 'DURABLE_LEASE_LOST';

  constructor(readonly workerId: string) {
    super(
      `Worker ${workerId} lost its lease, so it records nothing more and other workers go on with what it ran.`,
      'Nothing needs to be done once; if it repeats, look for a blocked event loop or a slow database, or make `lease` longer.',
    );
  }
}

/**
 * The engine was used after its shutdown began.
 *
 * @publicApi
 */
export class EngineStopped extends DurableError {
  readonly code = 'DURABLE_ENGINE_STOPPED';

  constructor(readonly fn: string) {
    super(
      `${fn} was called after the engine was shut down.`,
      'Call it before the application closes; work that was started goes on with the next process.',
    );
  }
}
