import type { Backoff } from '../definition/step-definition.js';
import type { OnError } from '../definition/workflow-definition.js';
import type { ExecutionOutcome } from '../storage/entities/workflow-execution.entity.js';
import type { LivingStatus } from '../storage/living-status.js';

/**
 * What a node stands for. Blocks (`branch`, `parallel`, `foreach`, `while`) have others inside them: the `question`
 * that they ask, the `fork` where ways part, the `join` where they meet. `operation` is a wait, or whatever else a
 * run method did that is no step.
 *
 * @publicApi
 */
export type GraphNodeKind =
  | 'start'
  | 'end'
  | 'step'
  | 'branch'
  | 'parallel'
  | 'foreach'
  | 'while'
  | 'decision'
  | 'question'
  | 'fork'
  | 'join'
  | 'undo'
  | 'commit'
  | 'operation';

/**
 * `pending`: may still come. `skipped`: the execution went another way, or ended before. `interrupted`: it was not
 * over when the execution ended. `compensated`: completed, and undone since.
 *
 * @publicApi
 */
export type GraphStatus =
  'pending' | 'running' | 'waiting' | 'completed' | 'failed' | 'interrupted' | 'skipped' | 'compensated';

/**
 * How many of several are in which status.
 *
 * @publicApi
 */
export interface GraphCounts {
  readonly total: number;
  readonly byStatus: Readonly<Partial<Record<GraphStatus, number>>>;
}

/**
 * What happened at a node. Times are ISO texts, so that a graph is the same after JSON.
 *
 * @publicApi
 */
export interface GraphNodeRun {
  readonly status: GraphStatus;
  /** How often it was tried, over all the times that it ran. */
  readonly attempts?: number;
  readonly startedAt?: string;
  /** There once nothing of it is under way. */
  readonly endedAt?: string;
  /** From the first beginning to the last end, in milliseconds. */
  readonly duration?: number;
  /** Where it came up more than once, in several rounds, for several items or in several calls. */
  readonly runs?: GraphCounts;
  /** The items of a `@ForEach`. */
  readonly items?: GraphCounts;
  /** How many rounds of a `@While` have begun. */
  readonly rounds?: number;
  /** The clause that a `@Branch` took, the last one where it was asked several times. */
  readonly clause?: string;
  /** The node that a `@Decision` or a join led to. */
  readonly goto?: string;
  /** What it failed with last. */
  readonly error?: string;
}

/**
 * The options of a node that are worth showing; durations in milliseconds.
 *
 * @publicApi
 */
export interface GraphNodeOptions {
  readonly retry?: { readonly maxAttempts: number; readonly backoff: Backoff };
  readonly timeout?: number;
  readonly transactional?: boolean;
  readonly concurrency?: number;
  readonly max?: number;
  readonly onError?: OnError;
  readonly into?: string;
}

/** @publicApi */
export interface GraphNode {
  /**
   * The path of its lines of history, without items and rounds: `byKind/sendLicence`. Other nodes have a `#`, which
   * no name has there: `#start`, `#end`, `byKind/#ask`, `dashboard/#fork`, `dashboard/#join`, `charge/#undo`.
   */
  readonly id: string;
  readonly kind: GraphNodeKind;
  readonly label: string;
  /** The block that it is in. */
  readonly parent?: string;
  /** The method of the class. */
  readonly method?: string;
  readonly options?: GraphNodeOptions;
  /** The upper left corner. A block encloses all that is in it, and nothing else overlaps. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** There in the graph of an execution. */
  readonly run?: GraphNodeRun;
}

/**
 * `clause`: an answer of a branch. `parallel`: into one of several at once. `item` and `round`: into the body of a
 * loop, `loop`: back to its question. `join`: to where the ways of a block meet. `compensation`: from a step to its
 * undo.
 *
 * @publicApi
 */
export type GraphEdgeKind =
  'next' | 'clause' | 'parallel' | 'item' | 'round' | 'loop' | 'join' | 'goto' | 'compensation';

/** @publicApi */
export interface GraphEdge {
  readonly id: string;
  readonly kind: GraphEdgeKind;
  readonly source: string;
  readonly target: string;
  /** The key of a clause. */
  readonly label?: string;
  /** How often the execution went along it. There in the graph of an execution. */
  readonly taken?: number;
}

/** @publicApi */
export interface GraphExecution {
  readonly id: string;
  readonly status: LivingStatus | ExecutionOutcome;
  readonly startedAt?: string;
  readonly endedAt?: string;
}

/**
 * A workflow as nodes and edges, plain JSON throughout. For drawings see `toMermaid()`, `toDot()` and
 * `toCytoscape()`.
 *
 * @publicApi
 */
export interface WorkflowGraph {
  readonly workflow: string;
  readonly version: number;
  /** Missing where this process does not have the class of this version. */
  readonly style?: 'pipeline' | 'run';
  /**
   * `definition`: what the class declares. `history`: what was recorded, for run methods, and for versions whose
   * class this process does not have.
   */
  readonly drawnFrom: 'definition' | 'history';
  /** Which execution it shows, if it shows one. */
  readonly execution?: GraphExecution;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}
