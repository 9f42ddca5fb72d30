import { isOptions, isOneOf, isWholeNumber, optionFaults } from '../definition/option.checks.js';
import type { Settled } from '../definition/settled.js';
import type { OnError } from '../definition/workflow-definition.js';
import { InvalidArgument } from '../errors/option.error.js';
import { contextFor, operationPromise } from './operation-context.js';

/** @publicApi */
export interface MapItemsOptions<Mode extends OnError = OnError> {
  /**
   * How many items are under way at once.
   *
   * @default 10
   */
  concurrency?: number;
  /**
   * Whether the first failure ends it (what is under way then is awaited, the rest is not begun), or every item
   * gives its own value or error.
   *
   * @default 'fail'
   */
  onError?: Mode;
}

const checks = { concurrency: isWholeNumber(1, 1_000), onError: isOneOf('fail', 'continue') };

/**
 * Does something for each item, with a bounded number under way at once, and gives the values in the order of the
 * items. What `work` does is durable as far as it calls steps.
 *
 * ```ts
 * const sent = await mapItems(recipients, { concurrency: 10, onError: 'continue' }, (to) => this.send(to));
 * ```
 *
 * @throws NotInWorkflow, InvalidArgument
 * @publicApi
 */
export function mapItems<Item, Value>(
  items: readonly Item[],
  work: (item: Item, index: number) => Value | Promise<Value>,
): Promise<Value[]>;
export function mapItems<Item, Value>(
  items: readonly Item[],
  options: MapItemsOptions<'fail'>,
  work: (item: Item, index: number) => Value | Promise<Value>,
): Promise<Value[]>;
export function mapItems<Item, Value>(
  items: readonly Item[],
  options: MapItemsOptions<'continue'> & { onError: 'continue' },
  work: (item: Item, index: number) => Value | Promise<Value>,
): Promise<Settled<Value>[]>;
export function mapItems<Item, Value>(
  items: readonly Item[],
  optionsOrWork: MapItemsOptions | ((item: Item, index: number) => Value | Promise<Value>),
  workOrNothing?: (item: Item, index: number) => Value | Promise<Value>,
): Promise<Value[] | Settled<Value>[]> {
  return operationPromise(async () => {
    contextFor('mapItems()');
    const work = typeof optionsOrWork === 'function' ? optionsOrWork : workOrNothing;
    const options = typeof optionsOrWork === 'function' ? {} : optionsOrWork;
    if (!Array.isArray(items)) throw new InvalidArgument('mapItems()', 'it wants an array of items first');
    if (typeof work !== 'function') throw new InvalidArgument('mapItems()', 'it wants a function last');
    const faults = isOptions(options) ? optionFaults('it', options, checks) : ['its options are an object'];
    if (faults.length > 0) throw new InvalidArgument('mapItems()', faults.join('; '));
    const { concurrency = 10, onError = 'fail' } = options;
    const settled = await settleAll(items, work, { concurrency, stopsAtFailure: onError === 'fail' });
    return onError === 'continue' ? settled.values : settled.unlessFailed();
  });
}

interface AllSettled<Value> {
  readonly values: Settled<Value>[];
  /** @throws what the first that failed threw */
  unlessFailed(): Value[];
}

async function settleAll<Item, Value>(
  items: readonly Item[],
  work: (item: Item, index: number) => Value | Promise<Value>,
  { concurrency, stopsAtFailure }: { readonly concurrency: number; readonly stopsAtFailure: boolean },
): Promise<AllSettled<Value>> {
  const values: Settled<Value>[] = [];
  const failures: Error[] = [];
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < items.length && !(stopsAtFailure && failures.length > 0)) {
      const index = next++;
      try {
        values[index] = { status: 'fulfilled', value: await work(items[index] as Item, index) };
      } catch (error) {
        const reason = error instanceof Error ? error : new Error(String(error), { cause: error });
        failures.push(reason);
        values[index] = { status: 'rejected', reason };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, one));
  return {
    values,
    unlessFailed: () => {
      if (failures[0] !== undefined) throw failures[0];
      return values.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    },
  };
}
