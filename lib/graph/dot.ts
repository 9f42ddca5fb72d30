import { colours, edgeText, linesOf, nodesByParent, shownText } from './drawing.js';
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
 * status, and the edges that were taken are thick. The names of the nodes are their ids.
 *
 * ```ts
 * await writeFile('order.dot', toDot(await client.graph(OrderWorkflow))); // dot -Tsvg order.dot
 * ```
 *
 * @publicApi
 */
export function toDot(graph: WorkflowGraph): string {
  const byParent = nodesByParent(graph);
  const lines = (parent: string | undefined, indent: string): string[] =>
    (byParent.get(parent) ?? []).flatMap((node) =>
      byParent.has(node.id)
        ? [
            `${indent}subgraph ${quoted(`cluster_${node.id}`)} {`,
            `${indent}  ${attributes({ label: textOf(node), ...clusterStyle(node) }, ';\n' + indent + '  ')};`,
            ...lines(node.id, `${indent}  `),
            `${indent}}`,
          ]
        : [`${indent}${quoted(node.id)} [${attributes({ label: textOf(node), ...nodeStyle(node) })}];`],
    );
  return [
    `digraph ${quoted(shownText(graph.workflow))} {`,
    '  rankdir=TB; fontname="Helvetica"; style="rounded";',
    '  node [shape=box, style="rounded,filled", fillcolor="#ffffff", fontname="Helvetica"];',
    '  edge [fontname="Helvetica"];',
    ...lines(undefined, '  '),
    ...graph.edges.map(edgeLine),
    '}',
    '',
  ].join('\n');
}

function edgeLine(edge: GraphEdge): string {
  const { source, target, kind, taken = 0 } = edge;
  const text = labelText([edgeText(edge)]);
  const style = {
    ...(text !== '""' && { label: text }),
    ...((kind === 'goto' || kind === 'compensation') && { style: '"dashed"' }),
    // What leads back, or aside, does not decide which node is above which.
    ...((kind === 'loop' || kind === 'compensation') && { constraint: 'false' }),
    ...(taken > 0 && { color: quoted(colours.completed.line), penwidth: '3' }),
  };
  const list = attributes(style);
  return `  ${quoted(source)} -> ${quoted(target)}${list === '' ? '' : ` [${list}]`};`;
}

function textOf(node: GraphNode): string {
  return labelText(linesOf(node));
}

function nodeStyle({ kind, run }: GraphNode): Record<string, string> {
  const shape = shapes[kind];
  return { ...(shape !== undefined && { shape }), ...(run !== undefined && colourOf(run)) };
}

function clusterStyle({ run }: GraphNode): Record<string, string> {
  return run === undefined ? { color: '"#94a3b8"' } : { color: colourOf(run).color ?? '' };
}

function colourOf({ status }: NonNullable<GraphNode['run']>): Record<string, string> {
  return { color: quoted(colours[status].line), fillcolor: quoted(colours[status].fill) };
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

/** In a name, only the quote is special; and a backslash that stands before it. */
function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
