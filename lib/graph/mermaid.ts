import { colours, edgeText, linesOf, namesOf, nodesByParent, shownText } from './export-text.js';
import type { GraphEdge, GraphNode, GraphNodeKind, GraphStatus, WorkflowGraph } from './workflow-graph.js';

/** How Mermaid writes a node of each kind around its text. */
const brackets: Readonly<Record<GraphNodeKind, readonly [string, string]>> = {
  start: ['([', '])'],
  end: ['([', '])'],
  step: ['[', ']'],
  branch: ['[', ']'],
  parallel: ['[', ']'],
  foreach: ['[', ']'],
  while: ['[', ']'],
  decision: ['{', '}'],
  question: ['{', '}'],
  fork: ['((', '))'],
  join: ['((', '))'],
  undo: ['[/', '/]'],
  commit: ['[[', ']]'],
  operation: ['(', ')'],
};

const arrows = { next: '-->', goto: '-.->', compensation: '-.->', loop: '-->' } as const;

/**
 * A graph as a Mermaid flowchart, for Markdown, wikis and pull requests. Blocks are subgraphs; with an execution,
 * nodes have the colour of their status, and the edges that were taken are thick.
 *
 * ```ts
 * console.log(toMermaid(await client.graph(OrderWorkflow)));
 * ```
 *
 * @publicApi
 */
export function toMermaid(graph: WorkflowGraph): string {
  const nameOf = namesOf(graph);
  const byParent = nodesByParent(graph);
  const lines = (parent: string | undefined, indent: string): string[] =>
    (byParent.get(parent) ?? []).flatMap((node) =>
      byParent.has(node.id)
        ? [
            `${indent}subgraph ${nameOf(node.id)}["${textOf(node)}"]`,
            ...lines(node.id, `${indent}  `),
            `${indent}end`,
          ]
        : [`${indent}${nameOf(node.id)}${brackets[node.kind].join(`"${textOf(node)}"`)}`],
    );
  return [
    'flowchart TB',
    ...lines(undefined, '  '),
    ...graph.edges.map((edge) => `  ${nameOf(edge.source)} ${arrowOf(edge)} ${nameOf(edge.target)}`),
    ...statusLines(graph.nodes, nameOf),
    ...takenLines(graph.edges),
    '',
  ].join('\n');
}

function textOf(node: GraphNode): string {
  const text = linesOf(node).map(escaped).join('<br/>');
  return text === '' ? ' ' : text;
}

function arrowOf(edge: GraphEdge): string {
  const { kind } = edge;
  const arrow = kind in arrows ? arrows[kind as keyof typeof arrows] : '-->';
  const text = escaped(edgeText(edge));
  return text === '' ? arrow : `${arrow}|"${text}"|`;
}

function statusLines(nodes: readonly GraphNode[], nameOf: (id: string) => string): string[] {
  const byStatus = new Map<GraphStatus, string[]>();
  for (const { id, run } of nodes) {
    if (run === undefined) continue;
    const names = byStatus.get(run.status);
    if (names === undefined) byStatus.set(run.status, [nameOf(id)]);
    else names.push(nameOf(id));
  }
  return [...byStatus].flatMap(([status, names]) => [
    `  classDef ${status} fill:${colours[status].fill},stroke:${colours[status].line},color:#0f172a`,
    `  class ${names.join(',')} ${status}`,
  ]);
}

function takenLines(edges: readonly GraphEdge[]): string[] {
  const taken = edges.flatMap(({ taken = 0 }, index) => (taken > 0 ? [index] : []));
  return taken.length === 0 ? [] : [`  linkStyle ${taken.join(',')} stroke:#16a34a,stroke-width:3px`];
}

/**
 * Everything but letters, numbers and plain spaces as its number: quotes end a text, and Markdown, HTML, icons and
 * directives are looked for inside it.
 */
function escaped(text: string): string {
  return shownText(text).replace(
    /[^\p{L}\p{N}\p{M} ,]/gu,
    (character) => `#${character.codePointAt(0) ?? 0};`,
  );
}
