import { END, START } from './graph-ids.js';
import type { GraphEdgeKind, GraphNodeKind, GraphNodeOptions } from './workflow-graph.js';

/**
 * A graph before it has edges and places: lists of shapes, one after the other, and blocks with lists side by side.
 * Both styles of workflow come down to it, so one layout and one wiring serve them.
 */

export interface NodeFacts {
  readonly id: string;
  readonly kind: GraphNodeKind;
  readonly label: string;
  readonly method?: string;
  readonly options?: GraphNodeOptions;
}

interface Undoable {
  readonly undo?: NodeFacts;
  /** Methods of later shapes of the same list that it may lead to. */
  readonly to?: readonly string[];
}

export interface LeafShape extends Undoable {
  readonly shape: 'leaf';
  readonly node: NodeFacts;
}

/** One of the ways through a block. */
export interface Lane {
  /** How the way into it is drawn. */
  readonly kind: GraphEdgeKind;
  readonly label?: string;
  readonly shapes: readonly Shape[];
}

/** A node with others inside. */
export interface BlockShape extends Undoable {
  readonly shape: 'block';
  readonly node: NodeFacts;
  /** Where its ways part. */
  readonly entry?: NodeFacts;
  readonly lanes: readonly Lane[];
  /** Where they meet; `loop`: back at the entry. */
  readonly exit?: NodeFacts | 'loop';
}

/** Several ways at once that are no block of their own. */
export interface SplitShape {
  readonly shape: 'split';
  readonly lanes: readonly Lane[];
}

export type Shape = LeafShape | BlockShape | SplitShape;

const start: LeafShape = { shape: 'leaf', node: { id: START, kind: 'start', label: 'start' } };
const end: LeafShape = { shape: 'leaf', node: { id: END, kind: 'end', label: 'end' } };

/** A list of shapes between the start and the end of a workflow. */
export function fromStartToEnd(shapes: readonly Shape[]): Shape[] {
  return [start, ...shapes, end];
}

/** The nodes at which a shape begins. */
export function entriesOf(shape: Shape): string[] {
  if (shape.shape === 'leaf') return [shape.node.id];
  if (shape.shape === 'block' && shape.entry !== undefined) return [shape.entry.id];
  return shape.lanes.flatMap(({ shapes }) => (shapes[0] === undefined ? [] : entriesOf(shapes[0])));
}

/** The nodes at which it ends. */
export function exitsOf(shape: Shape): string[] {
  if (shape.shape === 'leaf') return [shape.node.id];
  if (shape.shape === 'block') {
    if (shape.exit === 'loop') return entriesOf(shape);
    if (shape.exit !== undefined) return [shape.exit.id];
  }
  return shape.lanes.flatMap(({ shapes }) => {
    const last = shapes.at(-1);
    return last === undefined ? [] : exitsOf(last);
  });
}
