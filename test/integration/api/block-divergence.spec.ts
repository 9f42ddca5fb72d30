import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Type } from '@nestjs/common';
import {
  Branch,
  execution,
  type ExecutionHandle,
  ForEach,
  Parallel,
  Pipeline,
  ReplayDivergence,
  Step,
  While,
  Workflow,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import { Gate } from '../../support/gate.js';
import { causeOf } from '../../support/outcome.js';
import { HASTY } from '../../support/restart.js';

/** Which bodies ran, by workflow: every case below is one of its own. */
const ran = new Map<string, string[]>();
let gate = new Gate();

/** Blocks and steps of one pipeline: the children of each, by its method. */
interface Shape {
  readonly branch?: readonly string[];
  readonly parallel?: readonly string[];
  readonly items?: readonly string[];
  readonly rounds?: readonly string[];
  /** The main line; a block stands in it under its own name. */
  readonly line: readonly string[];
}

const blocks = {
  branch: { decorate: (names: string[]) => Branch({ default: names }), ask: () => null },
  parallel: { decorate: (names: string[]) => Parallel(names), ask: () => undefined },
  items: { decorate: (names: string[]) => ForEach({ do: names, concurrency: 1 }), ask: () => ['x', 'y'] },
  rounds: {
    decorate: (names: string[]) => While({ do: names, max: 2 }),
    ask: ({ round = 0 }: { round?: number }) => round < 2,
  },
};
type BlockName = keyof typeof blocks;

/** A version of a pipeline: what its history says is held against another one. */
function versionOf(name: string, shape: Shape): Type {
  class Changing extends Pipeline<void, { round?: number }> {}
  const declare = (method: string, decorate: (...args: never[]) => unknown, value: unknown): void => {
    const descriptor = { value, configurable: true, writable: true };
    Reflect.apply(decorate, undefined, [Changing.prototype, method, descriptor]);
    Object.defineProperty(Changing.prototype, method, descriptor);
  };
  const declareStep = (step: string, block?: BlockName): void => {
    if (Object.hasOwn(Changing.prototype, step)) return;
    declare(
      step,
      Step(block === undefined ? {} : ({ in: block } as object)),
      async (data: { round?: number }) => {
        if (step === 'held') return await gate.pass(execution().signal);
        ran.set(name, [...(ran.get(name) ?? []), step]);
        return block === 'rounds' && step === 'a' ? { round: (data.round ?? 0) + 1 } : undefined;
      },
    );
  };
  for (const step of shape.line) {
    if (!(step in blocks)) {
      declareStep(step);
      continue;
    }
    const block = step as BlockName;
    const children = shape[block] ?? [];
    declare(block, blocks[block].decorate([...children]) as (...args: never[]) => unknown, blocks[block].ask);
    for (const child of children) declareStep(child, block);
  }
  Workflow({ name })(Changing);
  return Changing;
}

interface Change {
  readonly before: Shape;
  readonly after: Shape;
  readonly ran: readonly string[];
}

interface Divergence extends Change {
  readonly recorded: string;
  readonly called: string;
}

const diverging: Readonly<Record<string, Divergence>> = {
  'renames a child of a clause that was run': {
    before: { line: ['branch'], branch: ['a', 'b', 'held'] },
    after: { line: ['branch'], branch: ['a', 'c', 'held'] },
    recorded: 'step "b"',
    called: '"c"',
    ran: ['a', 'b'],
  },
  'removes a child of a clause that was run': {
    before: { line: ['branch'], branch: ['a', 'b', 'held'] },
    after: { line: ['branch'], branch: ['a', 'held'] },
    recorded: 'step "b"',
    called: 'step "held"',
    ran: ['a', 'b'],
  },
  'removes the last child of a clause that was run': {
    before: { line: ['branch', 'held'], branch: ['a', 'b'] },
    after: { line: ['branch', 'held'], branch: ['a'] },
    recorded: 'step "b"',
    called: 'step "held"',
    ran: ['a', 'b'],
  },
  'adds a child before one that was run': {
    before: { line: ['branch'], branch: ['a', 'b', 'held'] },
    after: { line: ['branch'], branch: ['a', 'c', 'b', 'held'] },
    recorded: 'step "b"',
    called: 'step "c"',
    ran: ['a', 'b'],
  },
  'adds a child to a clause that is over': {
    before: { line: ['branch', 'z', 'held'], branch: ['a'] },
    after: { line: ['branch', 'z', 'held'], branch: ['a', 'b'] },
    recorded: 'step "z"',
    called: 'step "b"',
    ran: ['a', 'z'],
  },
  'adds a child to a parallel block that is over': {
    before: { line: ['parallel', 'z', 'held'], parallel: ['a', 'b'] },
    after: { line: ['parallel', 'z', 'held'], parallel: ['a', 'b', 'c'] },
    recorded: 'parallel "parallel"',
    called: 'step "c"',
    ran: ['a', 'b', 'z'],
  },
  'adds a child to items that are over': {
    before: { line: ['items', 'z', 'held'], items: ['a'] },
    after: { line: ['items', 'z', 'held'], items: ['a', 'b'] },
    recorded: 'step "z"',
    called: 'step "b"',
    ran: ['a', 'a', 'z'],
  },
  'adds a child to rounds that are over': {
    before: { line: ['rounds', 'z', 'held'], rounds: ['a'] },
    after: { line: ['rounds', 'z', 'held'], rounds: ['a', 'b'] },
    recorded: 'while "rounds" (call 2)',
    called: 'step "b"',
    ran: ['a', 'a', 'z'],
  },
  'renames a child of a parallel block': {
    before: { line: ['parallel'], parallel: ['a', 'held'] },
    after: { line: ['parallel'], parallel: ['c', 'held'] },
    recorded: 'step "a"',
    called: '"c"',
    ran: ['a'],
  },
  'removes a child of a parallel block': {
    before: { line: ['parallel'], parallel: ['a', 'held'] },
    after: { line: ['parallel'], parallel: ['held'] },
    recorded: 'step "a"',
    called: '"held"',
    ran: ['a'],
  },
  'removes a parallel block whose children are not all done': {
    before: { line: ['parallel', 'z'], parallel: ['a', 'held'] },
    after: { line: ['z'] },
    recorded: 'step "a"',
    called: '"z"',
    ran: ['a'],
  },
  'removes a block': {
    before: { line: ['branch', 'held'], branch: ['a'] },
    after: { line: ['held'] },
    recorded: 'branch "branch"',
    called: '"held"',
    ran: ['a'],
  },
  'makes another block of a block': {
    before: { line: ['branch', 'held'], branch: ['a'] },
    after: { line: ['items', 'held'], items: ['a'] },
    recorded: 'branch "branch"',
    called: '"items"',
    ran: ['a'],
  },
  'renames a step of items that are done': {
    before: { line: ['items', 'held'], items: ['a', 'b'] },
    after: { line: ['items', 'held'], items: ['a', 'c'] },
    recorded: 'step "b"',
    called: '"c"',
    ran: ['a', 'b', 'a', 'b'],
  },
  'renames a step of rounds that are done': {
    before: { line: ['rounds', 'held'], rounds: ['a', 'b'] },
    after: { line: ['rounds', 'held'], rounds: ['a', 'c'] },
    recorded: 'step "b"',
    called: '"c"',
    ran: ['a', 'b', 'a', 'b'],
  },
};

const compatible: Readonly<Record<string, Change>> = {
  'adds a child at the end of the clause that it is in': {
    before: { line: ['branch'], branch: ['a', 'held'] },
    after: { line: ['branch'], branch: ['a', 'held', 'b'] },
    ran: ['a', 'b'],
  },
  'adds a child to a parallel block that is not over': {
    before: { line: ['parallel'], parallel: ['a', 'held'] },
    after: { line: ['parallel'], parallel: ['a', 'held', 'b'] },
    ran: ['a', 'b'],
  },
  'adds a node after the block that it is in': {
    before: { line: ['branch'], branch: ['a', 'held'] },
    after: { line: ['branch', 'z'], branch: ['a', 'held'] },
    ran: ['a', 'z'],
  },
};

const changes: [string, Change][] = Object.entries({ ...diverging, ...compatible });
const before = changes.map(([name, change]) => versionOf(name, change.before));
const after = changes.map(([name, change]) => versionOf(name, change.after));

onDatabase('PostgreSQL', (database) => {
  const handles = new Map<string, ExecutionHandle>();

  // All at once: the engine is patient with quiet code before it calls a history diverged.
  beforeAll(async () => {
    ran.clear();
    gate = new Gate();
    const options = { ...HASTY, queues: { default: { concurrency: before.length } } };
    const first = await database.start(before, options);
    const started = await Promise.all(changes.map(([name]) => first.client.start(name)));
    await gate.reached(before.length);
    await first.close();
    gate.open();
    const second = await database.start(after, options);
    for (const { id, workflow } of started) {
      handles.set(workflow, await second.client.handle(workflow, { id }));
    }
  });
  afterAll(() => database.closeApps());

  function handleOf(name: string): ExecutionHandle {
    const handle = handles.get(name);
    if (handle === undefined) throw new Error(`Nothing was started for ${name}.`);
    return handle;
  }

  describe('A deploy that', () => {
    it.each(Object.entries(diverging))(
      '%s makes what is under way fail, names both sides, and runs no body',
      async (name, { recorded, called, ran: expected }) => {
        const divergence = await causeOf(handleOf(name), ReplayDivergence);
        expect(divergence.executionId).toBe(handleOf(name).id);
        expect(divergence.recorded).toContain(recorded);
        expect(divergence.called).toContain(called);
        expect(ran.get(name)).toEqual(expected);
      },
    );

    it.each(Object.entries(compatible))('%s lets it go on', async (name, { ran: expected }) => {
      await handleOf(name).result();
      expect(ran.get(name)?.toSorted()).toEqual([...expected].toSorted());
    });
  });
});
