declare const TYPES: unique symbol;

/**
 * The base class of workflows written as a pipeline: each decorated method is a node, and the nodes run in the
 * order in which they are declared. It carries types only.
 *
 * - `Input`: what `start()` takes, an object or nothing.
 * - `Data`: what the nodes see; it begins as the input, and what a step returns is merged over it.
 * - `Output`: what the execution returns: the final `Data`, unless `@Workflow({ output })` names a method that
 *   makes something else of it.
 *
 * ```ts
 * @Workflow()
 * export class OrderWorkflow extends Pipeline<OrderInput, OrderData> {
 *   @Step()
 *   calculateTotal(data: OrderInput) {
 *     return { total: sum(data.items) };
 *   }
 * }
 * ```
 *
 * @publicApi
 */
export abstract class Pipeline<
  Input extends object | void = void,
  Data extends object | void = Input,
  Output = Data,
> {
  // Required, so that no other class is taken for a pipeline; `declare`, so that nothing of it exists at run time.
  declare readonly [TYPES]: { readonly input: Input; readonly data: Data; readonly output: Output };
}
