import type {
  BranchNode,
  ForEachNode,
  ParallelNode,
  PipelineNode,
  StepNode,
  WhileNode,
} from '../definition/workflow-definition.js';
import { END, forkOf, joinOf, occurrenceOf, questionOf, START, undoOf, within } from './graph-ids.js';
import { segmentOf, undoPathOf } from '../identity/operation-path.js';
import { clauseFor, hasBegun, nextOf, type Passage, type Place, type Way } from './pipeline-passage.js';
import { childrenOf, exitOf, leavesOf } from './pipeline-parts.js';
import { idOf } from './pipeline.shape.js';
import type { RecordedOperation, RecordedOperations } from './recorded-operations.js';
import type { Situation } from './situation.js';
import { Tallies } from './tallies.js';
import { Counter, statusOfAll } from './tally.js';
import { edgeIdOf } from './wiring.js';
import type { GraphStatus } from './workflow-graph.js';

export interface PipelineWalkOptions {
  readonly recorded: RecordedOperations;
  readonly situation: Situation;
  readonly parse: (text: string) => unknown;
}

/**
 * Goes through a pipeline as the interpreter did, by what is recorded instead of by running it, and counts what it
 * meets. Each line of history is looked up once, so ten thousand items cost what they cost to read.
 */
export class PipelineWalk {
  readonly tallies = new Tallies();
  private readonly lastCommit: number;

  constructor(private readonly options: PipelineWalkOptions) {
    const commits = options.recorded.all().filter(({ kind }) => kind === 'commit');
    this.lastCommit = commits.reduce((last, { seq }) => Math.max(last, seq), -Infinity);
  }

  walk(
    nodes: readonly PipelineNode[],
    { hasBegun, hasCompleted }: { hasBegun: boolean; hasCompleted: boolean },
  ): Tallies {
    const { situation } = this.options;
    this.tallies.add(START, hasBegun ? 'completed' : situation.unreached);
    const { status, way } = this.list(nodes, { id: '', path: '', way: { source: START, kind: 'next' } });
    const isThrough = status === 'completed' && hasCompleted;
    if (isThrough) this.take(way, END);
    this.tallies.add(END, isThrough ? 'completed' : situation.unreached);
    return this.tallies;
  }

  private list(nodes: readonly PipelineNode[], place: Place): { status: GraphStatus; way: Way } {
    let { way } = place;
    let index = 0;
    for (let node = nodes[index]; node !== undefined; node = nodes[index]) {
      const passage = this.node(node, { ...place, way });
      const next = nextOf(nodes, index, passage);
      if (passage.status !== 'completed' || next === undefined) {
        this.mark(nodes.slice(index + 1), place.id, this.options.situation.unreached);
        return { status: next === undefined ? 'failed' : passage.status, way };
      }
      this.mark(nodes.slice(index + 1, next), place.id, 'skipped');
      const id = idOf(place.id, node);
      const target = nodes[next];
      const jumps = passage.goto !== undefined && target !== undefined;
      if (jumps) this.tallies.of(id).note({ goto: idOf(place.id, target) });
      way = { source: exitOf(node, id), kind: jumps ? 'goto' : 'next' };
      index = next;
    }
    return { status: 'completed', way };
  }

  private node(node: PipelineNode, { id: parent, path: around, way }: Place): Passage {
    const id = idOf(parent, node);
    const place: Place = { id, path: within(around, segmentOf(node.name)), way };
    switch (node.kind) {
      case 'step':
        return this.step(node, place);
      case 'decision':
        return this.decision(place);
      case 'branch':
        return this.block(id, this.branch(node, place));
      case 'parallel':
        return this.block(id, this.parallel(node, place));
      case 'foreach':
        return this.block(id, this.forEach(node, place));
      case 'while':
        return this.block(id, this.while(node, place));
      default:
        return node satisfies never;
    }
  }

  private block(id: string, passage: Passage): Passage {
    this.tallies.add(id, passage.status);
    return passage;
  }

  private step({ undo }: StepNode, { id, path, way }: Place): Passage {
    const { recorded, situation } = this.options;
    const operation = recorded.get(path);
    const inside = recorded.openInside(path);
    const status = situation.statusOf(operation, inside);
    if (hasBegun(status)) this.take(way, id);
    const isUndone = undo !== undefined && status === 'completed' && this.undo(id, path, operation);
    this.tallies.add(id, isUndone ? 'compensated' : status, operation);
    return { status };
  }

