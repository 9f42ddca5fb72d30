import type { Settled } from '../definition/settled.js';
import { asError } from './thrown-error.js';

/** A list whose items are worked on side by side, with a bounded number of them under way. */
export interface Turns<Item> {
  readonly items: readonly Item[];
  readonly concurrency: number;
  /** Up to this index something is recorded: it was begun, whatever has failed since. */
  readonly begunTo?: number;
}

export interface SideBySide<Item, Value> extends Turns<Item> {
  work(item: Item, index: number): Promise<Value>;
}

/** Each one's own value or error. */
export async function settledSideBySide<Item, Value>(
  side: SideBySide<Item, Value>,
): Promise<Settled<Value>[]> {
  const settled: Settled<Value>[] = [];
  await inTurns(side, async (item, index) => {
    settled[index] = await side.work(item, index).then(
      (value) => ({ status: 'fulfilled', value }),
      (error: unknown) => ({ status: 'rejected', reason: asError(error) }),
    );
    return true;
  });
  return settled;
}

/**
 * Resolves when all that was begun is done.
 *
 * @param work says after each item whether new ones are begun; does not throw
 */
export function inTurns<Item>(
  { items, concurrency, begunTo = -1 }: Turns<Item>,
  work: (item: Item, index: number) => Promise<boolean>,
): Promise<void> {
  let next = 0;
  let underWay = 0;
  let goesOn = true;
  return new Promise((resolve) => {
    const one = async (index: number): Promise<void> => {
      underWay += 1;
      const mayGoOn = await work(items[index] as Item, index);
      underWay -= 1;
      goesOn &&= mayGoOn;
      begin();
    };
    const begin = (): void => {
      while (next < items.length && (next <= begunTo || (goesOn && underWay < concurrency))) void one(next++);
      if (underWay === 0) resolve();
    };
    begin();
  });
}
