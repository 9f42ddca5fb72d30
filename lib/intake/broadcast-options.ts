import { isName, isTimeout, optionFaults } from '../definition/option.checks.js';
import { InvalidArgument } from '../errors/option.error.js';
import { type Duration, toMilliseconds } from '../time/duration.js';

/**
 * For whom a broadcast is, and for how long it holds: one of the two has to be said. Without a scope and without an
 * end it would be given to everybody who ever waits for the name.
 *
 * @publicApi
 */
export type BroadcastOptions =
  | {
      /** Only for those who wait with the same scope. Without `expiresIn`, its first value holds for good. */
      readonly scope: string;
      readonly expiresIn?: Duration | undefined;
    }
  | {
      readonly scope?: undefined;
      /** For so long it is given to those who begin to wait. After that, the next one takes its place. */
      readonly expiresIn: Duration;
    };

/** @throws InvalidArgument */
export function resolveBroadcast(
  fn: string,
  options: BroadcastOptions,
): { readonly scope: string; readonly expiresIn: number | null } {
  const faults = optionFaults('it', options, { scope: isName, expiresIn: isTimeout });
  if (faults.length > 0) throw new InvalidArgument(fn, faults.join('; '));
  const { scope, expiresIn } = options;
  if (scope === undefined && expiresIn === undefined) {
    throw new InvalidArgument(
      fn,
      "it wants a 'scope' (whose first value holds) or 'expiresIn': otherwise everybody who ever waits for it would get this",
    );
  }
  return { scope: scope ?? '', expiresIn: expiresIn === undefined ? null : toMilliseconds(expiresIn) };
}
