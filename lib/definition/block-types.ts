import type { Children } from './block-definition.js';
import type { Goto } from './goto.js';
import type { Additions, CheckAdditions, FirstParameter, IfTakes, IsAny } from './node-types.js';
import type { Pipeline } from './pipeline.js';
import type { Settled } from './settled.js';
import type { ClassRef, DataOf, Method, ResultOf } from './workflow-class.js';

// The checks of the block decorators. Each is a chain of plain conditions that hands on to the next as its `Verdict`,
// because only such a chain can be decided where `Data` is a type parameter.

/**
 * What the join of a `@Parallel` is told of its children, by their names: what each of them added.
 *
 * ```ts
 * @Parallel(['loadSales', 'loadCosts'])
 * load(data: ReportData, results: Values<Report, 'loadSales' | 'loadCosts'>) {
 *   return { profit: results.loadSales.sales - results.loadCosts.costs };
 * }
 * ```
 *
 * @publicApi
 */
export type Values<Workflow, Child extends keyof Workflow> = {
  readonly [Name in Child]: ValueOf<Workflow, Name>;
};

/**
 * What the join of a `@Parallel` with `onError: 'continue'` is told of its children, by their names: what each of
 * them added, or the error that it failed with.
 *
 * @publicApi
 */
export type Results<Workflow, Child extends keyof Workflow> = {
  readonly [Name in Child]: Settled<ValueOf<Workflow, Name>>;
};

type ValueOf<Workflow, Child extends keyof Workflow> = AddedBy<
  ResultOf<Workflow, Child>,
  DataOf<Workflow>,
  Additions<DataOf<Workflow>> | undefined
>;

/**
 * What a child adds whose method returns `Returned`. The answers of blocks say nothing of what runs in them, so that
 * may be any part of the data; of a method that returns nothing the types do not know whether it is a step, which
 * adds nothing, or a join, which merges what its children add: that is `OfNothing`.
 */
export type AddedBy<Returned, Data, OfNothing> =
  IsAny<Returned> extends true ? Returned : AddedByTyped<Returned, Data, OfNothing>;

type AddedByTyped<Returned, Data, OfNothing> =
  Returned extends Goto<string, infer Added>
    ? Added
    : Returned extends void | undefined
      ? OfNothing
      : Returned extends readonly unknown[] | string | number | boolean | null
        ? Additions<Data>
        : Returned;

/** The names in the `do` of a block, or in a clause. */
export type NamesIn<Given> = Given extends string
  ? Given
  : Given extends readonly (infer Name extends string)[]
    ? Name
    : never;

/** `Verdict` if the block stands on a named method of a pipeline, and all that it refers to exists. */
export type IfBlock<Target, Key, References extends string, Verdict> = Target extends ClassRef
  ? 'A block is a method of an instance, not a static one'
  : Key extends symbol
    ? 'A block has a name, not a symbol'
    : Target extends Pipeline<infer _Input, infer _Data, infer _Output>
      ? IfMethods<Target, References, Verdict>
      : 'Only a Pipeline has blocks';

/** `Verdict` if all of `Names` are methods. */
export type IfMethods<Target, Names extends string, Verdict> = [NoMethod<Target, Names>] extends [never]
  ? Verdict
  : `'${NoMethod<Target, Names>}' is no public method of this class`;

// Names that are known at run time only are checked at boot.
type NoMethod<Target, Names extends string> = string extends Names
  ? never
  : Names extends keyof Target
    ? Target[Names] extends Method
      ? never
      : Names
    : Names;

/** `Verdict` if a block's method takes what it is given: data, and inside another block the item and its index. */
export type IfAsks<Target, Body, In extends string, Verdict> =
  Body extends NodeMethod<In>
    ? IfTakesData<Target, Body, Verdict>
    : [In] extends [never]
      ? 'The method of this block takes one parameter, data'
      : 'The method of this block takes data, and inside a @ForEach the item and its index';

