import { lengthOf } from '../time/time-length.js';
import type { GraphEdge, GraphNode, GraphNodeRun, GraphStatus, WorkflowGraph } from './workflow-graph.js';

/** What the exports have in common: what is written at a node and at an edge, and in which colours. */

export const colours: Readonly<Record<GraphStatus, { readonly fill: string; readonly line: string }>> = {
  pending: { fill: '#ffffff', line: '#94a3b8' },
  running: { fill: '#dbeafe', line: '#2563eb' },
  waiting: { fill: '#fef3c7', line: '#d97706' },
  completed: { fill: '#dcfce7', line: '#16a34a' },
  failed: { fill: '#fee2e2', line: '#dc2626' },
  interrupted: { fill: '#e2e8f0', line: '#475569' },
  skipped: { fill: '#f8fafc', line: '#cbd5e1' },
  compensated: { fill: '#f3e8ff', line: '#9333ea' },
};

/** The text of a node, line by line: its name, then what its options or its run say. */
export function linesOf({ label, options, run }: GraphNode): string[] {
  const facts = run === undefined ? optionFacts(options) : runFacts(run);
  return [label, facts.join(', ')].filter((line) => line !== '');
}

export function edgeText({ kind, label }: GraphEdge): string {
  if (label !== undefined) return label;
  if (kind === 'item') return 'each item';
  if (kind === 'round') return 'while true';
  if (kind === 'compensation') return 'undone by';
  return '';
}

/** Plain names for the nodes: what users call their methods may mean something to the tool that reads it. */
export function namesOf({ nodes }: WorkflowGraph): (id: string) => string {
  const names = new Map(nodes.map(({ id }, index) => [id, `n${index}`]));
  return (id) => names.get(id) ?? id;
}

/** Nodes by what they are in; those in none under `undefined`. */
export function nodesByParent({
  nodes,
}: WorkflowGraph): ReadonlyMap<string | undefined, readonly GraphNode[]> {
  const byParent = new Map<string | undefined, GraphNode[]>();
  for (const node of nodes) {
    const siblings = byParent.get(node.parent);
    if (siblings === undefined) byParent.set(node.parent, [node]);
    else siblings.push(node);
  }
  return byParent;
}

/** One line of well-formed text: what breaks lines or cannot be shown is a space. */
export function shownText(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
}

function optionFacts(options: GraphNode['options'] = {}): string[] {
  const { max, concurrency, onError, transactional } = options;
  return [
    max === undefined ? undefined : `at most ${max} ${max === 1 ? 'round' : 'rounds'}`,
    concurrency === undefined ? undefined : `${concurrency} at once`,
    onError === 'continue' ? 'goes on past errors' : undefined,
    transactional === true ? 'transactional' : undefined,
  ].filter((fact) => fact !== undefined);
}

function runFacts({ status, duration, attempts = 0, items, rounds, runs }: GraphNodeRun): string[] {
  return [
    status === 'pending' || status === 'skipped' ? undefined : outcomeText(status, duration),
    items === undefined ? undefined : `${items.byStatus.completed ?? 0} of ${items.total} items`,
    rounds === undefined ? undefined : `${rounds} ${rounds === 1 ? 'round' : 'rounds'}`,
    runs === undefined ? undefined : `${runs.total} times`,
    runs === undefined && attempts > 1 ? `${attempts} attempts` : undefined,
  ].filter((fact) => fact !== undefined);
}

/** `✓ 81ms`, `compensated 2.4s`; how long it takes is not known before its end. */
function outcomeText(status: GraphStatus, duration: number | undefined): string {
  const mark = status === 'completed' ? '✓' : status === 'failed' ? '✗' : status;
  return duration === undefined ? mark : `${mark} ${lengthOf(duration)}`;
}
