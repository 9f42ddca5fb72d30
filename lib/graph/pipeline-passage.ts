import { DEFAULT_CLAUSE } from '../definition/pipeline-nodes.js';
import type { BranchNode, PipelineNode } from '../definition/workflow-definition.js';
import { type Clause, clausesOf } from './pipeline-parts.js';
import type { GraphEdge, GraphStatus } from './workflow-graph.js';

/** The way by which the execution comes to a node. */
export type Way = Pick<GraphEdge, 'source' | 'kind' | 'label'>;

/** Which run of a list: where its nodes are in the graph, and where in the history. */
export interface Scope {
  readonly id: string;
  readonly path: string;
}

export interface Place extends Scope {
  readonly way: Way;
}

/** How far a node let the execution through. */
export interface Passage {
  readonly status: GraphStatus;
  /** The method of a later node, where it led past those in between. */
  readonly goto?: string;
}

/** The clause that an answer names, else the default, if there is one. */
export function clauseFor(branch: BranchNode, answer: unknown): Clause | undefined {
  const clauses = clausesOf(branch);
  const isKey = ['string', 'number', 'boolean'].includes(typeof answer);
  const named = isKey ? clauses.find(([key]) => key === String(answer)) : undefined;
  return named ?? clauses.find(([key]) => key === DEFAULT_CLAUSE);
}

export function hasBegun(status: GraphStatus): boolean {
  return status !== 'pending' && status !== 'skipped';
}

export function nextOf(nodes: readonly PipelineNode[], index: number, { goto }: Passage): number | undefined {
  if (goto === undefined) return index + 1;
  const target = nodes.findIndex(({ method }, at) => at > index && method === goto);
  return target === -1 ? undefined : target;
}
