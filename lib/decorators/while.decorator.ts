import type { Children, WhileOptions } from '../definition/block-definition.js';
import type { IfAsks, IfBlock, IfHandedOn, NamesIn } from '../definition/block-types.js';
import type { Method } from '../definition/workflow-class.js';
import { makeBlock } from './block-method.js';

/**
 * Marks a method of a `Pipeline` as the condition of a loop, asked before each round: `do` runs as long as it
 * returns `true`, and at most `max` times.
 *
 * ```ts
 * @While({ do: ['wait', 'look'], max: 100 })
 * untilDone(data: JobData) {
 *   return data.status !== 'done';
 * }
 * ```
 *
 * @publicApi
 */
export function While<const Do extends Children, const In extends string = never>(
  options: WhileOptions<Do, In>,
) {
  return <Target extends object, const Key extends string | symbol, Body extends Method>(
    target: Target,
    key: Key,
    descriptor: { value?: Body } & CheckWhile<Target, Key, Body, NamesIn<Do>, In>,
  ): void => makeBlock(target, key, descriptor, { kind: 'while', options });
}

/** What is wrong with a loop, as a sentence for the compiler to show, or `unknown`. */
type CheckWhile<Target, Key, Body, Child extends string, In extends string> = IfBlock<
  Target,
  Key,
  Child | In,
  IfAsks<
    Target,
    Body,
    In,
    IfHandedOn<
      Target,
      Body,
      Child,
      In,
      Body extends (...args: never[]) => boolean | Promise<boolean>
        ? unknown
        : 'The method of a @While returns a boolean: whether there is another round'
    >
  >
>;