export type IfTakesData<Target, Body, Verdict> =
  Target extends Pipeline<infer Input, infer Data, infer _Output>
    ? IfTakes<
        Input,
        Data,
        FirstParameter<Body>,
        Verdict,
        'The method of a block takes Data, the input, or a part of them'
      >
    : never;

/** What a step or a question takes: in the main line data alone, in a block maybe the item and its index. */
export type NodeMethod<In extends string> = [In] extends [never]
  ? (data: never) => unknown
  : (data: never, item: never, index: number) => unknown;

/** `Verdict` if the children take this item, where they take one. */
export type IfTakeItem<Target, Child extends string, Item, Verdict> = [
  TakingAnother<Target, Child, Item>,
] extends [never]
  ? Verdict
  : `'${TakingAnother<Target, Child, Item>}' takes another item than it is given here`;

type TakingAnother<Target, Child extends string, Item> = Child extends keyof Target
  ? Target[Child] extends (data: never, item: Item, index: number) => unknown
    ? never
    : Target[Child] extends (data: never, results: infer Taken, item: Item, index: number) => unknown
      ? IsJoin<Target, Taken> extends true
        ? never
        : Child
      : Child
  : never;

/**
 * `Verdict` if the children take what a block hands on that has no items of its own: in the main line nothing, in
 * another block the item that its own method takes.
 */
export type IfHandedOn<Target, Body, Child extends string, In extends string, Verdict> = [In] extends [never]
  ? [TakingAnItem<Target, Child>] extends [never]
    ? Verdict
    : `'${TakingAnItem<Target, Child>}' takes an item, and no @ForEach is around it`
  : Body extends (data: never, item: infer Item, ...rest: never[]) => unknown
    ? IfTakeItem<Target, Child, OfNoItem<Body, Item>, Verdict>
    : Verdict;

type TakingAnItem<Target, Child extends string> = Child extends keyof Target
  ? Target[Child] extends (data: never) => unknown
    ? never
    : Target[Child] extends (data: never, results: infer Taken) => unknown
      ? IsJoin<Target, Taken> extends true
        ? never
        : Child
      : Child
  : never;

/** A method that takes no item says nothing of the items around it. */
type OfNoItem<Body, Item> = Body extends (data: never) => unknown ? never : Item;

/** Whether a second parameter is the results of a join: keyed by methods of the class, as no item is. */
type IsJoin<Target, Taken> = [keyof Taken] extends [keyof Target] ? true : false;

/** What is wrong with what a decision or a join returns: additions, nothing, or a `goto` to one of `To`. */
export type CheckWay<Target, Returned, To extends string, What extends string> =
  Target extends Pipeline<infer _Input, infer Data, infer _Output>
    ? [Elsewhere<Returned, To>] extends [never]
      ? CheckAdditions<
          AddedOnTheWay<Returned>,
          Data,
          What,
          CheckAdditions<Exclude<Returned, Goto>, Data, What>
        >
      : `goto('${Elsewhere<Returned, To>}') is not in 'to'`
    : never;

type Elsewhere<Returned, To extends string> =
  IsAny<Returned> extends true
    ? never
    : Returned extends Goto<infer Name, infer _Added>
      ? Exclude<Name, To>
      : never;

type AddedOnTheWay<Returned> =
  IsAny<Returned> extends true ? never : Returned extends Goto<string, infer Added> ? Added : never;

/** What came of one item: of a single child its value, of a list what all of them added. */
export type ItemValue<Target, Do extends Children, OfNothing> = Do extends string
  ? Do extends keyof Target
    ? AddedBy<ResultOf<Target, Do>, DataOf<Target>, OfNothing>
    : never
  : AddedByAll<Target, NamesIn<Do>>;

// In boxes, because the intersection is of what the children add, and not of what one child adds now or then.
type AddedByAll<Target, Child extends string> = {
  [Name in Child]: (
    box: Box<Name extends keyof Target ? AddedBy<ResultOf<Target, Name>, DataOf<Target>, object> : never>,
  ) => void;
}[Child] extends (box: infer All) => void
  ? All extends Box<infer Added>
    ? Added
    : never
  : never;

interface Box<Content> {
  readonly content: Content;
}
