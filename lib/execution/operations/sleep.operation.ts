import { InvalidArgument } from '../../errors/option.error.js';
import { hash32 } from '../../identity/hash.js';
import { type Duration, toMilliseconds } from '../../time/duration.js';
import { isStorableTime, LONGEST_WAIT } from '../../time/limits.js';
import { waitPromise } from '../waiting/perform-wait.js';

/**
 * Waits, for seconds or for months. While an execution only waits it occupies no worker, and a restart does not
 * begin the wait anew.
 *
 * @param duration milliseconds, or a text such as `'90s'` or `'3d'`
 * @publicApi
 */
export function sleep(duration: Duration): Promise<void> {
  return sleepPromise('sleep', () => {
    const length = toMilliseconds(duration, 'sleep()');
    if (length > LONGEST_WAIT) throw new InvalidArgument('sleep()', 'the duration is longer than 100 years');
    return { fact: length, dueAtFrom: (now) => now + length };
  });
}

/**
 * Waits until a moment. One that has passed already is no wait at all.
 *
 * @publicApi
 */
export function sleepUntil(moment: Date): Promise<void> {
  return sleepPromise('sleepUntil', () => {
    const time = momentOf(moment);
    return { fact: time, dueAtFrom: () => time };
  });
}

function sleepPromise(
  name: string,
  timesOf: () => { readonly fact: number; dueAtFrom(now: number): number },
): Promise<void> {
  return waitPromise(
    `${name}()`,
    () => {
      const times = timesOf();
      return {
        fn: `${name}()`,
        name,
        kind: 'sleep',
        hash: hash32(String(times.fact)),
        dueAtFrom: (now) => times.dueAtFrom(now),
        pending: undefined,
        collector: undefined,
        expiry: () => ({ outcome: 'completed', output: null }),
      };
    },
    () => undefined,
  );
}

function momentOf(moment: Date): number {
  const time = Object.prototype.toString.call(moment) === '[object Date]' ? moment.getTime() : NaN;
  if (!isStorableTime(time))
    throw new InvalidArgument('sleepUntil()', `wants a valid Date, not ${String(moment)}`);
  return time;
}
