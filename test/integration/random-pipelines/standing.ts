import type { When } from './pipeline-plan.js';

/** Where a node stands, as far as it matters to what it may do. */
export interface Standing {
  readonly depth: number;
  /** Beside others, whose keys it must not touch. */
  readonly isBeside: boolean;
  /** One entry for each loop over items around it: the only item that may fail, or null where all may. */
  readonly items: When;
  /** What is inside runs several times: there is to be less of it. */
  readonly isInLoop: boolean;
  /** Whether its failure may leave its place, and how much that takes with it. */
  readonly reach: number | undefined;
  /** How likely a step there is to fail, if its failure may leave its place. */
  readonly chance: number;
}
