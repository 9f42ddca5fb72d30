import type { RecordedOperation } from './recorded-operations.js';
import { Tally } from './tally.js';
import type { GraphStatus } from './workflow-graph.js';

/** What happened at each node, and how often the execution went along each edge. */
export class Tallies {
  readonly #byNode = new Map<string, Tally>();
  readonly #byEdge = new Map<string, number>();

  of(node: string): Tally {
    let tally = this.#byNode.get(node);
    if (tally === undefined) {
      tally = new Tally();
      this.#byNode.set(node, tally);
    }
    return tally;
  }

  /** Whether anything is known of a node. */
  has(node: string): boolean {
    return this.#byNode.has(node);
  }

  add(node: string, status: GraphStatus, operation?: RecordedOperation): void {
    this.of(node).add(status, operation);
  }

  take(edge: string): void {
    this.#byEdge.set(edge, (this.#byEdge.get(edge) ?? 0) + 1);
  }

  taken(edge: string): number {
    return this.#byEdge.get(edge) ?? 0;
  }
}
