import type { QueryRunner } from 'typeorm';
import { isDuration } from '../definition/option.checks.js';
import { CompensationFailed } from '../errors/compensation.error.js';
import { ExecutionCancelled, ExecutionFailed, ResultTimeout } from '../errors/execution.error.js';
import { ResultBeforeCommit } from '../errors/start.error.js';
import { reviveError } from '../serialization/serialized-error.js';
import type { Serializer } from '../serialization/serializer.js';
import type { StoredEnding } from '../storage/queries/result.queries.js';
import type { Clock } from '../time/clock.js';
import { type Duration, toMilliseconds } from '../time/duration.js';
import { checkOptions } from './argument.checks.js';
import type { CancelOptions } from './cancel-options.js';
import type { ExecutionStatus } from './execution-status.js';
import type { ResultWaiters } from './result-waiters.js';

/** What a handle needs of the client that gave it out. */
export interface HandleServices {
  readonly waiters: ResultWaiters;
  readonly serializer: Serializer;
  readonly clock: Clock;
  status(id: string): Promise<ExecutionStatus>;
  cancel(id: string, reason?: string, options?: CancelOptions): Promise<void>;
  /** @throws ExecutionNotFound */
  requireExecution(id: string): Promise<void>;
}

/**
 * One execution, from outside.
 *
 * @publicApi
 */
export class ExecutionHandle<Output = unknown> {
  /** @internal */
  constructor(
    readonly id: string,
    readonly workflow: string,
    /** False where the key of the start already had an execution. */
    readonly created: boolean,
    private readonly services: () => Promise<HandleServices>,
    /** The transaction that the start is part of. */
    private readonly transaction?: QueryRunner,
  ) {}

  /**
   * Waits for the execution to end, and gives what it returned. Where it failed and is tried again by itself
   * (`maxRetries`), the result is that of the last try.
   *
   * @throws ExecutionFailed with the error that ended it as `cause`; CompensationFailed in its place where not all
   * of it could be undone; ExecutionCancelled; StartExpired; ResultTimeout where it took longer than `timeout` (the execution goes on); EngineStopped where the application
   * closes first (it goes on, too)
   */
  async result(options: { readonly timeout?: Duration } = {}): Promise<Output> {
    checkOptions('result()', options, { timeout: isDuration });
    const timeout = options.timeout === undefined ? undefined : toMilliseconds(options.timeout, 'result()');
    if (this.transaction?.isTransactionActive === true) throw new ResultBeforeCommit(this.id);
    const services = await this.services();
    if (this.transaction !== undefined) await services.requireExecution(this.id);
    const ending = await this.#ending(services, timeout);
    if (ending.outcome === 'completed') {
      return (ending.output === null ? undefined : services.serializer.parse(ending.output)) as Output;
    }
    const error = reviveError(ending.error ?? '{}');
    switch (ending.outcome) {
      case 'cancelled':
        throw error;
      case 'compensated':
        if (error instanceof ExecutionCancelled) throw error;
        break;
      case 'compensation_failed':
        throw new CompensationFailed(ending.executionId, this.workflow, error);
      case 'failed':
    }
    throw new ExecutionFailed(ending.executionId, this.workflow, error);
  }

  /** @throws ExecutionNotFound */
  async status(): Promise<ExecutionStatus> {
    return (await this.services()).status(this.id);
  }

  /**
   * Ends the execution, and with `compensate` has what it did undone before that.
   *
   * @throws ExecutionNotFound, ExecutionFinished; AlreadyCompensating where it is being undone already
   */
  async cancel(reason?: string, options?: CancelOptions): Promise<void> {
    await (await this.services()).cancel(this.id, reason, options);
  }

  async #ending({ waiters, clock }: HandleServices, timeout: number | undefined): Promise<StoredEnding> {
    return await new Promise<StoredEnding>((resolve, reject) => {
      let stop: () => void = () => undefined;
      const timer =
        timeout === undefined
          ? undefined
          : clock.setTimer(timeout, () => {
              stop();
              reject(new ResultTimeout(this.id, timeout));
            });
      const follow = (id: string): void => {
        stop = waiters.wait(id, {
          ended: (ending) => {
            if (ending.retriedAs !== null) return follow(ending.retriedAs);
            timer?.cancel();
            resolve(ending);
          },
          stopped: (error) => {
            timer?.cancel();
            reject(error);
          },
        });
      };
      follow(this.id);
    });
  }
}
