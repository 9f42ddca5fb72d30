import { entriesOf, exitsOf, type Shape } from './shape.js';
import type { GraphEdge, GraphEdgeKind } from './workflow-graph.js';

/** What leads on to the next shape: where from, and how it is drawn. */
interface WayOut {
  readonly from: readonly string[];
  readonly kind: GraphEdgeKind;
  readonly label?: string;
}

/** Unique: two clauses may lead to the same node, and a goto beside the ordinary way. */
export function edgeIdOf({ kind, source, target, label }: Omit<GraphEdge, 'id'>): string {
  return `${kind}:${source}->${target}${label === undefined ? '' : `:${label}`}`;
}

/** The edges of a list of shapes and of all that is in them, each once. */
export function edgesOf(shapes: readonly Shape[]): GraphEdge[] {
  const wiring = new Wiring();
  wiring.list(shapes, { from: [], kind: 'next' });
  return [...wiring.edges.values()];
}

class Wiring {
  readonly edges = new Map<string, GraphEdge>();

  /** Gives the way out of the list. */
  list(shapes: readonly Shape[], into: WayOut): WayOut {
    let wayOut = into;
    for (const [index, shape] of shapes.entries()) {
      this.connect(wayOut, entriesOf(shape));
      this.inside(shape);
      const from = exitsOf(shape);
      if (shape.shape !== 'split') {
        for (const method of shape.to ?? []) this.jump(from, method, shapes.slice(index + 1));
      }
      wayOut = { from, kind: 'next' };
    }
    return wayOut;
  }

  private inside(shape: Shape): void {
    if (shape.shape !== 'split' && shape.undo !== undefined) {
      this.connect({ from: [shape.node.id], kind: 'compensation' }, [shape.undo.id]);
    }
    if (shape.shape === 'leaf') return;
    const entry = shape.shape === 'block' && shape.entry !== undefined ? [shape.entry.id] : [];
    for (const { shapes, ...how } of shape.lanes) {
      const wayOut = this.list(shapes, { from: entry, ...how });
      if (shape.shape === 'split' || shape.exit === undefined) continue;
      if (shape.exit === 'loop') this.connect({ from: wayOut.from, kind: 'loop' }, entry);
      else this.connect(shapes.length === 0 ? wayOut : { from: wayOut.from, kind: 'join' }, [shape.exit.id]);
    }
  }

  private jump(from: readonly string[], method: string, later: readonly Shape[]): void {
    const target = later.find((shape) => shape.shape !== 'split' && shape.node.method === method);
    if (target !== undefined) this.connect({ from, kind: 'goto' }, entriesOf(target));
  }

  private connect({ from, kind, label }: WayOut, targets: readonly string[]): void {
    for (const source of from) {
      for (const target of targets) {
        const edge = { kind, source, target, ...(label !== undefined && { label }) };
        const id = edgeIdOf(edge);
        this.edges.set(id, { id, ...edge });
      }
    }
  }
}
