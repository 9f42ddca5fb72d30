import { nodesOf } from './layout.js';
import type { Shape } from './shape.js';
import { edgesOf } from './wiring.js';
import type { GraphEdge, GraphNode } from './workflow-graph.js';

export interface Drawing {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** Shapes with places and edges. */
export function drawn(shapes: readonly Shape[]): Drawing {
  return { nodes: nodesOf(shapes), edges: edgesOf(shapes) };
}
