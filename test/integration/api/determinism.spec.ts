import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  days,
  execution,
  type ExecutionView,
  InvalidArgument,
  now,
  Pipeline,
  random,
  reportProgress,
  Run,
  setAttribute,
  Step,
  step,
  uuid,
  Workflow,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import { eventually } from '../../support/eventually.js';
import { Gate } from '../../support/gate.js';
import { causeOf } from '../../support/outcome.js';
import { HASTY, restartAt } from '../../support/restart.js';

let passes: unknown[][] = [];
let gate = new Gate();

@Workflow()
class Draws {
  @Run()
  async run() {
    const pass: unknown[] = [];
    passes.push(pass);
    pass.push(now().getTime(), uuid(), uuid(), random(), random());
    await step('first', () => undefined);
    pass.push(now().getTime(), uuid(), random());
    pass.push(...(await this.inStep()));
    await step('gate', () => gate.pass(execution().signal));
    pass.push(uuid());
    return pass;
  }

  @Step()
  async inStep() {
    return [uuid(), random()];
  }
}

@Workflow()
class DrawsBeside {
  @Run()
  async run() {
    const pass: unknown[] = [];
    passes.push(pass);
    await Promise.all([this.withInner(), step('plain', () => undefined)]);
    pass.push(now().getTime());
    await step('gate', () => gate.pass(execution().signal));
    return pass;
  }

  @Step()
  async withInner() {
    for (const name of ['a', 'b', 'c', 'd']) await step(name, () => undefined);
  }
}

@Workflow()
class DrawsInAttempts {
  @Run()
  async run() {
    await this.draw();
  }

  @Step({ retry: { base: 0 } })
  async draw() {
    passes.push([uuid(), random(), execution().idempotencyKey]);
    if (execution().attempt < 3) throw new Error('Again');
  }
}

interface Look {
  readonly who: string;
}

@Workflow({ version: 3 })
class Looks {
  @Run()
  async run(_input: Look) {
    return [view(), await this.inStep(), await this.inStep(), await step('inline', { timeout: '1h' }, view)];
  }

  @Step({ name: 'in_step' })
  async inStep() {
    return view();
  }
}

@Workflow()
class LooksInPipeline extends Pipeline<Look, Look & { view?: ReturnType<typeof view> }> {
  @Step({ timeout: '1h' })
  look() {
    return { view: view() };
  }
}

function view(): Omit<ExecutionView, 'signal'> & { aborted: boolean } {
  const { signal, ...rest } = execution();
  return { ...rest, input: execution().input, aborted: signal.aborted };
}

@Workflow()
class Reports {
  @Run()
  async run() {
    setAttribute('stage', 'begun');
    setAttribute('count', 1);
    await this.work();
    await step('gate', () => gate.pass(execution().signal));
    setAttribute('stage', 'ended');
  }

  @Step()
  async work() {
    reportProgress(10);
    reportProgress(45.5, 'page 45 of 100');
    setAttribute('vip', true);
    setAttribute('nobody', null);
  }
}

const wrongCalls: Readonly<Record<string, () => void>> = {
  'an empty name': () => setAttribute('', 1),
  'a name that is no text': () => setAttribute(7 as unknown as string, 1),
  'a NUL in a name': () => setAttribute('a\0', 1),
  'an object': () => setAttribute('a', {} as unknown as string),
  'a lone surrogate': () => setAttribute('a', '\udc00'),
  NaN: () => setAttribute('a', NaN),
  'an attribute that is undefined': () => setAttribute('a', undefined as unknown as null),
  'progress below 0': () => reportProgress(-1),
  'progress above 100': () => reportProgress(100.1),
  'progress that is NaN': () => reportProgress(NaN),
  'progress that is a text': () => reportProgress('50' as unknown as number),
  'a message with a NUL': () => reportProgress(1, '\0'),
  'a message that is no text': () => reportProgress(1, 5 as unknown as string),
};

@Workflow()
class WrongReports {
  @Run()
  async run(what: string) {
    await step('wrong', { retry: { maxAttempts: 1 } }, () => wrongCalls[what]?.());
  }
}

const PROVIDERS = [Draws, DrawsBeside, DrawsInAttempts, Looks, LooksInPipeline, Reports, WrongReports];

onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    passes = [];
    gate = new Gate();
  });
  afterEach(() => database.closeApps());

  describe('now(), uuid() and random()', () => {
    it('do not move with what runs inside a step, which a replay does not repeat', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(DrawsBeside);
      const second = await restartAt(gate, first, database, PROVIDERS);
      const drawn = await (await second.client.handle(DrawsBeside, { id })).result();
      expect(passes).toHaveLength(2);
      expect(passes[1]).toEqual(passes[0]);
      expect(drawn).toEqual(passes[0]);
    });

    it('are the same on a replay', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(Draws);
      const second = await restartAt(gate, first, database, PROVIDERS);
      const drawn = await (await second.client.handle(Draws, { id })).result();
      expect(passes[0]).toEqual(drawn.slice(0, -1));
      expect(passes[1]).toEqual(drawn);
    });

    it('never repeat themselves, and look as they should', async () => {
      const { client } = await database.start(PROVIDERS);
      gate.open();
      const drawn = await Promise.all([1, 2, 3].map(async () => (await client.start(Draws)).result()));
      const all = drawn.flat();
      const uuids = all.filter((each) => typeof each === 'string');
      expect(new Set(uuids).size).toBe(3 * 5);
      for (const each of uuids) expect(each).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      const randoms = all.filter((each) => typeof each === 'number' && each < 1);
      expect(new Set(randoms).size).toBe(3 * 4);
    });

    it('now() begins with the time of the start, and moves with the results', async () => {
      const { client } = await database.start(PROVIDERS);
      gate.open();
      const handle = await client.start(Draws);
      const drawn = await handle.result();
      const { createdAt, steps } = await client.getExecution(handle.id, { steps: true });
      expect(drawn[0]).toBe(createdAt.getTime());
      expect(drawn[5]).toBe(steps?.[0]?.endedAt?.getTime());
    });

    it('uuid(), random() and the idempotency key are the same in every attempt of a step', async () => {
      const { client } = await database.start(PROVIDERS);
      await (await client.start(DrawsInAttempts)).result();
      expect(passes).toHaveLength(3);
      expect(passes[1]).toEqual(passes[0]);
      expect(passes[2]).toEqual(passes[0]);
    });
  });

  describe('execution()', () => {
    it('tells a run method and its steps where they are', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Looks, { who: 'me' }, { key: 'k1', timeout: days(1) });
      const common = {
        id: handle.id,
        key: 'k1',
        workflow: 'looks',
        version: 3,
        input: { who: 'me' },
        attempt: 1,
        aborted: false,
        parentId: undefined,
      };
      const views = await handle.result();
      expect(views).toMatchObject([
        { ...common, step: undefined },
        { ...common, step: 'in_step' },
        { ...common, step: 'in_step' },
        { ...common, step: 'inline' },
      ]);
      expect(new Set(views.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(4);
    });

    it('has the deadline of the step where that is sooner than that of the workflow', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Looks, { who: 'me' }, { timeout: days(1) });
      const [inCode, inStep, , inline] = await handle.result();
      const { deadlineAt, createdAt, startedAt } = await client.getExecution(handle.id);
      expect(deadlineAt).toBeUndefined(); // It lives no more.
      expect(inCode?.deadline?.getTime()).toBe(createdAt.getTime() + days(1));
      expect(inStep?.deadline).toEqual(inCode?.deadline);
      const hourAfterStart = (startedAt?.getTime() ?? NaN) + 3_600_000;
      expect(inline?.deadline?.getTime()).toBeGreaterThanOrEqual(hourAfterStart);
      expect(inline?.deadline?.getTime()).toBeLessThan(hourAfterStart + 60_000);
    });

    it('tells a step of a pipeline where it is; without key and timeout there are none', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(LooksInPipeline, { who: 'me' });
      const { view: seen } = await handle.result();
      expect(seen).toMatchObject({
        id: handle.id,
        step: 'look',
        attempt: 1,
        input: { who: 'me' },
        version: 1,
      });
      expect(seen?.key).toBeUndefined();
      expect(seen?.deadline).toBeInstanceOf(Date);
    });
  });

  describe('setAttribute() and reportProgress()', () => {
    it('are seen while the execution runs, beside the attributes of the start', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Reports, undefined, {
        attributes: { customer: 'acme', stage: 'new' },
      });
      await gate.reached();
      const running = await eventually(async () => {
        const execution = await client.getExecution(handle.id);
        return execution.attributes['vip'] === true && execution;
      });
      expect(running.attributes).toEqual({
        customer: 'acme',
        stage: 'begun',
        count: 1,
        vip: true,
        nobody: null,
      });
      expect(running.progress).toMatchObject({ percent: 45.5, message: 'page 45 of 100' });
      gate.open();
      await handle.result();
      expect((await client.getExecution(handle.id)).attributes).toMatchObject({ stage: 'ended', count: 1 });
      const found = await client.listExecutions({ attributes: { vip: true, stage: 'ended' } });
      expect(found.executions.map(({ id }) => id)).toContain(handle.id);
    });

    it('are kept through a replay', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(Reports);
      const { client } = await restartAt(gate, first, database, PROVIDERS);
      await (await client.handle(Reports, { id })).result();
      const { attributes, progress } = await client.getExecution(id);
      expect(attributes).toEqual({ stage: 'ended', count: 1, vip: true, nobody: null });
      expect(progress?.percent).toBe(45.5);
    });

    it('refuse what cannot be an attribute or a progress', async () => {
      const { client } = await database.start(PROVIDERS);
      for (const what of Object.keys(wrongCalls)) {
        await causeOf(await client.start(WrongReports, what), InvalidArgument);
      }
    });
  });
});
