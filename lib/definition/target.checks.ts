import { blocksOf, nodesOf } from './class-methods.js';
import type { DeclaredBlock } from './declared-block.js';
import { repeatedIn, whyNoNode } from './references.js';
import type { ClassRef } from './workflow-class.js';

/** Everything that is wrong with where a block may lead: to later nodes of its own list, and nowhere else. */
export function targetFaults(classRef: ClassRef, block: DeclaredBlock): string[] {
  const { targets, method, decorator } = block;
  if (targets.length === 0) return [];
  const where = `${decorator} of '${method}'`;
  const parent = blocksOf(classRef).find((other) => other.method === block.parent);
  if (parent?.declaration.kind === 'parallel') {
    return [`${where} has 'to', and can lead nowhere: the children of '${parent.method}' run at once`];
  }
  const nodes = nodesOf(classRef);
  const lists = parent?.lists.map(({ children }) => children) ?? [
    nodes.filter((node) => node.parent === undefined).map((node) => node.method),
  ];
  const isNode = (name: string): boolean => nodes.some((node) => node.method === name);
  return [
    ...repeatedIn(targets).map((target) => `${where}: 'to' names '${target}' twice`),
    ...[...new Set(targets)].flatMap((target) => {
      const why = isNode(target) ? whyUnreachable(method, target, lists) : whyNoNode(classRef, target);
      return why === undefined ? [] : [`${where}: 'to' names '${target}', ${why}`];
    }),
  ];
}

/** Of all the lists that the block is in: a branch may have it in several. */
function whyUnreachable(
  method: string,
  target: string,
  lists: readonly (readonly string[])[],
): string | undefined {
  if (target === method) return 'which is the block itself';
  for (const list of lists.filter((names) => names.includes(method))) {
    if (!list.includes(target)) return 'which is not in the same list';
    if (list.indexOf(target) < list.indexOf(method)) return 'which comes before it';
  }
  return undefined;
}
