import type { PipelineNode, WorkflowDefinition } from '../../../lib/definition/workflow-definition.js';
import { branch, decision, forEach, loop, parallel, pipeline, step } from './definitions.js';
import { type History, history } from './histories.js';

/** A pipeline and an execution of it, both made up; the same for the same seed. */
export interface MadeUp {
  readonly definition: WorkflowDefinition;
  readonly past: History;
}

export function madeUp(seed: number): MadeUp {
  const random = randomFrom(seed);
  const definition = pipeline(...new Maker(random).list(3));
  const past = history();
  record(definition.nodes, '', past, random);
  return { definition, past };
}

type Random = (below: number) => number;

/** Mulberry32. */
function randomFrom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

class Maker {
  #count = 0;

  constructor(private readonly random: Random) {}

  list(depth: number): PipelineNode[] {
    return Array.from({ length: 1 + this.random(4) }, () => this.node(depth));
  }

  private node(depth: number): PipelineNode {
    this.#count += 1;
    const name = `n${this.#count}`;
    if (depth === 0 || this.random(3) === 0)
      return step(name, this.random(2) === 0 ? `undo_${name}` : undefined);
    const inside = (): PipelineNode[] => this.list(depth - 1);
    switch (this.random(5)) {
      case 0:
        return branch(name, { a: inside(), b: inside() }, this.random(2) === 0 ? inside() : undefined);
      case 1:
        return parallel(name, inside(), { onError: this.random(2) === 0 ? 'fail' : 'continue' });
      case 2:
        return forEach(name, inside(), { concurrency: 1 + this.random(5), into: 'all' });
      case 3:
        return loop(name, inside());
      default:
        return decision(name);
    }
  }
}

/** Lines as an execution of these nodes would leave them, up to where it failed; gives whether it came through. */
function record(nodes: readonly PipelineNode[], scope: string, past: History, random: Random): boolean {
  return nodes.every((node) =>
    recordNode(node, scope === '' ? node.name : `${scope}/${node.name}`, past, random),
  );
}

function recordNode(node: PipelineNode, path: string, past: History, random: Random): boolean {
  const { kind } = node;
  switch (kind) {
    case 'step': {
      const fails = random(40) === 0;
      past.add(path, fails ? { outcome: 'failed', error: 'no' } : {});
      return !fails;
    }
    case 'decision':
      past.add(path, { kind });
      return true;
    case 'branch': {
      const [key, children] = [...node.clauses][random(node.clauses.size)] ?? ['', []];
      past.add(path, { kind, output: key });
      return record(children, path, past, random);
    }
    case 'parallel': {
      const outcomes = node.children.map((child) => record([child], path, past, random));
      if (outcomes.includes(false) && node.onError === 'fail') return false;
      past.add(path, { kind });
      return true;
    }
    case 'foreach': {
      const items = Array.from({ length: random(4) }, (_, item) => item);
      past.add(path, { kind, output: items });
      return items.map((item) => record(node.children, `${path}/${item}`, past, random)).every(Boolean);
    }
    case 'while': {
      const rounds = random(3);
      for (let round = 1; round <= rounds; round += 1) {
        const asking = round === 1 ? path : `${path}#${round}`;
        past.add(asking, { kind, output: true });
        if (!record(node.children, asking, past, random)) return false;
      }
      past.add(rounds === 0 ? path : `${path}#${rounds + 1}`, { kind, output: false });
      return true;
    }
    default:
      return kind satisfies never;
  }
}
