import { DEFAULT_CLAUSE } from '../definition/pipeline-nodes.js';
import type { BranchNode, PipelineNode } from '../definition/workflow-definition.js';
import { forkOf, joinOf, questionOf } from './graph-ids.js';

/** What runs for an answer of a branch. */
export type Clause = readonly [key: string, nodes: readonly PipelineNode[]];

/** All clauses of a branch, the default last. */
export function clausesOf({ clauses, otherwise }: BranchNode): Clause[] {
  return [...clauses, ...(otherwise === undefined ? [] : [[DEFAULT_CLAUSE, otherwise] as const])];
}

/** The children of a node, each once: several clauses of a branch may lead to the same one. */
export function childrenOf(node: PipelineNode): readonly PipelineNode[] {
  switch (node.kind) {
    case 'step':
    case 'decision':
      return [];
    case 'branch':
      return [...new Set(clausesOf(node).flatMap(([, nodes]) => nodes))];
    case 'parallel':
    case 'foreach':
    case 'while':
      return node.children;
    default:
      return node satisfies never;
  }
}

/** The ids of what a node is drawn as, without its children and its undo. */
export function leavesOf({ kind }: PipelineNode, id: string): string[] {
  switch (kind) {
    case 'step':
    case 'decision':
      return [id];
    case 'branch':
    case 'foreach':
      return [id, questionOf(id), joinOf(id)];
    case 'parallel':
      return [id, forkOf(id), joinOf(id)];
    case 'while':
      return [id, questionOf(id)];
    default:
      return kind satisfies never;
  }
}

/** Where a node is left. */
export function exitOf({ kind }: PipelineNode, id: string): string {
  if (kind === 'step' || kind === 'decision') return id;
  return kind === 'while' ? questionOf(id) : joinOf(id);
}
