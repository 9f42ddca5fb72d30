import type { Children, ForEachOptions } from '../definition/block-definition.js';
import type { IfAsks, IfBlock, IfTakeItem, ItemValue, NamesIn } from '../definition/block-types.js';
import type { Additions, IsAny } from '../definition/node-types.js';
import type { Settled } from '../definition/settled.js';
import type { DataOf, Method } from '../definition/workflow-class.js';
import type { OnError } from '../definition/workflow-definition.js';
import { makeBlock } from './block-method.js';

/**
 * Marks a method of a `Pipeline` as a list of items: it returns them, and `do` runs for each, several at once. All
 * that is inside takes `(data, item, index)`. What is added for an item stays with it; `into` names the key of the
 * data that takes the values of all items, in their order: of a single child what it added, of a list what all of
 * them added. A step that takes the item may add keys that `Data` does not have.
 *
 * ```ts
 * @ForEach({ do: 'send', concurrency: 20, onError: 'continue', into: 'sent' })
 * eachRecipient(data: CampaignData) {
 *   return data.recipients;
 * }
 *
 * @Step({ in: 'eachRecipient' })
 * async send(data: CampaignData, recipient: Recipient, index: number) {
 *   return { messageId: await this.mail.send(recipient.email, data.text) };
 * }
 * ```
 *
 * @publicApi
 */
export function ForEach<
  const Do extends Children,
  const Mode extends OnError = 'fail',
  const Into extends string = never,
  const In extends string = never,
>(options: ForEachOptions<Do, Mode, Into, In>) {
  return <Target extends object, const Key extends string | symbol, Body extends Method>(
    target: Target,
    key: Key,
    descriptor: { value?: Body } & CheckForEach<Target, Key, Body, Do, Mode, Into, In>,
  ): void => makeBlock(target, key, descriptor, { kind: 'foreach', options });
}

/** What is wrong with a loop over items, as a sentence for the compiler to show, or `unknown`. */
type CheckForEach<
  Target,
  Key,
  Body,
  Do extends Children,
  Mode extends OnError,
  Into extends string,
  In extends string,
> = IfBlock<
  Target,
  Key,
  NamesIn<Do> | In,
  IfAsks<
    Target,
    Body,
    In,
    Body extends (...args: never[]) => infer Returned
      ? IfItems<Awaited<Returned>, Target, NamesIn<Do>, CheckInto<Target, Do, Mode, Into>>
      : never
  >
>;

type IfItems<Returned, Target, Child extends string, Verdict> =
  IsAny<Returned> extends true
    ? Verdict
    : Returned extends readonly (infer Item)[]
      ? IfTakeItem<Target, Child, Item, Verdict>
      : 'The method of a @ForEach returns its items, a list';

// Asked the wrong way round, whether something is amiss: what cannot be decided, because `Data` is a type parameter,
// is not refused.
type CheckInto<Target, Do extends Children, Mode extends OnError, Into extends string> = [Into] extends [
  never,
]
  ? unknown
  : [IsUnknown<Target, Into>] extends [true]
    ? `'${Into}' is not a key of Data`
    : [Misfit<Target, Do, Mode, Into>] extends [true]
      ? `'${Into}' of Data does not take a list of what comes of the items`
      : unknown;

type IsUnknown<Target, Into extends string> = [Into] extends [keyof DataOf<Target>] ? false : true;

type Misfit<Target, Do extends Children, Mode extends OnError, Into extends string> = [
  Collected<ItemValue<Target, Do, undefined>, Mode>,
] extends [KeyOfData<Target, Into>]
  ? false
  : [Collected<ItemValue<Target, Do, Additions<DataOf<Target>>>, Mode>] extends [KeyOfData<Target, Into>]
    ? false
    : true;

type Collected<Value, Mode extends OnError> = Mode extends 'continue' ? Settled<Value>[] : Value[];

type KeyOfData<Target, Into extends string> = Into extends keyof DataOf<Target>
  ? DataOf<Target>[Into]
  : never;
