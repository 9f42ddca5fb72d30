import type { BlockKind } from '../identity/operation-kinds.js';
import type { OnError } from './workflow-definition.js';

/**
 * One child, or several that run one after the other, each by the name of its method.
 *
 * @publicApi
 */
export type Children<Child extends string = string> = Child | readonly Child[];

/**
 * What runs for each answer of a `@Branch`; `default` stands for every answer without a clause, and for none.
 *
 * @publicApi
 */
export type BranchClauses = Readonly<Record<string, Children>>;

/** @publicApi */
export interface BlockOptions<In extends string = string> {
  /**
   * The block that this one is a child of, by the name of its method.
   *
   * @default the block is in the main line of the pipeline
   */
  in?: In;
}

/** @publicApi */
export type BranchOptions<In extends string = string> = BlockOptions<In>;

/** @publicApi */
export interface ParallelOptions<
  Mode extends OnError = OnError,
  To extends string = string,
  In extends string = string,
> extends BlockOptions<In> {
  /**
   * What becomes of the others where one child fails: with `fail` they are aborted and the block fails, with
   * `continue` they go on, and the method of the block is told of each what came of it.
   *
   * @default 'fail'
   */
  onError?: Mode;
  /**
   * Where the method may lead with `goto(…)`: later nodes of the same list.
   *
   * @default it leads to the next node
   */
  to?: readonly To[];
}

/** @publicApi */
export interface ForEachOptions<
  Do extends Children = Children,
  Mode extends OnError = OnError,
  Into extends string = string,
  In extends string = string,
> extends BlockOptions<In> {
  /** What runs for each item: a child, or several that run one after the other. */
  do: Do;
  /**
   * How many items are under way at once.
   *
   * @default 10
   */
  concurrency?: number;
  /**
   * What becomes of the others where one item fails: with `fail` they are aborted and the block fails, with
   * `continue` they go on, and what `into` holds says of each item what came of it.
   *
   * @default 'fail'
   */
  onError?: Mode;
  /**
   * The key of the data that takes what came of the items, in their order.
   *
   * @default nothing is added to the data
   */
  into?: Into;
}

/** @publicApi */
export interface WhileOptions<
  Do extends Children = Children,
  In extends string = string,
> extends BlockOptions<In> {
  /** What runs in each round: a child, or several that run one after the other. */
  do: Do;
  /** How many rounds there may be. Where the condition holds after that many, the execution fails. */
  max: number;
}

/** @publicApi */
export interface DecisionOptions<
  To extends string = string,
  In extends string = string,
> extends BlockOptions<In> {
  /** Where the method may lead with `goto(…)`: later nodes of the same list. */
  to: readonly To[];
}

/** A block as its decorator was called. What plain JavaScript passed may be anything, until it has been checked. */
export type BlockDeclaration =
  | { readonly kind: 'branch'; readonly clauses: BranchClauses; readonly options: BranchOptions }
  | { readonly kind: 'parallel'; readonly children: readonly string[]; readonly options: ParallelOptions }
  | { readonly kind: 'foreach'; readonly options: ForEachOptions }
  | { readonly kind: 'while'; readonly options: WhileOptions }
  | { readonly kind: 'decision'; readonly options: DecisionOptions };

export const BLOCK_DECORATORS = {
  branch: '@Branch()',
  parallel: '@Parallel()',
  foreach: '@ForEach()',
  while: '@While()',
  decision: '@Decision()',
} satisfies Record<BlockKind, string>;
