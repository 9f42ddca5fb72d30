import {
  Branch,
  Compensate,
  Decision,
  ForEach,
  Parallel,
  Pipeline,
  Step,
  While,
  Workflow,
  type WorkflowClass,
} from 'nest-durable';
import type { NodePlan, PipelinePlan, StepPlan } from './pipeline-plan.js';
import {
  type Data,
  MOST_ATTEMPTS,
  mostRounds,
  type Onlooker,
  PlannedBodies,
  type Timing,
} from './planned-bodies.js';

type Bodies = PlannedBodies;
type Item = Parameters<Bodies['list']>[2];
type Index = number | undefined;

/** The workflow class of a plan, with the decorators that anybody would write. */
export function plannedClass(
  { seed, nodes }: PipelinePlan,
  onlooker: Onlooker,
  timing: Timing = 'settled',
): WorkflowClass<Pipeline<object, object>> {
  class RandomPipeline extends Pipeline<object, object> {}
  Object.defineProperty(RandomPipeline, 'name', { value: `RandomPipeline${seed}` });
  new ClassWriter(RandomPipeline.prototype, new PlannedBodies(onlooker, timing)).line(nodes, {
    block: undefined,
    isInLoop: false,
  });
  Workflow({ name: `random_${seed}` })(RandomPipeline);
  return RandomPipeline;
}

interface Surrounding {
  readonly block: string | undefined;
  readonly isInLoop: boolean;
}

/** Puts methods on a prototype, each under its decorator. */
class ClassWriter {
  constructor(
    private readonly prototype: object,
    private readonly bodies: Bodies,
  ) {}

  line(nodes: readonly NodePlan[], around: Surrounding): void {
    for (const node of nodes) this.#node(node, around);
  }

  #node(node: NodePlan, around: Surrounding): void {
    const { bodies } = this;
    const { name } = node;
    const place = around.block === undefined ? {} : { in: around.block };
    const inside = { block: name, isInLoop: around.isInLoop };
    switch (node.kind) {
      case 'step':
        return this.#step(node, place);
      case 'branch':
        this.#method(name, Branch(clausesOf(node.clauses), place), (data: Data, item: Item, index: Index) =>
          bodies.choose(node, data, item, index),
        );
        return this.line(Object.values(node.clauses).flat(), inside);
      case 'parallel': {
        const { onError, to } = node;
        const decorator = Parallel(namesOf(node.children), {
          onError,
          ...(to.length > 0 && { to }),
          ...place,
        });
        this.#method(name, decorator, (data: Data, results: unknown, item: Item) =>
          bodies.join(node, data, results, item),
        );
        return this.line(node.children, inside);
      }
      case 'foreach': {
        const { concurrency, onError, into, isSingle, children } = node;
        const names = namesOf(children);
        const work = isSingle ? (names[0] ?? '') : names;
        const decorator = ForEach({
          do: work,
          concurrency,
          onError,
          ...(into !== undefined && { into }),
          ...place,
        });
        this.#method(name, decorator, (data: Data, item: Item) => bodies.list(node, data, item));
        return this.line(children, { block: name, isInLoop: true });
      }
      case 'while': {
        const decorator = While({ do: namesOf(node.children), max: mostRounds(node), ...place });
        this.#method(name, decorator, (data: Data, item: Item) => bodies.goesOn(node, data, item));
        return this.line(node.children, inside);
      }
      case 'decision':
        return this.#method(name, Decision({ to: node.to, ...place }), (data: Data, item: Item) =>
          bodies.decide(node, data, item),
        );
    }
  }

  #step(node: StepPlan, place: { in?: string }): void {
    const { bodies } = this;
    const { name, title, undo } = node;
    const decorator = Step({
      ...(title !== undefined && { name: title }),
      retry: { maxAttempts: MOST_ATTEMPTS, backoff: 'constant', base: 1, jitter: 0 },
      ...place,
    });
    this.#method(name, decorator, (data: Data, item: Item, index: Index) =>
      bodies.runStep(node, data, item, index),
    );
    if (undo === undefined) return;
    const retry = { maxAttempts: 2, backoff: 'constant', base: 1, jitter: 0 } as const;
    this.#method(undo.method, Compensate(name, { retry }), (data: Data, told: unknown) =>
      bodies.undo(undo, data, told),
    );
  }

  #method(name: string, decorator: unknown, body: (...args: never[]) => unknown): void {
    Object.defineProperty(this.prototype, name, { value: body, writable: true, configurable: true });
    // What a compiler makes of a decorator. These know the types of no class that is written by hand.
    const written = Object.getOwnPropertyDescriptor(this.prototype, name);
    const decorated = Reflect.decorate([decorator as MethodDecorator], this.prototype, name, written);
    Object.defineProperty(this.prototype, name, decorated ?? {});
  }
}

function namesOf(nodes: readonly NodePlan[]): string[] {
  return nodes.map(({ name }) => name);
}

function clausesOf(clauses: Readonly<Record<string, readonly NodePlan[]>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(clauses).map(([answer, nodes]) => [answer, namesOf(nodes)]));
}
