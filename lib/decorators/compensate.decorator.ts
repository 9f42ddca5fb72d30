import type { IfMethods } from '../definition/block-types.js';
import { DeclaredUndo } from '../definition/declared-undo.js';
import { declareUndo } from '../definition/metadata.js';
import type { FirstParameter, IfTakes } from '../definition/node-types.js';
import type { Pipeline } from '../definition/pipeline.js';
import type { CompensateOptions, Undo } from '../definition/undo-definition.js';
import type { ClassRef, Method, ResultOf } from '../definition/workflow-class.js';
import { decoratedMethod } from './decorated-method.js';

/**
 * Marks a method as the undo of a step, or of several: where the execution fails, times out or is cancelled with
 * `compensate: true`, it runs for each completed run of the step, the last one first.
 *
 * In a `Pipeline` it takes `(data, undo)`, with `data` as it was right after that run of the step. In any other
 * class it takes `(undo, ...args)`, with the arguments of that call of the step. `undo.result` is what that run of
 * the step returned.
 *
 * ```ts
 * @Compensate('chargePayment', { retry: { maxAttempts: 10 } })
 * async refund(data: OrderData, { result }: Undo<{ chargeId: string }>) {
 *   await this.payments.refund(result.chargeId);
 * }
 * ```
 *
 * @publicApi
 */
export function Compensate<const Name extends string>(
  steps: Name | readonly Name[],
  options: CompensateOptions = {},
) {
  return <Target extends object, const Key extends string | symbol, Body extends Method>(
    target: Target,
    key: Key,
    descriptor: { value?: Body } & CheckCompensate<Target, Key, Body, Name>,
  ): void => makeUndo(target, key, descriptor, { steps, options });
}

/** What is wrong with an undo, as a sentence for the compiler to show, or `unknown`. */
type CheckCompensate<Target, Key, Body, Name extends string> = Target extends ClassRef
  ? 'An undo is a method of an instance, not a static one'
  : Key extends symbol
    ? 'An undo has a name, not a symbol'
    : IfMethods<
        Target,
        Name,
        Target extends Pipeline<infer Input, infer Data, infer _Output>
          ? CheckPipelineUndo<Target, Input, Data, Body, Name>
          : CheckUndo<Target, Body, Name>
      >;

type CheckPipelineUndo<Target, Input, Data, Body, Name extends string> = Body extends (
  data: never,
  undo: infer Taken,
) => unknown
  ? IfTakes<
      Input,
      Data,
      FirstParameter<Body>,
      [Untaken<Target, Name, Taken>] extends [never]
        ? unknown
        : `The undo does not take what '${Untaken<Target, Name, Taken>}' returns`,
      'An undo takes Data, the input, or a part of them'
    >
  : 'An undo of a Pipeline takes data and undo';

type CheckUndo<Target, Body, Name extends string> = [Untaken<Target, Name, FirstParameter<Body>>] extends [
  never,
]
  ? [OtherwiseCalled<Target, Name, Body>] extends [never]
    ? unknown
    : `The undo does not take the arguments of '${OtherwiseCalled<Target, Name, Body>}' after its first`
  : `The undo does not take what '${Untaken<Target, Name, FirstParameter<Body>>}' returns`;

/** Those of the steps whose run the undo cannot be told of. */
type Untaken<Target, Name extends string, Taken> = Name extends keyof Target
  ? [Undo<ResultOf<Target, Name>, ItemOf<Target[Name]>>] extends [Taken]
    ? never
    : Name
  : never;

/** The item that a step of a pipeline takes. Of one that takes none nothing is known, and any will do. */
type ItemOf<Step> = Step extends (data: never) => unknown
  ? never
  : Step extends (data: never, item: infer Item, ...rest: never[]) => unknown
    ? Item
    : never;

/** Those of the steps that are called with other arguments than the undo takes. */
type OtherwiseCalled<Target, Name extends string, Body> = Name extends keyof Target
  ? Target[Name] extends (...args: infer Given) => unknown
    ? Body extends (undo: never, ...args: Given) => unknown
      ? never
      : Name
    : never
  : never;

function makeUndo(
  target: object,
  key: string | symbol,
  descriptor: { value?: Method } | undefined,
  { steps, options }: { readonly steps: unknown; readonly options: CompensateOptions },
): void {
  const decorated = decoratedMethod(target, key, descriptor, {
    decorator: '@Compensate()',
    what: 'an undo',
  });
  if (decorated === undefined) return;
  const { owner, method, body } = decorated;
  declareUndo(target, new DeclaredUndo(owner, method, steps, options, body));
}
