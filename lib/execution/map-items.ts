import { isOptions, isOneOf, isWholeNumber, optionFaults } from '../definition/option.checks.js';
import type { Settled } from '../definition/settled.js';
import type { OnError } from '../definition/workflow-definition.js';
import { InvalidArgument } from '../errors/option.error.js';
import { contextFor, operationPromise } from './operation-context.js';
import { inTurns, settledSideBySide, type SideBySide } from './side-by-side.js';
import { asError } from './thrown-error.js';

/** @publicApi */
export interface MapItemsOptions<Mode extends OnError = OnError> {
  /**
   * How many items are under way at once.
   *
   * @default 10
   */
  concurrency?: number;
  /**
   * Whether the first failure ends it, or every item gives its own value or error. Ended, it begins no further item;
   * those under way are awaited, and nobody tells them.
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
    const side = { items, concurrency, work: async (item: Item, index: number) => await work(item, index) };
    return await (onError === 'continue' ? settledSideBySide(side) : valuesUnlessFailed(side));
  });
}

/** @throws what the first that failed threw, when what was under way is done */
async function valuesUnlessFailed<Item, Value>(side: SideBySide<Item, Value>): Promise<Value[]> {
  const values: Value[] = [];
  const failures: Error[] = [];
  await inTurns(side, async (item, index) => {
    try {
      values[index] = await side.work(item, index);
    } catch (error) {
      failures.push(asError(error));
    }
    return failures.length === 0;
  });
  if (failures[0] !== undefined) throw failures[0];
  return values;
}
