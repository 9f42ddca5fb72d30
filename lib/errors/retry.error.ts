import { DurableError } from './durable.error.js';

/**
 * Thrown by a step to end its retries: another attempt would fail as well.
 *
 * ```ts
 * throw new FatalError('The card was refused', { cause: error });
 * ```
 *
 * @publicApi
 */
export class FatalError extends DurableError {
  readonly code = 'DURABLE_FATAL';

  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, '', options);
  }
}

/**
 * Thrown by a step to set the delay before its next attempt, in place of its backoff.
 *
 * ```ts
 * throw new RetryAfter('30s');
 * ```
 *
 * @publicApi
 */
export class RetryAfter extends DurableError {
  readonly code = 'DURABLE_RETRY_AFTER';

  /** @param delay a duration: milliseconds or a text such as `'90s'` */
  constructor(
    readonly delay: number | string,
    options: { readonly cause?: unknown; readonly message?: string } = {},
  ) {
    super(
      options.message ?? `The step asked for its next attempt after ${describedDelay(delay)}`,
      '',
      options,
    );
  }
}

function describedDelay(delay: number | string): string {
  return typeof delay === 'number' ? `${delay} ms` : delay;
}