  /** Gives whether that run of the step is undone. */
  private undo(id: string, path: string, step: RecordedOperation | undefined): boolean {
    const { recorded, situation } = this.options;
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

  private decision(place: Place): Passage {
    const { status, operation } = this.ask(place.id, place);
    return this.led(status, operation);
  }

  private branch(node: BranchNode, place: Place): Passage {
    const { id, path } = place;
    const asked = this.ask(questionOf(id), place);
    const chosen = asked.status === 'completed' ? clauseFor(node, this.answerOf(asked.operation)) : undefined;
    const others = childrenOf(node).filter((each) => chosen?.[1].includes(each) !== true);
    this.mark(others, id, asked.status === 'completed' ? 'skipped' : this.options.situation.unreached);
    if (chosen === undefined) {
      this.tallies.add(joinOf(id), this.options.situation.unreached);
      // An answer without a clause ends the execution.
      return { status: asked.status === 'completed' ? 'failed' : asked.status };
    }
    const [label, children] = chosen;
    this.tallies.of(id).note({ clause: label });
    const { status, way } = this.list(children, {
      id,
      path,
      way: { source: questionOf(id), kind: 'clause', label },
    });
    this.meet(id, status, children.length === 0 ? way : { source: way.source, kind: 'join' });
    return { status };
  }

  private parallel(node: ParallelNode, place: Place): Passage {
    const { id, path } = place;
    const { recorded, situation } = this.options;
    const isSettled = ({ status }: Passage): boolean =>
      status === 'completed' || (status === 'failed' && node.onError === 'continue');
    const way: Way = { source: forkOf(id), kind: 'parallel' };
    const passages = node.children.map((child) => {
      const passage = this.node(child, { id, path, way });
      const source = exitOf(child, idOf(id, child));
      // A block that failed was not left where blocks are left.
      const isLeft = passage.status === 'completed' || source === idOf(id, child);
      if (isLeft && isSettled(passage)) this.take({ source, kind: 'join' }, joinOf(id));
      return passage;
    });
    const joined = recorded.get(path);
    const isReached = joined !== undefined || passages.some(({ status }) => hasBegun(status));
    if (isReached) this.take(place.way, forkOf(id));
    this.tallies.add(forkOf(id), isReached ? 'completed' : situation.unreached);
    const open = passages.filter((passage) => !isSettled(passage));
    if (open.length > 0 && joined === undefined) {
      this.tallies.add(joinOf(id), situation.unreached);
      return { status: statusOfAll(open.map(({ status }) => status)) };
    }
    const status = situation.statusOf(joined, undefined);
    this.tallies.add(joinOf(id), status, joined);
    return this.led(status, joined);
  }

  private forEach(node: ForEachNode, place: Place): Passage {
    const { id, path } = place;
    const { situation } = this.options;
    const asked = this.ask(questionOf(id), place);
    const answer = asked.status === 'completed' ? this.answerOf(asked.operation) : undefined;
    const count = Array.isArray(answer) ? answer.length : 0;
    const counter = new Counter();
    let open = 0;
    for (let item = 0; item < count; item += 1) {
      if (open >= node.concurrency) {
        counter.add(situation.unreached);
        this.mark(node.children, id, situation.unreached);
        continue;
      }
      const { status, way } = this.list(node.children, {
        id,
        path: within(path, String(item)),
        way: { source: questionOf(id), kind: 'item' },
      });
      counter.add(status);
      if (status === 'completed') this.take({ source: way.source, kind: 'join' }, joinOf(id));
      else if (status !== 'failed') open += 1;
    }
    if (asked.status === 'completed') this.tallies.of(id).note({ items: counter.counts() });
    const left = [...counter.statuses()].filter(
      (status) => status !== 'completed' && !(status === 'failed' && node.onError === 'continue'),
    );
    if (count === 0)
      this.mark(node.children, id, asked.status === 'completed' ? 'skipped' : situation.unreached);
    const status = asked.status === 'completed' ? statusOfAll(left) : asked.status;
    this.meet(id, status);
    return { status };
  }

  private while(node: WhileNode, place: Place): Passage {
    const { id, path } = place;
    const { situation } = this.options;
    let { way } = place;
    for (let round = 1; ; round += 1) {
      const inRound = { id, path: occurrenceOf(path, round), way };
      const asked = this.ask(questionOf(id), inRound);
      const goesOn = asked.status === 'completed' && this.answerOf(asked.operation) === true;
      if (!goesOn || round > node.max) {
        if (asked.operation !== undefined) this.tallies.of(id).note({ rounds: round - 1 });
        const isThrough = asked.status === 'completed';
        if (round === 1) this.mark(node.children, id, isThrough ? 'skipped' : situation.unreached);
        return { status: goesOn ? 'failed' : asked.status };
      }
      this.tallies.of(id).note({ rounds: round });
      const passed = this.list(node.children, { ...inRound, way: { source: questionOf(id), kind: 'round' } });
      if (passed.status !== 'completed') return { status: passed.status };
      way = { source: passed.way.source, kind: 'loop' };
    }
  }

  /** What a block or a decision asks, at its node. */
  private ask(
    node: string,
    { path, way }: Place,
  ): { status: GraphStatus; operation: RecordedOperation | undefined } {
    const { recorded, situation } = this.options;
    const operation = recorded.get(path);
    const status = situation.statusOf(operation, recorded.openInside(path));
    if (hasBegun(status)) this.take(way, node);
    this.tallies.add(node, status, operation);
    return { status, operation };
  }

  /** Where a decision or a join led. */
  private led(status: GraphStatus, operation: RecordedOperation | undefined): Passage {
    const answer = status === 'completed' ? this.answerOf(operation) : undefined;
    const goto: unknown =
      typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'goto') : undefined;
    return typeof goto === 'string' ? { status, goto } : { status };
  }

  private meet(id: string, status: GraphStatus, way?: Way): void {
    const isThrough = status === 'completed';
    if (isThrough && way !== undefined) this.take(way, joinOf(id));
    this.tallies.add(joinOf(id), isThrough ? 'completed' : this.options.situation.unreached);
  }

  /** A value that this process cannot read says what its text says. */
  private answerOf(operation: RecordedOperation | undefined): unknown {
    if (operation === undefined || operation.output === null) return undefined;
    try {
      return this.options.parse(operation.output);
    } catch {
      return JSON.parse(operation.output);
    }
  }

  /** What was not run, with all that is in it. */
  private mark(nodes: readonly PipelineNode[], parent: string, status: GraphStatus): void {
    for (const node of nodes) {
      const id = idOf(parent, node);
      for (const leaf of leavesOf(node, id)) this.tallies.add(leaf, status);
      this.mark(childrenOf(node), id, status);
    }
  }

  private take(way: Way, target: string): void {
    this.tallies.take(edgeIdOf({ ...way, target }));
  }
}
