import { isOptions } from '../definition/option.checks.js';
import { InvalidArgument } from '../errors/option.error.js';
import { contextFor, operationPromise } from './operation-context.js';
import { withdraw } from './waiting/perform-wait.js';

/**
 * What won a race: one of the entries, under its key.
 *
 * @publicApi
 */
export type RaceWinner<Entries extends Readonly<Record<string, Promise<unknown>>>> = {
  [Key in keyof Entries]: { readonly key: Key; readonly value: Awaited<Entries[Key]> };
}[keyof Entries];

/**
 * The first of several that is there, under its key: of steps and waits the same one on every replay. The others are
 * withdrawn, as far as they are waits themselves: they take no event, and nobody sees them as open any more. Steps go on.
 *
 * ```ts
 * const first = await race({ paid: waitForEvent(PaymentSucceeded), late: sleep(days(1)) });
 * if (first.key === 'late') …
 * ```
 *
 * If the first one fails, so does the race.
 *
 * @throws NotInWorkflow, InvalidArgument
 * @publicApi
 */
export function race<Entries extends Readonly<Record<string, Promise<unknown>>>>(
  entries: Entries,
): Promise<RaceWinner<Entries>> {
  return operationPromise(async () => {
    contextFor('race()');
    const promises = promisesOf(entries);
    try {
      return await Promise.race(
        promises.map(async ([key, promise]) => ({ key, value: await promise }) as RaceWinner<Entries>),
      );
    } finally {
      for (const [, promise] of promises) withdraw(promise);
    }
  });
}

function promisesOf(entries: unknown): [string, Promise<unknown>][] {
  const list = isOptions(entries) ? Object.entries(entries) : [];
  const wrong = list.find(([, promise]) => !(promise instanceof Promise));
  if (list.length === 0) throw new InvalidArgument('race()', 'it wants an object with at least one promise');
  if (wrong !== undefined) throw new InvalidArgument('race()', `'${wrong[0]}' is not a promise`);
  return list as [string, Promise<unknown>][];
}
