import type { Duration } from '../time/duration.js';
import type { StepDefinition } from './step-definition.js';
import type { UndoDefinition } from './undo-definition.js';
import type { Ctor, Method, WorkflowClass } from './workflow-class.js';

/** @publicApi */
export interface WorkflowOptions<Input extends object = object, Output extends string = string> {
  /**
   * The name under which executions are stored. Keep it when the class is renamed.
   *
   * @default the name of the class in snake case
   */
  name?: string;
  /**
   * Raised when the class changes so that executions already under way must not continue on it. The class of the
   * old version stays registered, under its old number, until they are done.
   *
   * @default 1
   */
  version?: number;
  /**
   * The queue in which executions wait for a worker.
   *
   * @default 'default'
   */
  queue?: string;
  /**
   * From -100 to 100: the higher, the sooner an execution is taken from its queue.
   *
   * @default 0
   */
  priority?: number;
  /**
   * How long an execution may take from its start to its end, waits included.
   *
   * @default no limit
   */
  timeout?: Duration;
  /**
   * How often a failed execution is started again, as a new, linked one.
   *
   * @default 0
   */
  maxRetries?: number;
  /**
   * A class with class-validator decorators. An input that it refuses is not started.
   *
   * @default the input is not checked
   */
  input?: Ctor<Input>;
  /**
   * The method of a pipeline that makes its output of the final `data`. It is no step.
   *
   * @default the output is the final `data`
   */
  output?: Output;
}

/** A step of a pipeline, in its main line or in a block. */
export interface StepNode {
  readonly kind: 'step';
  readonly name: string;
  readonly method: string;
  readonly step: StepDefinition;
  /** The method as it was written, called with the workflow as `this`; what the class holds now is its wrapper. */
  readonly body: Method;
  readonly undo?: UndoDefinition;
}

interface BlockNode {
  /** The name of the method: under it the block is recorded and shown. */
  readonly name: string;
  readonly method: string;
  /** The question that the block asks. */
  readonly body: Method;
}

export interface BranchNode extends BlockNode {
  readonly kind: 'branch';
  /** What runs for each answer, `default` not among them. */
  readonly clauses: ReadonlyMap<string, readonly PipelineNode[]>;
  readonly otherwise?: readonly PipelineNode[];
}

/**
 * What becomes of the others where one of several fails: they are stopped, or go on.
 *
 * @publicApi
 */
export type OnError = 'fail' | 'continue';

export interface ParallelNode extends BlockNode {
  readonly kind: 'parallel';
  readonly children: readonly PipelineNode[];
  readonly onError: OnError;
  /** Where its join may lead: the methods of later nodes of the same list. */
  readonly to: readonly string[];
}

export interface ForEachNode extends BlockNode {
  readonly kind: 'foreach';
  readonly children: readonly PipelineNode[];
  /** Whether `do` names one child, whose value is the item's, instead of a list. */
  readonly isSingle: boolean;
  /** How many items are under way at once. */
  readonly concurrency: number;
  readonly onError: OnError;
  /** The key of the values in the data. */
  readonly into?: string;
}

export interface WhileNode extends BlockNode {
  readonly kind: 'while';
  readonly children: readonly PipelineNode[];
  /** More rounds than this are a fault. */
  readonly max: number;
}

export interface DecisionNode extends BlockNode {
  readonly kind: 'decision';
  /** Where it may lead: the methods of later nodes of the same list. */
  readonly to: readonly string[];
}

/** What a pipeline is made of. Names are those of `name`, where a step has that option. */
export type PipelineNode = StepNode | BranchNode | ParallelNode | ForEachNode | WhileNode | DecisionNode;

/** A workflow class, checked, with every default filled in; durations in milliseconds. */
export interface WorkflowDefinition {
  readonly name: string;
  readonly version: number;
  readonly style: 'pipeline' | 'run';
  readonly classRef: WorkflowClass;
  readonly instance: object;
  readonly queue: string;
  readonly priority: number;
  readonly timeout?: number;
  readonly maxRetries: number;
  readonly input?: Ctor;
  readonly output?: string;
  /** The main line of a pipeline; a workflow with a run method has none. */
  readonly nodes: readonly PipelineNode[];
  /** Every step that the class declares or inherits, in both styles. */
  readonly steps: readonly StepDefinition[];
}
