import { edgeText } from './export-text.js';
import type { GraphEdge, GraphNode, WorkflowGraph } from './workflow-graph.js';

/** @publicApi */
export interface CytoscapeNode {
  /** Everything that the graph says of the node, for selectors and tooltips. */
  readonly data: Omit<GraphNode, 'x' | 'y'>;
  /** Its middle. Blocks have none: they are as large as what is in them. */
  readonly position?: { readonly x: number; readonly y: number };
  /** Its kind and, with an execution, its status. */
  readonly classes: string;
}

/** @publicApi */
export interface CytoscapeEdge {
  readonly data: GraphEdge;
  /** Its kind, and `taken` where the execution went along it. */
  readonly classes: string;
}

/** @publicApi */
export interface CytoscapeElements {
  readonly nodes: CytoscapeNode[];
  readonly edges: CytoscapeEdge[];
}

/**
 * A graph as elements for Cytoscape.js. Blocks are compound nodes; the positions are those of the graph, so the
 * layout is `preset`.
 *
 * ```ts
 * cytoscape({ container, elements: toCytoscape(graph), layout: { name: 'preset' } });
 * ```
 *
 * @publicApi
 */
export function toCytoscape(graph: WorkflowGraph): CytoscapeElements {
  const blocks = new Set(graph.nodes.map(({ parent }) => parent));
  return {
    nodes: graph.nodes.map((node) => nodeOf(node, blocks.has(node.id))),
    edges: graph.edges.map((edge) => {
      const label = edgeText(edge);
      return {
        data: { ...edge, ...(label !== '' && { label }) },
        classes: (edge.taken ?? 0) > 0 ? `${edge.kind} taken` : edge.kind,
      };
    }),
  };
}

function nodeOf({ x, y, ...data }: GraphNode, isBlock: boolean): CytoscapeNode {
  return {
    data,
    ...(!isBlock && { position: { x: x + data.width / 2, y: y + data.height / 2 } }),
    classes: data.run === undefined ? data.kind : `${data.kind} ${data.run.status}`,
  };
}
