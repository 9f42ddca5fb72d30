import type { ParallelOptions } from '../definition/block-definition.js';
import type {
  CheckWay,
  IfBlock,
  IfHandedOn,
  IfTakesData,
  Results,
  Values,
} from '../definition/block-types.js';
import type { Method } from '../definition/workflow-class.js';
import type { OnError } from '../definition/workflow-definition.js';
import { makeBlock } from './block-method.js';

/**
 * Marks a method of a `Pipeline` as the join of children that run at once, each on its own copy of the data.
 *
 * - Where the method returns nothing, what the children add is merged; the same key twice is an error.
 * - Where it returns additions or `goto(…)`, that is all that is added. It takes what the children added by their
 *   names, as `Values<ThisClass, 'child' | 'child'>`.
 * - With `onError: 'continue'` it has to take `Results<…>`: of each child what it added, or its error.
 *
 * ```ts
 * @Parallel(['loadUser', 'loadOrders'])
 * load() {}
 *
 * @Step({ in: 'load' })
 * async loadUser(data: DashboardData) {
 *   return { user: await this.users.get(data.userId) };
 * }
 * ```
 *
 * @publicApi
 */
export function Parallel<
  const Child extends string,
  const Mode extends OnError = 'fail',
  const To extends string = never,
  const In extends string = never,
>(children: readonly Child[], options: ParallelOptions<Mode, To, In> = {}) {
  return <Target extends object, const Key extends string | symbol, Body extends Method>(
    target: Target,
    key: Key,
    descriptor: { value?: Body } & CheckParallel<Target, Key, Body, Child, Mode, To, In>,
  ): void => makeBlock(target, key, descriptor, { kind: 'parallel', children, options });
}

/** What is wrong with a parallel block, as a sentence for the compiler to show, or `unknown`. */
type CheckParallel<
  Target,
  Key,
  Body,
  Child extends string,
  Mode extends OnError,
  To extends string,
  In extends string,
> = IfBlock<
  Target,
  Key,
  Child | To | In,
  Body extends JoinMethod<In, infer Taken>
    ? IfTakesData<
        Target,
        Body,
        IfTakesResults<
          Body,
          Taken,
          Told<Target, Child, Mode>,
          Mode,
          IfItems<Target, Body, Child, In, CheckWay<Target, ReturnOf<Body>, To, 'A join'>>
        >
      >
    : [In] extends [never]
      ? 'A join takes data and results'
      : 'A join takes data and results, and inside a @ForEach the item and its index'
>;

type JoinMethod<In extends string, Taken> = [In] extends [never]
  ? (data: never, results: Taken) => unknown
  : (data: never, results: Taken, item: never, index: number) => unknown;

type Told<Target, Child extends string, Mode extends OnError> = Mode extends 'continue'
  ? Results<Target, Child & keyof Target>
  : Values<Target, Child & keyof Target>;

type IfTakesResults<Body, Taken, Told, Mode extends OnError, Verdict> =
  TakesResults<Body> extends true
    ? [Told] extends [Taken]
      ? Verdict
      : Mode extends 'continue'
        ? "With onError 'continue' the join takes Results<…> of just these children"
        : "With onError 'fail' the join takes Values<…> of just these children"
    : Mode extends 'continue'
      ? "With onError 'continue' the join has to take results: nothing is merged by itself"
      : Verdict;

type TakesResults<Body> = Body extends (...args: infer Given) => unknown
  ? Given extends readonly [] | readonly [unknown]
    ? false
    : true
  : false;

/** The item comes after the results here. */
type IfItems<Target, Body, Child extends string, In extends string, Verdict> = Body extends (
  data: never,
  results: never,
) => unknown
  ? IfHandedOn<Target, () => void, Child, In, Verdict>
  : Body extends (data: never, results: never, ...rest: infer Rest) => unknown
    ? IfHandedOn<Target, (data: never, ...rest: Rest) => void, Child, In, Verdict>
    : Verdict;

type ReturnOf<Body> = Body extends (...args: never[]) => infer Returned ? Awaited<Returned> : never;
