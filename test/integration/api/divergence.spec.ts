import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Type } from '@nestjs/common';
import {
  execution,
  type ExecutionHandle,
  Pipeline,
  ReplayDivergence,
  Run,
  sleep,
  Step,
  step,
  Workflow,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import { Gate } from '../../support/gate.js';
import { causeOf } from '../../support/outcome.js';
import { HASTY } from '../../support/restart.js';

/** Which bodies ran, by workflow: every case below is one of its own. */
const runs = new Map<string, string[]>();
let gate = new Gate();

function ran(body: string): void {
  const { workflow } = execution();
  runs.set(workflow, [...(runs.get(workflow) ?? []), body]);
}

abstract class Steps {
  @Step()
  async a(argument?: unknown) {
    ran('a');
    return argument;
  }

  @Step()
  async b() {
    ran('b');
  }

  @Step()
  async c() {
    ran('c');
  }

  @Step()
  async gate() {
    await gate.pass(execution().signal);
  }
}

type Code = (steps: Steps) => Promise<unknown>;

/** A version of the workflow whose run method does this. */
function codeOf(name: string, code: Code): Type {
  @Workflow({ name })
  class Changing extends Steps {
    @Run()
    async run() {
      return await code(this);
    }
  }
  return Changing;
}

/** A version of the pipeline with these steps. */
function lineOf(name: string, ...steps: readonly string[]): Type {
  class Changing extends Pipeline {}
  for (const step of steps) {
    const descriptor = {
      value: async () => {
        if (step === 'gate') await gate.pass(execution().signal);
        else ran(step);
      },
      configurable: true,
      writable: true,
    };
    Step()(Changing.prototype as object, step, descriptor);
    Object.defineProperty(Changing.prototype, step, descriptor);
  }
  Workflow({ name })(Changing);
  return Changing;
}

const held: Code = async (steps) => {
  await steps.a({ x: 1, y: 2 });
  await steps.b();
  await steps.gate();
  return 'done';
};

const diverging: Readonly<Record<string, { code: Code; recorded: string; called: string }>> = {
  'calls a step of another name': {
    code: async (steps) => {
      await steps.c();
      await steps.b();
      await steps.gate();
    },
    recorded: 'step "a"',
    called: 'step "c"',
  },
  'passes other arguments': {
    code: async (steps) => {
      await steps.a({ x: 1, y: 3 });
      await steps.b();
      await steps.gate();
    },
    recorded: 'step "a"',
    called: 'step "a"',
  },
  'calls a step more': {
    code: async (steps) => {
      await steps.a({ x: 1, y: 2 });
      await steps.c();
      await steps.b();
      await steps.gate();
    },
    recorded: 'step "b"',
    called: 'step "c"',
  },
  'calls a step twice': {
    code: async (steps) => {
      await steps.a({ x: 1, y: 2 });
      await steps.a({ x: 1, y: 2 });
      await steps.b();
      await steps.gate();
    },
    recorded: 'step "b"',
    called: 'step "a" (call 2)',
  },
  'calls a step less and goes on': {
    code: async (steps) => {
      await steps.a({ x: 1, y: 2 });
      await steps.gate();
    },
    recorded: 'step "b"',
    called: 'step "gate"',
  },
  'calls a step less and ends': {
    code: async (steps) => {
      await steps.a({ x: 1, y: 2 });
    },
    recorded: 'step "b"',
    called: 'nothing more',
  },
  'calls nothing': { code: async () => 'done', recorded: 'step "a"', called: 'nothing more' },
  'throws early': {
    code: async (steps) => {
      await steps.a({ x: 1, y: 2 });
      throw new Error('other code');
    },
    recorded: 'step "b"',
    called: 'nothing more',
  },
  'calls another kind of operation': {
    code: async (steps) => {
      await sleep('1h');
      await steps.b();
    },
    recorded: 'step "a"',
    called: 'sleep "sleep"',
  },
  'has an inline step in between': {
    code: async (steps) => {
      await steps.a({ x: 1, y: 2 });
      await step('new', () => ran('new'));
      await steps.b();
    },
    recorded: 'step "b"',
    called: 'step "new"',
  },
};

const compatible: Readonly<Record<string, Code>> = {
  'the same code': held,
  'arguments that are equal': async (steps) => {
    await steps.a({ x: 3 - 2, y: 1 + 1 });
    await steps.b();
    await steps.gate();
    return 'done';
  },
  'another step after what was recorded': async (steps) => {
    await held(steps);
    return await step('new', () => 'done');
  },
  'steps called at once instead of one after the other': async (steps) => {
    await Promise.all([steps.b(), steps.a({ x: 1, y: 2 })]);
    await steps.gate();
    return 'done';
  },
};

const divergingLines: Readonly<Record<string, { names: string[]; recorded: string; called: string }>> = {
  'has a renamed step': { names: ['a', 'c', 'gate'], recorded: 'step "b"', called: 'step "c"' },
  'has a new step in between': { names: ['a', 'c', 'b', 'gate'], recorded: 'step "b"', called: 'step "c"' },
  'has its steps in another order': { names: ['b', 'a', 'gate'], recorded: 'step "a"', called: 'step "b"' },
  'has lost a step': { names: ['a', 'gate'], recorded: 'step "b"', called: 'step "gate"' },
  'ends before what was recorded': { names: ['a'], recorded: 'step "b"', called: 'nothing more' },
};

const compatibleLines: Readonly<Record<string, string[]>> = {
  'the same steps': ['a', 'b', 'gate'],
  'another step at its end': ['a', 'b', 'gate', 'c'],
};

const codes = { ...mapped(diverging, ({ code }) => code), ...compatible };
const lines = { ...mapped(divergingLines, ({ names }) => names), ...compatibleLines };

const before = [
  ...Object.keys(codes).map((name) => codeOf(name, held)),
  ...Object.keys(lines).map((name) => lineOf(name, 'a', 'b', 'gate')),
];
const after = [
  ...Object.entries(codes).map(([name, code]) => codeOf(name, code)),
  ...Object.entries(lines).map(([name, steps]) => lineOf(name, ...steps)),
];

onDatabase('PostgreSQL', (database) => {
  const handles = new Map<string, ExecutionHandle>();

  // All at once: the engine is patient with quiet code before it calls a history diverged.
  beforeAll(async () => {
    runs.clear();
    gate = new Gate();
    const options = { ...HASTY, queues: { default: { concurrency: before.length } } };
    const first = await database.start(before, options);
    const started = await Promise.all(before.map((workflow) => first.client.start<Runs>(workflow)));
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

  describe('A run method that on its replay', () => {
    it.each(Object.entries(diverging))(
      '%s fails, naming both sides, and runs no body',
      async (name, { recorded, called }) => {
        const divergence = await causeOf(handleOf(name), ReplayDivergence);
        expect(divergence).toMatchObject({ executionId: handleOf(name).id, recorded });
        expect(divergence.called).toContain(called);
        expect(divergence.message).toContain(recorded);
        expect(divergence.message).toContain(called);
        expect(runs.get(name)).toEqual(['a', 'b']);
      },
    );

    it.each(Object.keys(compatible))('has %s goes on', async (name) => {
      expect(await handleOf(name).result()).toBe('done');
      expect(runs.get(name)).toEqual(['a', 'b']);
    });
  });

  describe('A pipeline that on its replay', () => {
    it.each(Object.entries(divergingLines))(
      '%s fails, naming both sides, and runs no body',
      async (name, { recorded, called }) => {
        const divergence = await causeOf(handleOf(name), ReplayDivergence);
        expect(divergence).toMatchObject({ executionId: handleOf(name).id, recorded });
        expect(divergence.called).toContain(called);
        expect(runs.get(name)).toEqual(['a', 'b']);
      },
    );

    it.each(Object.entries(compatibleLines))('has %s goes on', async (name, steps) => {
      await handleOf(name).result();
      expect(runs.get(name)).toEqual(steps.filter((step) => step !== 'gate'));
    });
  });
});

interface Runs {
  run(): Promise<unknown>;
}

function mapped<T, U>(table: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(table).map(([name, value]) => [name, map(value)]));
}
