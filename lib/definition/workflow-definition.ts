import type { Duration } from '../time/duration.js';
import type { StepDefinition } from './step-definition.js';
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

/** What the main line of a pipeline is made of. */
export interface StepNode {
  readonly kind: 'step';
  readonly step: StepDefinition;
  /** The method as it was written, called with the workflow as `this`; what the class holds now is its wrapper. */
  readonly body: Method;
}

export type PipelineNode = StepNode;

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
