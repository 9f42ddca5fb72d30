import type { PipelineNode } from '../../definition/workflow-definition.js';
import type { ActiveExecution } from '../active-execution.js';
import type { Operation } from '../operation.js';
import type { OperationScope } from '../operation-scope.js';
import type { Added, PipelineData } from './pipeline-data.js';

/** The item of a list that a node runs for. */
export interface Each {
  readonly item: unknown;
  readonly index: number;
}

/** Where a node runs: in the main line, in a block, for an item of a list. */
export interface Place {
  readonly scope: OperationScope;
  readonly each: Each | undefined;
}

/** What came of a node. */
export interface NodeOutcome {
  /** What it counts as where results are collected: what a step returned, what a block added. */
  readonly value: unknown;
  readonly added: Added;
  /** The method of the node that it leads to, if not to the next. */
  readonly target?: string | undefined;
}

/** What a block wants to know, besides the data. */
export interface Question {
  /** What its method is given between the data and the item. */
  readonly given?: (() => unknown) | undefined;
  /** What is recorded of the answer; throws where it is none. */
  readonly accept: (answer: unknown) => unknown;
}

/** A block that has been asked its question. */
export interface Asked {
  readonly answer: unknown;
  readonly operation: Operation;
}

/** What blocks need of the interpreter that runs them. */
export interface PipelineRun {
  readonly execution: ActiveExecution;
  /** Runs nodes one after the other, and gives all that they added. */
  runLine(nodes: readonly PipelineNode[], place: Place, data: PipelineData): Promise<Added>;
  runNode(node: PipelineNode, place: Place, data: PipelineData): Promise<NodeOutcome>;
  /** Asks the question of a block, as a step is run: with attempts, and once. */
  ask(
    node: Exclude<PipelineNode, { kind: 'step' }>,
    place: Place,
    data: PipelineData,
    question: Question,
  ): Promise<Asked>;
  /** Of several failures the one that happened first. */
  firstOf(failures: readonly Error[]): Error;
  /** The recorded answer fits no more: the class was changed. */
  diverged(asked: Operation, expected: string): Promise<never>;
}
