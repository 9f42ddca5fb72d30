import type { PipelineNode } from '../definition/workflow-definition.js';
import { forkOf, joinOf, questionOf } from './graph-ids.js';

/** The children of a node, each once: several clauses of a branch may lead to the same one. */
export function childrenOf(node: PipelineNode): readonly PipelineNode[] {
  switch (node.kind) {
    case 'step':
    case 'decision':
      return [];
    case 'branch':
      return [...new Set([...node.clauses.values(), node.otherwise ?? []].flat())];
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
