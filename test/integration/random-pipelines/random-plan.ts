import { SeededRandom } from '../../crash/support/random.js';
import {
  type BranchPlan,
  type Failure,
  type ForEachPlan,
  type NodePlan,
  type ParallelPlan,
  type PipelinePlan,
  type StepPlan,
  countersIn,
} from './pipeline-plan.js';
import { clashOf, withSleeper } from './siblings.js';
import type { Standing } from './standing.js';

const DEEPEST = 4;
const MOST_NODES = 16;
/** A key that many steps write and remove, where nobody stands beside them. */
const SHARED = 'shared';

/** The same pipeline for the same seed. */
export function randomPlan(seed: number): PipelinePlan {
  return new Planner(new SeededRandom(seed * 7_919 + 17)).pipeline(seed);
}

class Planner {
  #count = 0;
  #most = MOST_NODES;

  constructor(private readonly random: SeededRandom) {}

  pipeline(seed: number): PipelinePlan {
    const at: Standing = {
      depth: 0,
      isBeside: false,
      items: [],
      isInLoop: false,
      reach: this.#happens(0.2) ? 0 : undefined,
      chance: 0.1,
    };
    const nodes = this.line(at, { least: 2, most: 4 });
    const end = this.random.pick(['nothing', 'step', 'block', 'block'] as const);
    if (end === 'nothing') return { seed, nodes };
    if (end === 'step') return { seed, nodes: [...nodes, this.#step(at, { fails: { when: [], reach: 0 } })] };
    // What it had to undo before lies behind it; in here there is more, side by side.
    this.#most = this.#count + 8;
    const block = this.#block(
      { ...at, reach: 0, chance: 0.5 },
      this.random.pick(['parallel', 'foreach', 'foreach'] as const),
    );
    return { seed, nodes: [...nodes, this.#led(block, [])] };
  }

  line(at: Standing, { least, most }: { least: number; most: number }): NodePlan[] {
    const nodes = Array.from({ length: this.random.between(least, most) }, () => this.#node(at));
    return nodes.map((node, place) => this.#led(node, nodes.slice(place + 1)));
  }

  /** A node with nothing after it. */
  #single(at: Standing): NodePlan {
    return this.#led(this.#node(at), []);
  }

  #node(at: Standing): NodePlan {
    const isBlock = at.depth < DEEPEST && this.#count < this.#most && this.#happens(0.5);
    if (!isBlock) return this.#step(at);
    return this.#block(at, this.random.pick(['branch', 'parallel', 'foreach', 'while', 'decision'] as const));
  }

  #block(at: Standing, kind: NodePlan['kind']): NodePlan {
    const inner = { ...at, depth: at.depth + 1 };
    switch (kind) {
      case 'step':
        return this.#step(at);
      case 'branch':
        return this.#branch(at, inner);
      case 'parallel':
        return this.#parallel(at, inner);
      case 'foreach':
        return this.#forEach(at, inner);
      case 'while':
        return this.#while(at, inner);
      case 'decision':
        return {
          kind: 'decision',
          name: this.#name('skip'),
          to: [],
          stumbles: this.#happens(0.2),
          fails: undefined,
        };
    }
  }

  #step(at: Standing, facts: Partial<StepPlan> = {}): StepPlan {
    const name = this.#name('step');
    const returns = this.random.pick([
      'additions',
      'additions',
      'additions',
      'additions',
      'nothing',
      'null',
    ] as const);
    const undo = {
      method: `undo_${name}`,
      stumbles: this.random.pick([0, 0, 0, 0, 1, Infinity]),
      inline: this.#happens(0.2),
      commits: this.#happens(0.05),
    };
    return {
      kind: 'step',
      name,
      title: this.#happens(0.1) ? `${name} 100% / #1` : undefined,
      returns,
      adds: at.isBeside || this.#happens(0.7) ? [`of_${name}`] : [SHARED],
      removes: !at.isBeside && this.#happens(0.15) ? [SHARED] : [],
      counts: undefined,
      stumbles: this.#happens(0.2) ? this.random.between(1, 2) : 0,
      fails: this.#failure(at, at.chance),
      inline: this.#happens(0.15) ? this.random.between(1, 2) : 0,
      naps: this.#happens(0.08) ? this.random.between(1, 3) : 0,
      commits: this.#happens(0.03),
      undo: this.#happens(0.65) ? undo : undefined,
      ...facts,
    };
  }

  #branch(at: Standing, inner: Standing): BranchPlan {
    const name = this.#name('pick');
    const clause = (): NodePlan[] => this.line(inner, { least: 1, most: 2 });
    const fails = this.#failure(at, 0.05);
    switch (this.random.between(1, 4)) {
      case 1:
        return {
          kind: 'branch',
          name,
          clauses: { true: clause(), false: clause() },
          answers: [true, false],
          fails,
        };
      case 2:
        return { kind: 'branch', name, clauses: { 7: clause(), 8: clause() }, answers: [7, 8], fails };
      case 3:
        return {
          kind: 'branch',
          name,
          clauses: { left: clause(), default: clause() },
          answers: ['left', 'other', null],
          fails: undefined,
        };
      default:
        return {
          kind: 'branch',
          name,
          clauses: { a: clause(), b: clause(), c: clause() },
          answers: ['a', 'b', 'c'],
          fails,
        };
    }
  }

