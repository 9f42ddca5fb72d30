import { DEFAULT_CLAUSE } from './pipeline-nodes.js';
import type { BranchNode, PipelineNode } from './workflow-definition.js';

/** What is inside a node and where it leads: by these rules pipelines are run, and drawn. */

/** What runs for an answer of a branch. */
export interface Clause {
  readonly key: string;
  readonly nodes: readonly PipelineNode[];
}

/** All clauses of a branch, the default last. */
export function clausesOf({ clauses, otherwise }: BranchNode): Clause[] {
  return [
    ...[...clauses].map(([key, nodes]) => ({ key, nodes })),
    ...(otherwise === undefined ? [] : [{ key: DEFAULT_CLAUSE, nodes: otherwise }]),
  ];
}

/** The clause that an answer names, else the default, if there is one. */
export function clauseFor({ clauses, otherwise }: BranchNode, answer: unknown): Clause | undefined {
  const key = isClauseKey(answer) ? String(answer) : DEFAULT_CLAUSE;
  const named = clauses.get(key);
  if (named !== undefined) return { key, nodes: named };
  return otherwise && { key: DEFAULT_CLAUSE, nodes: otherwise };
}

export function isClauseKey(answer: unknown): answer is string | number | boolean {
  return typeof answer === 'string' || typeof answer === 'number' || typeof answer === 'boolean';
}

/** The children of a node, each once: several clauses of a branch may lead to the same one. */
export function childrenOf(node: PipelineNode): readonly PipelineNode[] {
  switch (node.kind) {
    case 'step':
    case 'decision':
      return [];
    case 'branch':
      return [...new Set(clausesOf(node).flatMap(({ nodes }) => nodes))];
    case 'parallel':
    case 'foreach':
    case 'while':
      return node.children;
    default:
      return node satisfies never;
  }
}

/**
 * Where in its list a node leads that leads to a method: to a later node, never back.
 *
 * @param at where the node is that leads there
 * @returns undefined where there is none
 */
export function targetIndex(
  nodes: readonly { readonly method: string }[],
  at: number,
  target: string,
): number | undefined {
  const found = nodes.findIndex(({ method }, index) => index > at && method === target);
  return found === -1 ? undefined : found;
}
