import { childrenOf, clauseFor } from '../definition/pipeline-routes.js';
import type {
  BranchNode,
  ForEachNode,
  ParallelNode,
  PipelineNode,
  WhileNode,
} from '../definition/workflow-definition.js';
import { callPathOf, itemPathOf, segmentOf, within } from '../identity/operation-path.js';
import { END, forkOf, idOf, joinOf, questionOf, START } from './graph-ids.js';
import { exitOf, hasBegun, nextOf, type Passage, type Visit, type Way } from './pipeline-passage.js';
import { PipelineTallies, type RecordedPipeline } from './pipeline.tallies.js';
import { Counter, statusOfAll, type Tallies } from './tally.js';
import type { GraphStatus } from './workflow-graph.js';

/**
 * Goes through a pipeline as the interpreter did, by what is recorded instead of by running it, and counts what it
 * meets. Each line of history is looked up once, so ten thousand items cost what they cost to read.
 */
export class PipelineWalk {
  private readonly counted: PipelineTallies;
  private readonly tallies: Tallies;

  constructor(private readonly pipeline: RecordedPipeline) {
    this.counted = new PipelineTallies(pipeline);
    this.tallies = this.counted.tallies;
  }

  walk(
    nodes: readonly PipelineNode[],
    { hasBegun, hasCompleted }: { hasBegun: boolean; hasCompleted: boolean },
  ): Tallies {
    this.tallies.add(START, hasBegun ? 'completed' : this.unreached);
    const { status, way } = this.list(nodes, { id: '', path: '', way: { source: START, kind: 'next' } });
    const isThrough = status === 'completed' && hasCompleted;
    if (isThrough) this.counted.take(way, END);
    this.tallies.add(END, isThrough ? 'completed' : this.unreached);
    return this.tallies;
  }

  private get unreached(): GraphStatus {
    return this.pipeline.situation.unreached;
  }

  private list(nodes: readonly PipelineNode[], visit: Visit): { status: GraphStatus; way: Way } {
    let { way } = visit;
    let index = 0;
    for (let node = nodes[index]; node !== undefined; node = nodes[index]) {
      const passage = this.node(node, { ...visit, way });
      const next = nextOf(nodes, index, passage);
      if (passage.status !== 'completed' || next === undefined) {
        this.counted.mark(nodes.slice(index + 1), visit.id, this.unreached);
        return { status: next === undefined ? 'failed' : passage.status, way };
      }
      this.counted.mark(nodes.slice(index + 1, next), visit.id, 'skipped');
      const id = idOf(visit.id, node);
      const target = nodes[next];
      const jumps = passage.goto !== undefined && target !== undefined;
      if (jumps) this.tallies.of(id).note({ goto: idOf(visit.id, target) });
      way = { source: exitOf(node, id), kind: jumps ? 'goto' : 'next' };
      index = next;
    }
    return { status: 'completed', way };
  }

  private node(node: PipelineNode, { id: parent, path: around, way }: Visit): Passage {
    const id = idOf(parent, node);
    const visit: Visit = { id, path: within(around, segmentOf(node.name)), way };
    switch (node.kind) {
      case 'step':
        return this.counted.step(visit, node.undo !== undefined);
      case 'decision':
        return this.counted.led(this.counted.ask(id, visit));
      case 'branch':
        return this.block(id, this.branch(node, visit));
      case 'parallel':
        return this.block(id, this.parallel(node, visit));
      case 'foreach':
        return this.block(id, this.forEach(node, visit));
      case 'while':
        return this.block(id, this.while(node, visit));
      default:
        return node satisfies never;
    }
  }

  private block(id: string, passage: Passage): Passage {
    this.tallies.add(id, passage.status);
    return passage;
  }

