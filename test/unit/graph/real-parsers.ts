import { Graphviz } from '@hpcc-js/wasm-graphviz';
import cytoscape from 'cytoscape';
import { JSDOM } from 'jsdom';
import type { CytoscapeElements } from '../../../lib/graph/cytoscape.js';

/** Mermaid wants a page to live in. */
const { window } = new JSDOM('<body></body>');
Object.assign(globalThis, { window, document: window.document });
const { default: mermaid } = await import('mermaid');
const graphviz = await Graphviz.load();

export interface MermaidFlow {
  /** The text of each node and subgraph, decoded, by its name in the text. */
  readonly texts: Map<string, string>;
  /** What each subgraph holds. */
  readonly inside: Map<string, readonly string[]>;
  readonly edges: { readonly start: string; readonly end: string; readonly text: string }[];
}

interface FlowDatabase {
  getVertices(): Map<string, { readonly text: string }>;
  getSubGraphs(): { readonly id: string; readonly title: string; readonly nodes: readonly string[] }[];
  getEdges(): { readonly start: string; readonly end: string; readonly text: string }[];
}

/** Deprecated for users of Mermaid; nothing else says what it understood. */
const understanding = Reflect.get(mermaid, 'mermaidAPI') as unknown as {
  getDiagramFromText(text: string): Promise<{ readonly db: FlowDatabase }>;
};

/** @throws where it is no flowchart */
export async function parseMermaid(text: string): Promise<MermaidFlow> {
  await mermaid.parse(text);
  const { db: flow } = await understanding.getDiagramFromText(text);
  const subgraphs = flow.getSubGraphs();
  return {
    texts: new Map([
      ...[...flow.getVertices()].map(([id, vertex]): [string, string] => [id, decoded(vertex.text)]),
      ...subgraphs.map(({ id, title }): [string, string] => [id, decoded(title)]),
    ]),
    inside: new Map(subgraphs.map(({ id, nodes }) => [id, nodes])),
    edges: flow.getEdges().map(({ start, end, text: label }) => ({ start, end, text: decoded(label) })),
  };
}

/** Mermaid keeps `#35;` as `ﬂ°°35¶ß` until it draws. */
function decoded(text: string): string {
  return text.replace(/ﬂ°°(\d+)¶ß/g, (_, code: string) => String.fromCodePoint(Number(code)));
}

interface LaidOut {
  readonly objects?: { readonly name: string; readonly label?: string; readonly _draw_?: unknown }[];
  readonly edges?: unknown[];
}

/** @throws where Graphviz cannot lay it out */
export function layOutDot(text: string): { names: string[]; labels: Map<string, string>; edgeCount: number } {
  const { objects = [], edges = [] } = JSON.parse(graphviz.layout(text, 'json', 'dot')) as LaidOut;
  return {
    names: objects.map(({ name }) => name),
    labels: new Map(objects.map(({ name, label = '' }) => [name, label])),
    edgeCount: edges.length,
  };
}

/** @throws where Cytoscape does not take the elements */
export function loadCytoscape(elements: CytoscapeElements): cytoscape.Core {
  return cytoscape({
    headless: true,
    layout: { name: 'preset' },
    elements: JSON.parse(JSON.stringify(elements)) as never,
  });
}
