import type { Lane, NodeFacts, Shape } from './shape.js';
import type { GraphNode } from './workflow-graph.js';

const HEIGHT = 48;
const TITLE = 32;
const PADDING = 24;
/** Between neighbours in a row, and between one row and the next. */
const GAP = { x: 32, y: 40 };
const CHARACTER = 8;
const TEXT = { least: 8, most: 36 };
/** Of a node without a text of its own. */
const DOT = 24;

/** A rectangle that can be put anywhere, with all that is in it. */
interface Box {
  readonly width: number;
  readonly height: number;
  place(x: number, y: number, parent: string | undefined): GraphNode[];
}

/**
 * The nodes of a list of shapes, each with its place: lists run downwards, what is side by side stands side by side,
 * blocks are drawn around what is in them. So nothing ever overlaps, and the same shapes have the same places.
 */
export function nodesOf(shapes: readonly Shape[]): GraphNode[] {
  return column(shapes.map((shape) => boxOf(shape))).place(0, 0, undefined);
}

function boxOf(shape: Shape): Box {
  if (shape.shape === 'split') return lanesBox(shape.lanes);
  const own = shape.shape === 'leaf' ? leaf(shape.node) : frame(shape.node, insideOf(shape));
  return shape.undo === undefined ? own : row([own, leaf(shape.undo)]);
}

function insideOf({ entry, lanes, exit }: Extract<Shape, { shape: 'block' }>): Box {
  return column([
    ...(entry === undefined ? [] : [leaf(entry)]),
    lanesBox(lanes),
    ...(exit === undefined || exit === 'loop' ? [] : [leaf(exit)]),
  ]);
}

/** A node that several clauses lead to stands in the first of them. */
function lanesBox(lanes: readonly Lane[]): Box {
  const placed = new Set<string>();
  const columns = lanes.map(({ shapes }) => {
    const fresh = shapes.filter((shape) => shape.shape === 'split' || !placed.has(shape.node.id));
    for (const shape of fresh) if (shape.shape !== 'split') placed.add(shape.node.id);
    return column(fresh.map((shape) => boxOf(shape)));
  });
  return row(columns.filter(({ width }) => width > 0));
}

function leaf(node: NodeFacts): Box {
  const letters = Math.min(Math.max(node.label.length, TEXT.least), TEXT.most);
  const size =
    node.label === ''
      ? { width: DOT, height: DOT }
      : { width: letters * CHARACTER + 2 * PADDING, height: HEIGHT };
  return { ...size, place: (x, y, parent) => [placed(node, { x, y, ...size }, parent)] };
}

function frame(node: NodeFacts, inside: Box): Box {
  const title = Math.min(node.label.length, TEXT.most) * CHARACTER;
  const width = Math.max(inside.width, title) + 2 * PADDING;
  const height = inside.height + TITLE + 2 * PADDING;
  return {
    width,
    height,
    place: (x, y, parent) => [
      placed(node, { x, y, width, height }, parent),
      ...inside.place(x + middle(width, inside.width), y + TITLE + PADDING, node.id),
    ],
  };
}

/** One below the other, around a common middle. */
function column(boxes: readonly Box[]): Box {
  const filled = boxes.filter(({ height }) => height > 0);
  const width = Math.max(0, ...filled.map((box) => box.width));
  return {
    width,
    height: lengthOf(
      filled.map(({ height }) => height),
      GAP.y,
    ),
    place: (x, y, parent) => {
      let below = y;
      return filled.flatMap((box) => {
        const top = below;
        below += box.height + GAP.y;
        return box.place(x + middle(width, box.width), top, parent);
      });
    },
  };
}

/** One beside the other. */
function row(boxes: readonly Box[]): Box {
  return {
    width: lengthOf(
      boxes.map(({ width }) => width),
      GAP.x,
    ),
    height: Math.max(0, ...boxes.map(({ height }) => height)),
    place: (x, y, parent) => {
      let beside = x;
      return boxes.flatMap((box) => {
        const left = beside;
        beside += box.width + GAP.x;
        return box.place(left, y, parent);
      });
    },
  };
}

function lengthOf(parts: readonly number[], gap: number): number {
  return parts.reduce((sum, part) => sum + part, 0) + gap * Math.max(0, parts.length - 1);
}

function middle(outer: number, inner: number): number {
  return Math.round((outer - inner) / 2);
}

function placed(
  { id, kind, label, method, options }: NodeFacts,
  place: Pick<GraphNode, 'x' | 'y' | 'width' | 'height'>,
  parent: string | undefined,
): GraphNode {
  return {
    id,
    kind,
    label,
    ...(parent !== undefined && { parent }),
    ...(method !== undefined && { method }),
    ...(options !== undefined && { options }),
    ...place,
  };
}
