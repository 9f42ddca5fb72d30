import { setImmediate as turn } from 'node:timers/promises';
import { commit, execution, FatalError, goto, RetryAfter, sleep, step } from 'nest-durable';
import { hash32 } from '../../../lib/identity/hash.js';
import { lastAtWork, type Urgency } from './last-at-work.js';
import type {
  BranchPlan,
  DecisionPlan,
  Failure,
  ForEachPlan,
  ParallelPlan,
  StepPlan,
  UndoPlan,
  WhilePlan,
} from './pipeline-plan.js';
import { digestOf, plain, valueOf } from './plain-value.js';

export const MOST_ATTEMPTS = 3;

/** One run of a body. */
export interface BodyRun {
  readonly execution: string;
  readonly path: string;
  readonly attempt: number;
  readonly args: unknown;
}

/**
 * When bodies fail that fail: once everything beside them has ended, so that what completes is the same every time, or
 * whenever it comes.
 */
export type Timing = 'settled' | 'wild';

/** Told of every body that begins. */
export interface Onlooker {
  began(run: BodyRun): unknown;
}

/** What loops hand on: which item of each loop it is, from the outside in. */
interface Item {
  readonly chain: readonly number[];
}

export type Data = Readonly<Record<string, unknown>>;

/** What the methods of a random pipeline do. It depends on what they are given, and on nothing else. */
export class PlannedBodies {
  constructor(
    private readonly onlooker: Onlooker,
    private readonly timing: Timing,
  ) {}

  async runStep(plan: StepPlan, data: Data, item: Item | undefined, index: number | undefined) {
    this.#begins([data, item, index]);
    await this.#dawdle(plan.name);
    const { attempt } = execution();
    for (let n = 1; n <= plan.inline; n += 1) {
      await step('detail', { retry: { maxAttempts: 3, base: 1, jitter: 0 } }, () =>
        this.#detail(plan.name, n),
      );
    }
    if (plan.naps > 0) await sleep(plan.naps);
    if (attempt <= plan.stumbles) throw new Error(`${plan.name} stumbles (${attempt})`);
    await this.#failIf(plan.fails, item, plan.name);
    if (plan.commits) {
      await this.#ready({ isCommit: true, reach: 0 });
      await commit();
    }
    return additionsOf(plan, data, digestOf(plan.name, data, item, index));
  }

  async undo({ stumbles, inline, commits, method }: UndoPlan, data: Data, undo: unknown) {
    this.#begins([data, undo]);
    const { attempt } = execution();
    if (inline) await step('detail', () => this.#detail(method, 1));
    if (commits) await commit();
    if (attempt <= stumbles) throw new Error(`${method} stumbles (${attempt})`);
    return { nobody: 'asks for this' };
  }

  async choose(plan: BranchPlan, data: Data, item: Item | undefined, index: number | undefined) {
    this.#begins([data, item, index]);
    if (isDue(plan.fails, item)) {
      await this.#ready({ isCommit: false, reach: plan.fails.reach });
      return 'no such clause';
    }
    return plan.answers[digestOf(plan.name, data, item, index) % plan.answers.length];
  }

  async join(plan: ParallelPlan, data: Data, results: unknown, item: Item | undefined) {
    this.#begins([data, results, item]);
    const digest = digestOf(plan.name, data, results, item);
    if (plan.fails !== undefined) {
      await this.#ready({ isCommit: false, reach: plan.fails.reach });
      return undefined;
    }
    const additions = { [`of_${plan.name}`]: plan.onError === 'continue' ? plain(results) : valueOf(digest) };
    if (plan.join === 'merges') return undefined;
    if (plan.join === 'adds') return additions;
    const target = plan.to[digest % (plan.to.length + 1)];
    return target === undefined ? additions : goto(target, additions);
  }

  async list(plan: ForEachPlan, data: Data, item: Item | undefined) {
    this.#begins([data, item]);
    if (isDue(plan.fails, item)) {
      await this.#ready({ isCommit: false, reach: plan.fails.reach });
      return 'no list';
    }
    const chain = item?.chain ?? [];
    return Array.from({ length: plan.items }, (_, index): Item => ({ chain: [...chain, index] }));
  }

  async goesOn(plan: WhilePlan, data: Data, item: Item | undefined) {
    this.#begins([data, item]);
    const rounds = Number(data[plan.counter] ?? 0);
    if (rounds < plan.rounds) return true;
    if (!isDue(plan.fails, item)) return false;
    if (rounds >= mostRounds(plan)) await this.#ready({ isCommit: false, reach: plan.fails.reach });
    return true;
  }

  decide(plan: DecisionPlan, data: Data, item: Item | undefined) {
    this.#begins([data, item]);
    if (plan.stumbles && execution().attempt === 1) throw new RetryAfter(1);
    const digest = digestOf(plan.name, data, item);
    const target = plan.to[digest % (plan.to.length + 1)];
    if (target !== undefined) return digest % 2 === 0 ? goto(target) : goto(target, { led_by: plan.name });
    return digest % 3 === 0 ? undefined : { [`of_${plan.name}`]: valueOf(digest) };
  }

  /** What makes a difference to others comes when they are done, or at any time. */
  async #ready(urgency: Urgency): Promise<void> {
    if (this.timing === 'settled') await lastAtWork(urgency);
  }

  async #dawdle(name: string): Promise<void> {
    if (this.timing === 'settled') return;
    const { idempotencyKey } = execution();
    for (let turns = hash32(`${idempotencyKey} ${name}`) & 7; turns > 0; turns -= 1) await turn();
  }

  #begins(args: unknown): void {
    const { id, idempotencyKey, attempt } = execution();
    this.onlooker.began({
      execution: id,
      path: idempotencyKey.slice(id.length + 1),
      attempt,
      args: plain(args),
    });
  }

  #detail(name: string, n: number): unknown {
    this.#begins([name, n]);
    if (n === 2 && execution().attempt === 1) throw new Error(`A detail of ${name} stumbles`);
    return valueOf(digestOf(name, n));
  }

  async #failIf(failure: Failure | undefined, item: Item | undefined, name: string): Promise<void> {
    if (!isDue(failure, item)) return;
    if (digestOf(name) % 2 === 0 && execution().attempt < MOST_ATTEMPTS)
      throw new Error(`${name} fails for now`);
    await this.#ready({ isCommit: false, reach: failure.reach });
    throw new FatalError(`${name} fails`);
  }
}

export function mostRounds({ rounds }: WhilePlan): number {
  return Math.max(1, rounds);
}

function isDue(failure: Failure | undefined, item: Item | undefined): failure is Failure {
  if (failure === undefined) return false;
  const chain = item?.chain ?? [];
  return failure.when.every((wanted, level) => wanted === null || chain[level] === wanted);
}

function additionsOf(plan: StepPlan, data: Data, digest: number): object | null | undefined {
  if (plan.returns === 'nothing') return undefined;
  if (plan.returns === 'null') return null;
  const { counts } = plan;
  return {
    ...Object.fromEntries(plan.removes.map((key) => [key, undefined])),
    ...Object.fromEntries(plan.adds.map((key, place) => [key, valueOf(digest + place)])),
    ...(counts !== undefined && { [counts]: Number(data[counts] ?? 0) + 1 }),
  };
}
