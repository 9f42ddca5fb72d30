import type { Duration } from '../time/duration.js';

/** @publicApi */
export type Backoff = 'exponential' | 'linear' | 'constant';

/** @publicApi */
export interface RetryOptions {
  /**
   * How often a step is tried in all. With 1 it is tried once.
   *
   * @default 3
   */
  maxAttempts?: number;
  /**
   * How the delay between two attempts grows: doubled each time, by `base` each time, or not at all.
   *
   * @default 'exponential'
   */
  backoff?: Backoff;
  /**
   * The delay after the first failed attempt.
   *
   * @default '1s'
   */
  base?: Duration;
  /**
   * The longest delay.
   *
   * @default '1h', or `base` where that is longer
   */
  maxBackoff?: Duration;
  /**
   * The part of a delay by which it varies at random, either way, from 0 to 1.
   *
   * @default 0.25
   */
  jitter?: number;
  /**
   * Asked after each failed attempt that is not the last: whether to try again.
   *
   * @default every error is tried again, except a FatalError
   */
  retryIf?: (error: Error, attempt: number) => boolean;
}

/** @publicApi */
export interface StepOptions<In extends string = string> {
  /**
   * The block of a `Pipeline` that the step is a child of, by the name of its method.
   *
   * @default the step is in the main line of the pipeline
   */
  in?: In;
  /**
   * The name under which the step is recorded and shown. Keep it when the method is renamed while executions are
   * alive.
   *
   * @default the name of the method
   */
  name?: string;
  /**
   * When a failed step is tried again.
   *
   * @default three attempts, one and two seconds apart
   */
  retry?: RetryOptions;
  /**
   * How long one attempt may take.
   *
   * @default no limit
   */
  timeout?: Duration;
  /**
   * Whether the step runs in a transaction of the application's DataSource, which commits together with the
   * step's record.
   *
   * @default false
   */
  transactional?: boolean;
}

/** Retry options with every default filled in; durations in milliseconds. */
export interface RetryPolicy {
  readonly maxAttempts: number;
  readonly backoff: Backoff;
  readonly base: number;
  readonly maxBackoff: number;
  readonly jitter: number;
  readonly retryIf?: (error: Error, attempt: number) => boolean;
}

/** A step with every default filled in; durations in milliseconds. */
export interface StepDefinition {
  readonly name: string;
  readonly method: string;
  readonly retry: RetryPolicy;
  readonly timeout?: number;
  readonly transactional: boolean;
}
