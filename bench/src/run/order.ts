import type { EngineName } from '../engines/catalog.js';
import type { WorkloadName } from '../workloads/workloads.js';

/** How long to try, and how much at least. */
export interface Effort {
  readonly warmUpSeconds: number;
  /** What a run should take, from the rate seen in the warm-up. */
  readonly seconds: number;
  /** Of our own engine, in the throughput workloads: short runs hide changes of plan. */
  readonly ourItemsAtLeast: number;
  /** Never more than this, in any workload. */
  readonly itemsAtMost: number;
}

/** What a child process is told to do, and only that: one message in, one out. */
export type Order =
  | { readonly task: 'create-tables'; readonly engine: EngineName; readonly url: string }
  | {
      readonly task: 'measure';
      readonly engine: EngineName;
      readonly url: string;
      /** Another database of the same server, so that the harness's own commits are not counted. */
      readonly adminUrl: string;
      readonly workload: WorkloadName;
      readonly effort: Effort;
      /** Set from the second round on, so that all rounds are of one size. */
      readonly items: number | undefined;
    };

export type MeasureOrder = Extract<Order, { task: 'measure' }>;

/** What came of a run: costs per item beside the figures of the workload. */
export interface Outcome {
  readonly items: number;
  readonly seconds: number;
  readonly figures: Readonly<Record<string, number>>;
}

export type Reply = { readonly outcome: Outcome | undefined } | { readonly failure: string };
