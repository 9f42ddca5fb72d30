import type { HistoryTree } from './history-tree.js';
import { blockKinds } from '../identity/operation-kinds.js';
import { meetingOf, undoOf } from './graph-ids.js';
import { entriesOf, exitsOf, fromStartToEnd, type Lane, type NodeFacts, type Shape } from './shape.js';
import { isOver } from './recorded-operations.js';
import type { GraphNodeKind } from './workflow-graph.js';

/** What a history calls its operations, where the graph says more than `operation`. */
const kinds: ReadonlySet<string> = new Set<GraphNodeKind>(['step', ...blockKinds, 'commit']);

/** A shape with the time that it took; what is not over has no end. */
interface Timed {
  readonly shape: Shape;
  readonly from: number;
  readonly to: number;
}

/** A history from its start to its end: what followed each other below each other, what was at once side by side. */
export function historyShapes(trees: readonly HistoryTree[]): Shape[] {
  return fromStartToEnd(listOf(trees, ''));
}

function listOf(trees: readonly HistoryTree[], parent: string): Shape[] {
  const list: Shape[] = [];
  for (const phase of phasesOf(trees.map((tree) => timed(tree)))) {
    const shape = shapeOf(phase);
    const last = list.at(-1);
    // Not every one of several with every one of several others: they meet in between.
    if (last !== undefined && exitsOf(last).length > 1 && entriesOf(shape).length > 1) {
      list.push({
        shape: 'leaf',
        node: { id: meetingOf(parent, list.length), kind: 'join', label: '' },
      });
    }
    list.push(shape);
  }
  return list;
}

function timed(tree: HistoryTree): Timed {
  const node: NodeFacts = { id: tree.id, kind: kindOf(tree), label: tree.label };
  const undo: NodeFacts | undefined =
    tree.undos.length === 0 ? undefined : { id: undoOf(tree.id), kind: 'undo', label: `undo ${tree.label}` };
  const around = { node, ...(undo !== undefined && { undo }) };
  const shape: Shape =
    tree.children.length === 0
      ? { shape: 'leaf', ...around }
      : { shape: 'block', ...around, lanes: [{ kind: 'next', shapes: listOf(tree.children, tree.id) }] };
  return { shape, ...spanOf(tree) };
}

function kindOf({ operations }: HistoryTree): GraphNodeKind {
  const kind = operations[0]?.kind ?? 'step';
  return kinds.has(kind) ? (kind as GraphNodeKind) : 'operation';
}

function spanOf({ operations, children }: HistoryTree): { from: number; to: number } {
  let from = Infinity;
  let to = -Infinity;
  for (const operation of operations) {
    from = Math.min(from, operation.startedAt);
    to = Math.max(to, isOver(operation) ? operation.lastAt : Infinity);
  }
  for (const span of children.map(spanOf)) {
    from = Math.min(from, span.from);
    to = Math.max(to, span.to);
  }
  return { from, to };
}

/** Parts in which something was always under way; between them nothing was. */
function phasesOf(all: readonly Timed[]): Timed[][] {
  const phases: Timed[][] = [];
  let end = -Infinity;
  for (const each of all.toSorted((left, right) => left.from - right.from)) {
    const phase = phases.at(-1);
    if (phase === undefined || each.from >= end) phases.push([each]);
    else phase.push(each);
    end = Math.max(end, each.to);
  }
  return phases;
}

/** What was at once, in as few columns as it takes: a column goes on with what began when its last one was over. */
function shapeOf(phase: readonly Timed[]): Shape {
  const [first] = phase;
  if (phase.length === 1 && first !== undefined) return first.shape;
  const columns: { readonly shapes: Shape[]; to: number }[] = [];
  for (const { shape, from, to } of phase) {
    const free = columns.filter((column) => column.to <= from);
    const latest = free.reduce<(typeof columns)[number] | undefined>(
      (found, column) => (found === undefined || column.to > found.to ? column : found),
      undefined,
    );
    if (latest === undefined) columns.push({ shapes: [shape], to });
    else {
      latest.shapes.push(shape);
      latest.to = to;
    }
  }
  return { shape: 'split', lanes: columns.map(({ shapes }): Lane => ({ kind: 'next', shapes })) };
}
