import type { DecisionOptions } from '../definition/block-definition.js';
import type { CheckWay, IfAsks, IfBlock } from '../definition/block-types.js';
import type { Method } from '../definition/workflow-class.js';
import { makeBlock } from './block-method.js';

/**
 * Marks a method of a `Pipeline` that may skip what comes next: with `goto('later')` it goes on at a later node of
 * its own list, with additions or nothing at the next one.
 *
 * ```ts
 * @Decision({ to: ['ship'] })
 * review(data: OrderData) {
 *   return data.total < 100 ? goto('ship', { approved: true }) : { approved: false };
 * }
 * ```
 *
 * @publicApi
 */
export function Decision<const To extends string, const In extends string = never>(
  options: DecisionOptions<To, In>,
) {
  return <Target extends object, const Key extends string | symbol, Body extends Method>(
    target: Target,
    key: Key,
    descriptor: { value?: Body } & CheckDecision<Target, Key, Body, To, In>,
  ): void => makeBlock(target, key, descriptor, { kind: 'decision', options });
}

/** What is wrong with a decision, as a sentence for the compiler to show, or `unknown`. */
type CheckDecision<Target, Key, Body, To extends string, In extends string> = IfBlock<
  Target,
  Key,
  To | In,
  IfAsks<
    Target,
    Body,
    In,
    Body extends (...args: never[]) => infer Returned
      ? CheckWay<Target, Awaited<Returned>, To, 'A decision'>
      : never
  >
>;
