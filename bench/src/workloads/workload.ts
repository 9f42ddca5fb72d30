import type { Bodies } from '../engines/bodies.js';
import type { Engine } from '../engines/engine.js';
import type { Costs, Gauge } from '../run/gauge.js';
import type { Observer } from '../run/observer.js';

/** One engine, on a database of its own, with what a workload measures it by. */
export interface Bench {
  readonly engine: Engine;
  readonly url: string;
  readonly bodies: Bodies;
  readonly gauge: Gauge;
  /** What the database says, asked from outside the engine. */
  readonly observer: Observer;
}

export interface Measured {
  /** What the costs are divided by. */
  readonly items: number;
  /** How often a body must have run for these items. */
  readonly bodies: number;
  readonly costs: Costs;
  /** What the workload is about: rates and latencies, by name. */
  readonly figures: Readonly<Record<string, number>>;
}

export interface Workload {
  readonly title: string;
  /** The figure that engines are compared by, and which way is better. */
  readonly headline: { readonly figure: string; readonly unit: string; readonly better: 'more' | 'less' };
  /** Further figures worth a column. */
  readonly besides: readonly { readonly figure: string; readonly title: string }[];
  /** What one item is, for the costs. */
  readonly item: string;
  /** False where a plain job queue can take part. */
  readonly durableOnly: boolean;
  /** Never fewer items than this, whatever the rate. */
  readonly atLeast: number;
  /** Never more, whatever the rate. */
  readonly atMost: number;
  /** Whether the many items that show changes of plan are asked of our own engine. */
  readonly sustained: boolean;
  /** Warms engine and compiler up for about `seconds`, and returns the items per second seen. */
  warmUp(bench: Bench, seconds: number): Promise<number>;
  /** What has to lie in the database before the measuring begins. */
  prepare?(bench: Bench, items: number): Promise<void>;
  /** `rate` is what the warm-up saw. */
  measure(bench: Bench, items: number, rate: number): Promise<Measured>;
}