  #parallel(at: Standing, inner: Standing): ParallelPlan {
    const name = this.#name('together');
    const count = this.random.between(2, 3);
    const onError = this.random.pick(['fail', 'fail', 'continue'] as const);
    const culprit = this.random.between(0, count - 1);
    const isDoomed = onError === 'fail' && this.#happens(0.3);
    const children = Array.from({ length: count }, (_, place) => {
      const reach = onError === 'continue' ? inner.depth : place === culprit ? at.reach : undefined;
      const chance = onError === 'continue' ? 0.35 : at.chance;
      const standing = { ...inner, isBeside: true, reach, chance };
      return isDoomed && reach !== undefined
        ? this.#step(standing, { fails: { when: at.items, reach } })
        : this.#single(standing);
    });
    const join =
      onError === 'continue' ? 'adds' : this.random.pick(['merges', 'merges', 'adds', 'leads'] as const);
    const clash =
      onError === 'fail' && join === 'merges' && this.#happens(0.3) ? clashOf(at, children) : undefined;
    return {
      kind: 'parallel',
      name,
      children:
        clash?.children ?? (onError === 'fail' && this.#happens(0.7) ? withSleeper(children) : children),
      onError,
      join,
      to: [],
      fails: clash?.fails,
    };
  }

  #forEach(at: Standing, inner: Standing): ForEachPlan {
    const name = this.#name('each');
    const items = at.isInLoop ? this.random.between(0, 3) : this.random.pick([0, 1, 2, 3, 4, 4, 5]);
    const onError = this.random.pick(['fail', 'fail', 'continue'] as const);
    const culprit = onError === 'fail' ? this.random.between(0, Math.max(0, items - 1)) : null;
    const isSingle = this.#happens(0.5);
    const standing: Standing = {
      ...inner,
      isBeside: false,
      isInLoop: true,
      items: [...at.items, culprit],
      reach: onError === 'continue' ? inner.depth : at.reach,
      chance: onError === 'continue' ? 0.35 : at.chance,
    };
    const children = isSingle ? [this.#single(standing)] : this.line(standing, { least: 1, most: 3 });
    return {
      kind: 'foreach',
      name,
      children,
      isSingle,
      items,
      concurrency: this.random.between(1, 4),
      onError,
      into: this.#happens(0.7) ? `of_${name}` : undefined,
      fails: this.#failure(at, 0.05),
    };
  }

  #while(at: Standing, inner: Standing): NodePlan {
    const name = this.#name('again');
    const counter = `rounds_of_${name}`;
    const children = this.line({ ...inner, isInLoop: true }, { least: 1, most: 2 });
    const tick = this.#step(inner, {
      returns: 'additions',
      adds: [],
      counts: counter,
      // The counters of loops inside begin anew in each round.
      removes: countersIn(children),
      fails: undefined,
    });
    return {
      kind: 'while',
      name,
      children: [tick, ...children],
      counter,
      rounds: this.random.between(0, at.isInLoop ? 2 : 3),
      fails: this.#failure(at, 0.1),
    };
  }

  #led(node: NodePlan, later: readonly NodePlan[]): NodePlan {
    const to = later.filter(() => this.#happens(0.6)).map(({ name }) => name);
    if (node.kind === 'parallel' && node.join === 'leads') {
      return to.length === 0 ? { ...node, join: 'adds' } : { ...node, to };
    }
    if (node.kind !== 'decision') return node;
    return to.length === 0 ? this.#unled(node.name) : { ...node, to };
  }

  /** A decision with nothing after it is none. */
  #unled(name: string): StepPlan {
    return {
      ...this.#step({
        depth: DEEPEST,
        isBeside: true,
        items: [],
        isInLoop: false,
        reach: undefined,
        chance: 0,
      }),
      name,
      adds: [`of_${name}`],
      undo: undefined,
    };
  }

  #failure({ reach, items }: Standing, chance: number): Failure | undefined {
    if (reach === undefined || !this.#happens(chance)) return undefined;
    const when = items.map((culprit) =>
      culprit === null ? this.random.pick([null, 0, 1, 2] as const) : culprit,
    );
    return { when, reach };
  }

  #name(kind: string): string {
    this.#count += 1;
    return `${kind}${this.#count}`;
  }

  #happens(chance: number): boolean {
    return this.random.next() < chance;
  }
}