  private branch(node: BranchNode, visit: Visit): Passage {
    const { id, path } = visit;
    const asked = this.counted.ask(questionOf(id), visit);
    const isAnswered = asked.status === 'completed';
    const clause = isAnswered ? clauseFor(node, this.counted.answerOf(asked.operation)) : undefined;
    const others = childrenOf(node).filter((each) => clause?.nodes.includes(each) !== true);
    this.counted.mark(others, id, isAnswered ? 'skipped' : this.unreached);
    if (clause === undefined) {
      this.tallies.add(joinOf(id), this.unreached);
      // An answer without a clause ends the execution.
      return { status: isAnswered ? 'failed' : asked.status };
    }
    const { key, nodes } = clause;
    this.tallies.of(id).note({ clause: key });
    const { status, way } = this.list(nodes, {
      id,
      path,
      way: { source: questionOf(id), kind: 'clause', label: key },
    });
    this.counted.meet(id, status, nodes.length === 0 ? way : { source: way.source, kind: 'join' });
    return { status };
  }

  private parallel(node: ParallelNode, visit: Visit): Passage {
    const { id, path } = visit;
    const isSettled = ({ status }: Passage): boolean =>
      status === 'completed' || (status === 'failed' && node.onError === 'continue');
    const way: Way = { source: forkOf(id), kind: 'parallel' };
    const passages = node.children.map((child) => {
      const passage = this.node(child, { id, path, way });
      const source = exitOf(child, idOf(id, child));
      // A block that failed was not left where blocks are left.
      const isLeft = passage.status === 'completed' || source === idOf(id, child);
      if (isLeft && isSettled(passage)) this.counted.take({ source, kind: 'join' }, joinOf(id));
      return passage;
    });
    const isJoined = this.pipeline.recorded.get(path) !== undefined;
    const isReached = isJoined || passages.some(({ status }) => hasBegun(status));
    if (isReached) this.counted.take(visit.way, forkOf(id));
    this.tallies.add(forkOf(id), isReached ? 'completed' : this.unreached);
    const open = passages.filter((passage) => !isSettled(passage));
    if (open.length > 0 && !isJoined) {
      this.tallies.add(joinOf(id), this.unreached);
      return { status: statusOfAll(open.map(({ status }) => status)) };
    }
    return this.counted.led(this.counted.join(id, path));
  }

  private forEach(node: ForEachNode, visit: Visit): Passage {
    const { id, path } = visit;
    const asked = this.counted.ask(questionOf(id), visit);
    const isAnswered = asked.status === 'completed';
    const count = isAnswered ? this.counted.itemCountOf(asked) : 0;
    const items = new Counter();
    let open = 0;
    for (let item = 0; item < count; item += 1) {
      if (open >= node.concurrency) {
        items.add(this.unreached);
        this.counted.mark(node.children, id, this.unreached);
        continue;
      }
      const { status, way } = this.list(node.children, {
        id,
        path: itemPathOf(path, item),
        way: { source: questionOf(id), kind: 'item' },
      });
      items.add(status);
      if (status === 'completed') this.counted.take({ source: way.source, kind: 'join' }, joinOf(id));
      else if (status !== 'failed') open += 1;
    }
    if (isAnswered) this.tallies.of(id).note({ items: items.counts() });
    const left = [...items.statuses()].filter(
      (status) => status !== 'completed' && !(status === 'failed' && node.onError === 'continue'),
    );
    if (count === 0) this.counted.mark(node.children, id, isAnswered ? 'skipped' : this.unreached);
    const status = isAnswered ? statusOfAll(left) : asked.status;
    this.counted.meet(id, status);
    return { status };
  }

  private while(node: WhileNode, visit: Visit): Passage {
    const { id, path } = visit;
    let { way } = visit;
    for (let round = 1; ; round += 1) {
      const inRound = { id, path: callPathOf(path, round), way };
      const asked = this.counted.ask(questionOf(id), inRound);
      const isAnswered = asked.status === 'completed';
      const goesOn = isAnswered && this.counted.answerOf(asked.operation) === true;
      if (!goesOn || round > node.max) {
        if (asked.operation !== undefined) this.tallies.of(id).note({ rounds: round - 1 });
        if (round === 1) this.counted.mark(node.children, id, isAnswered ? 'skipped' : this.unreached);
        return { status: goesOn ? 'failed' : asked.status };
      }
      this.tallies.of(id).note({ rounds: round });
      const passed = this.list(node.children, { ...inRound, way: { source: questionOf(id), kind: 'round' } });
      if (passed.status !== 'completed') return { status: passed.status };
      way = { source: passed.way.source, kind: 'loop' };
    }
  }
}
