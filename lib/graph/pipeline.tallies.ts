import { childrenOf } from '../definition/pipeline-routes.js';
import type { PipelineNode } from '../definition/workflow-definition.js';
import { undoPathOf } from '../identity/operation-path.js';
import { idOf, joinOf, undoOf } from './graph-ids.js';
import { hasBegun, leavesOf, type Passage, type Visit, type Way } from './pipeline-passage.js';
import type { RecordedOperation, RecordedOperations } from './recorded-operations.js';
import type { Situation } from './situation.js';
import { Tallies } from './tally.js';
import { edgeIdOf } from './wiring.js';
import type { GraphStatus } from './workflow-graph.js';

export interface RecordedPipeline {
  readonly recorded: RecordedOperations;
  readonly situation: Situation;
  /** Reads a stored value. */
  readonly parse: (text: string) => unknown;
}

/** What a block or a decision was asked. */
export interface Asking {
  readonly status: GraphStatus;
  readonly operation: RecordedOperation | undefined;
}

/** Counts what the history says of each node and each edge of a pipeline. */
export class PipelineTallies {
  readonly tallies = new Tallies();
  private readonly lastCommit: number;

  constructor(private readonly pipeline: RecordedPipeline) {
    const commits = pipeline.recorded.all().filter(({ kind }) => kind === 'commit');
    this.lastCommit = commits.reduce((last, { seq }) => Math.max(last, seq), -Infinity);
  }

  step({ id, path, way }: Visit, hasUndo: boolean): Passage {
    const { recorded, situation } = this.pipeline;
    const operation = recorded.get(path);
    const status = situation.statusOf(operation, recorded.openInside(path));
    if (hasBegun(status)) this.take(way, id);
    const isUndone = hasUndo && status === 'completed' && this.undo(id, path, operation);
    this.tallies.add(id, isUndone ? 'compensated' : status, operation);
    return { status };
  }

  /** Gives whether that run of the step is undone. */
  private undo(id: string, path: string, step: RecordedOperation | undefined): boolean {
    const { recorded, situation } = this.pipeline;
    const undoPath = undoPathOf(path);
    const operation = recorded.get(undoPath);
    if (operation === undefined) {
      const isToCome =
        situation.isUndone && !situation.hasEnded && step !== undefined && step.seq > this.lastCommit;
      this.tallies.add(undoOf(id), isToCome ? 'pending' : 'skipped');
      return false;
    }
    const status = situation.statusOfUndo(operation, recorded.openInside(undoPath));
    this.tallies.add(undoOf(id), status, operation);
    this.take({ source: id, kind: 'compensation' }, undoOf(id));
    return status === 'completed';
  }

  /** What a block or a decision asks, at its node. */
  ask(node: string, { path, way }: Visit): Asking {
    const { recorded, situation } = this.pipeline;
    const operation = recorded.get(path);
    const status = situation.statusOf(operation, recorded.openInside(path));
    if (hasBegun(status)) this.take(way, node);
    this.tallies.add(node, status, operation);
    return { status, operation };
  }

  /** The join of a `@Parallel`, which is asked when its children are through. */
  join(id: string, path: string): Asking {
    const operation = this.pipeline.recorded.get(path);
    const status = this.pipeline.situation.statusOf(operation, undefined);
    this.tallies.add(joinOf(id), status, operation);
    return { status, operation };
  }

  /** Where a decision or a join led. */
  led({ status, operation }: Asking): Passage {
    const answer = status === 'completed' ? this.answerOf(operation) : undefined;
    const goto: unknown =
      typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'goto') : undefined;
    return typeof goto === 'string' ? { status, goto } : { status };
  }

  /** The ways of a block meet, if it is through. */
  meet(id: string, status: GraphStatus, way?: Way): void {
    const isThrough = status === 'completed';
    if (isThrough && way !== undefined) this.take(way, joinOf(id));
    this.tallies.add(joinOf(id), isThrough ? 'completed' : this.pipeline.situation.unreached);
  }

  /** How many items a `@ForEach` answered with. */
  itemCountOf({ operation }: Asking): number {
    if (typeof operation?.itemCount === 'number') return operation.itemCount;
    const answer = this.answerOf(operation);
    return Array.isArray(answer) ? answer.length : 0;
  }

  /** A value that this process cannot read says what its text says. */
  answerOf(operation: RecordedOperation | undefined): unknown {
    if (operation === undefined || operation.output === null) return undefined;
    try {
      return this.pipeline.parse(operation.output);
    } catch {
      return JSON.parse(operation.output);
    }
  }

  /** What was not run, with all that is in it. */
  mark(nodes: readonly PipelineNode[], parent: string, status: GraphStatus): void {
    for (const node of nodes) {
      const id = idOf(parent, node);
      for (const leaf of leavesOf(node, id)) this.tallies.add(leaf, status);
      this.mark(childrenOf(node), id, status);
    }
  }

  take(way: Way, target: string): void {
    this.tallies.take(edgeIdOf({ ...way, target }));
  }
}
