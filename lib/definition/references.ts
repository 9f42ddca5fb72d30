import { methodsOf, nodesOf } from './class-methods.js';
import { decoratorOf } from './metadata.js';
import { didYouMean } from './nearest-name.js';
import type { ClassRef } from './workflow-class.js';

/** Why a name in a decorator stands for no step and no block, as the end of a sentence. */
export function whyNoNode(classRef: ClassRef, name: string): string {
  const prototype = methodsOf(classRef).get(name);
  if (prototype === undefined) {
    const nodes = nodesOf(classRef).map(({ method }) => method);
    return `which is no method${didYouMean(name, nodes)}`;
  }
  return decoratorOf(prototype, name) === undefined
    ? 'which is neither a step nor a block'
    : 'which is an undo';
}

/** The names that a list has more than once. */
export function repeatedIn(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
