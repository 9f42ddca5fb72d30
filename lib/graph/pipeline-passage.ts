import { targetIndex } from '../definition/pipeline-routes.js';
import type { PipelineNode } from '../definition/workflow-definition.js';
import { forkOf, joinOf, questionOf } from './graph-ids.js';
import type { GraphEdge, GraphStatus } from './workflow-graph.js';

/** The way by which the execution comes to a node. */
export type Way = Pick<GraphEdge, 'source' | 'kind' | 'label'>;

/** One of the times that the execution comes to a node, or to a list of them. */
export interface Visit {
  /** Where that is in the graph. */
  readonly id: string;
  /** Where it is in the history. */
  readonly path: string;
  readonly way: Way;
}

/** How far a node let the execution through. */
export interface Passage {
  readonly status: GraphStatus;
  /** The method of a later node, where it led past those in between. */
  readonly goto?: string;
}

export function hasBegun(status: GraphStatus): boolean {
  return status !== 'pending' && status !== 'skipped';
}

/** Where in a list the execution went on; undefined where it was led to nowhere. */
export function nextOf(nodes: readonly PipelineNode[], index: number, { goto }: Passage): number | undefined {
  return goto === undefined ? index + 1 : targetIndex(nodes, index, goto);
}

const leaves = {
  step: (id) => [id],
  decision: (id) => [id],
  branch: (id) => [id, questionOf(id), joinOf(id)],
  foreach: (id) => [id, questionOf(id), joinOf(id)],
  parallel: (id) => [id, forkOf(id), joinOf(id)],
  while: (id) => [id, questionOf(id)],
} as const satisfies Record<PipelineNode['kind'], (id: string) => readonly string[]>;

const exits = {
  step: (id) => id,
  decision: (id) => id,
  branch: joinOf,
  foreach: joinOf,
  parallel: joinOf,
  while: questionOf,
} as const satisfies Record<PipelineNode['kind'], (id: string) => string>;

/** The ids of what a node is drawn as, without its children and its undo. */
export function leavesOf({ kind }: PipelineNode, id: string): readonly string[] {
  return leaves[kind](id);
}

/** Where a node is left. */
export function exitOf({ kind }: PipelineNode, id: string): string {
  return exits[kind](id);
}
