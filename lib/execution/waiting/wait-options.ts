import { isOptions, isTimeout, optionFaults, type OptionCheck } from '../../definition/option.checks.js';
import { InvalidArgument } from '../../errors/option.error.js';
import { type Duration, toMilliseconds } from '../../time/duration.js';

/**
 * How long a wait lasts, and what it gives when nothing came.
 *
 * @publicApi
 */
export interface TimeoutOptions<TimeoutValue = unknown> {
  /**
   * How long to wait, counted from the moment the wait began, by the database's clock.
   *
   * @default none: it waits for as long as the execution may
   */
  timeout?: Duration | undefined;
  /**
   * What a wait gives whose time was up.
   *
   * @default undefined
   */
  timeoutValue?: TimeoutValue;
}

/** Options of a wait that has no end but what it waits for. */
export type Unlimited<Options> = Options & { timeout?: undefined; timeoutValue?: undefined };

/** Options of a wait that may end with its time-out. */
export type Limited<Options> = Options & { timeout: NonNullable<TimeoutOptions['timeout']> };

const timeoutChecks: Readonly<Record<string, OptionCheck>> = {
  timeout: isTimeout,
  timeoutValue: () => undefined,
};

/** @throws InvalidArgument with everything that is wrong with the options of a wait */
export function checkWaitOptions(
  fn: string,
  options: unknown,
  checks: Readonly<Record<string, OptionCheck>> = {},
): void {
  const faults = optionFaults('it', options, { ...timeoutChecks, ...checks });
  if (isOptions(options) && options['timeoutValue'] !== undefined && options['timeout'] === undefined) {
    faults.push("'timeoutValue' is for a wait with a 'timeout'");
  }
  if (faults.length > 0) throw new InvalidArgument(fn, faults.join('; '));
}

/** When the time of a wait with these options is up. */
export function dueAtFrom({ timeout }: TimeoutOptions): (now: number) => number | undefined {
  const length = timeout === undefined ? undefined : toMilliseconds(timeout);
  return (now) => (length === undefined ? undefined : now + length);
}
