import type { RecordedOperation } from './recorded-operations.js';
import type { GraphCounts, GraphNodeRun, GraphStatus } from './workflow-graph.js';

/** Where several are in several statuses, the first of these is shown: what needs to be looked at. */
const byImportance: readonly GraphStatus[] = [
  'running',
  'waiting',
  'failed',
  'interrupted',
  'pending',
  'compensated',
  'completed',
  'skipped',
];

const underWay: ReadonlySet<GraphStatus> = new Set(['running', 'waiting', 'pending']);

type Extras = Pick<GraphNodeRun, 'clause' | 'goto' | 'rounds' | 'items'>;

/** The status in which something of several parts is. */
export function statusOfAll(statuses: Iterable<GraphStatus>): GraphStatus {
  const present = new Set(statuses);
  // What is done in part waits for the rest.
  if (present.has('pending') && present.has('completed')) present.add('waiting');
  return byImportance.find((status) => present.has(status)) ?? 'completed';
}

/** How many are in which status. */
export class Counter {
  readonly #counts = new Map<GraphStatus, number>();
  #total = 0;

  add(status: GraphStatus): void {
    this.#counts.set(status, (this.#counts.get(status) ?? 0) + 1);
    this.#total += 1;
  }

  get total(): number {
    return this.#total;
  }

  statuses(): Iterable<GraphStatus> {
    return this.#counts.keys();
  }

  counts(): GraphCounts {
    const byStatus = Object.fromEntries(
      byImportance.flatMap((status) => {
        const count = this.#counts.get(status);
        return count === undefined ? [] : [[status, count]];
      }),
    );
    return { total: this.#total, byStatus };
  }
}

/** All that happened at one node of the graph, over rounds, items and calls. */
export class Tally {
  readonly #runs = new Counter();
  #attempts = 0;
  #from = Infinity;
  #to = -Infinity;
  #error: string | undefined;
  #errorAt = -Infinity;
  #extras: Extras = {};

  add(status: GraphStatus, operation?: RecordedOperation): void {
    this.#runs.add(status);
    if (operation === undefined) return;
    this.#attempts += operation.attempts;
    this.span(operation.startedAt, operation.lastAt);
    if (operation.error !== null && operation.lastAt >= this.#errorAt) {
      this.#error = operation.error;
      this.#errorAt = operation.lastAt;
    }
  }

  /** Something of it happened in this time. */
  span(from: number, to: number): void {
    this.#from = Math.min(this.#from, from);
    this.#to = Math.max(this.#to, to);
  }

  note(extras: Extras): void {
    this.#extras = { ...this.#extras, ...extras };
  }

  get from(): number {
    return this.#from;
  }

  get to(): number {
    return this.#to;
  }

  run(): GraphNodeRun {
    const status = statusOfAll(this.#runs.statuses());
    const hasBegun = this.#from <= this.#to;
    return {
      status,
      ...(this.#attempts > 0 && { attempts: this.#attempts }),
      ...(hasBegun && { startedAt: timeText(this.#from) }),
      ...(hasBegun &&
        !underWay.has(status) && { endedAt: timeText(this.#to), duration: this.#to - this.#from }),
      ...(this.#runs.total > 1 && { runs: this.#runs.counts() }),
      ...this.#extras,
      ...(this.#error !== undefined && { error: this.#error }),
    };
  }
}

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

export function timeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
