import { colours, edgeText, linesOf, namesOf, nodesByParent, shownText } from './export-text.js';
import type { GraphEdge, GraphNode, GraphNodeKind, WorkflowGraph } from './workflow-graph.js';

const shapes: Readonly<Partial<Record<GraphNodeKind, string>>> = {
  start: 'oval',
  end: 'oval',
  decision: 'diamond',
  question: 'diamond',
  fork: 'point',
  join: 'point',
  undo: 'cds',
  commit: 'component',
  operation: 'note',
};

/**
 * A graph in the DOT language of Graphviz. Blocks are clusters; with an execution, nodes have the colour of their
 * status, and the edges that were taken are thick.
 *
 * ```ts
 * await writeFile('order.dot', toDot(await client.graph(OrderWorkflow))); // dot -Tsvg order.dot
 * ```
 *
 * @publicApi
 */
export function toDot(graph: WorkflowGraph): string {
  const nameOf = namesOf(graph);
  const byParent = nodesByParent(graph);
  const lines = (parent: string | undefined, indent: string): string[] =>
    (byParent.get(parent) ?? []).flatMap((node) =>
      byParent.has(node.id)
        ? [
            `${indent}subgraph cluster_${nameOf(node.id)} {`,
            `${indent}  ${attributes({ label: textOf(node), ...clusterStyle(node) }, ';\n' + indent + '  ')};`,
            ...lines(node.id, `${indent}  `),
            `${indent}}`,
          ]
        : [`${indent}${nameOf(node.id)} [${attributes({ label: textOf(node), ...nodeStyle(node) })}];`],
    );
  return [
    `digraph ${labelText([graph.workflow])} {`,
    '  rankdir=TB; fontname="Helvetica"; style="rounded";',
    '  node [shape=box, style="rounded,filled", fillcolor="#ffffff", fontname="Helvetica"];',
    '  edge [fontname="Helvetica"];',
    ...lines(undefined, '  '),
    ...graph.edges.map((edge) => edgeLine(edge, nameOf)),
    '}',
    '',
  ].join('\n');
}

function edgeLine(edge: GraphEdge, nameOf: (id: string) => string): string {
  const { source, target, kind, taken = 0 } = edge;
  const text = labelText([edgeText(edge)]);
  const style = {
    ...(text !== '""' && { label: text }),
    ...((kind === 'goto' || kind === 'compensation') && { style: '"dashed"' }),
    // What leads back, or aside, does not decide which node is above which.
    ...((kind === 'loop' || kind === 'compensation') && { constraint: 'false' }),
    ...(taken > 0 && { color: `"${colours.completed.line}"`, penwidth: '3' }),
  };
  const list = attributes(style);
  return `  ${nameOf(source)} -> ${nameOf(target)}${list === '' ? '' : ` [${list}]`};`;
}

function textOf(node: GraphNode): string {
  return labelText(linesOf(node));
}

function nodeStyle({ kind, label, run }: GraphNode): Record<string, string> {
  // A point shows no text.
  const shape = kind === 'join' && label !== '' ? 'oval' : shapes[kind];
  return { ...(shape !== undefined && { shape }), ...(run !== undefined && colourOf(run)) };
}

function clusterStyle({ run }: GraphNode): Record<string, string> {
  return run === undefined ? { color: '"#94a3b8"' } : { color: colourOf(run).color ?? '' };
}

function colourOf({ status }: NonNullable<GraphNode['run']>): Record<string, string> {
  return { color: `"${colours[status].line}"`, fillcolor: `"${colours[status].fill}"` };
}

function attributes(values: Readonly<Record<string, string>>, separator = ', '): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(separator);
}

/** In a label, backslashes and entities have a meaning; each line ends with one of them. */
function labelText(lines: readonly string[]): string {
  const shown = lines.map((line) => shownText(line).replaceAll('\\', '\\\\').replaceAll('&', '&amp;'));
  return `"${shown.map((line) => line.replaceAll('"', '\\"')).join('\\n')}"`;
}
