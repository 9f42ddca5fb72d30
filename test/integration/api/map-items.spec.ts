import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  execution,
  InvalidArgument,
  mapItems,
  type MapItemsOptions,
  NotInWorkflow,
  Pipeline,
  Run,
  sleep,
  Step,
  step,
  Workflow,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import type { DurableApp } from '../../support/durable-app.js';
import { eventually } from '../../support/eventually.js';
import { Gate } from '../../support/gate.js';
import { causeOf, failureOf } from '../../support/outcome.js';
import { recordedOf } from '../../support/recorded.js';
import { HASTY, restartAt } from '../../support/restart.js';

let ran: string[] = [];
let gates: Gate[] = [];
let gate = new Gate();

const once = { retry: { maxAttempts: 1 } } as const;

@Workflow()
class Maps {
  @Run()
  async run(count: number) {
    const items = Array.from({ length: count }, (_, index) => `item ${index}`);
    return await mapItems(items, { concurrency: 3 }, (item, index) => this.work(item, index));
  }

  @Step()
  async work(item: string, index: number) {
    await gates[index]?.pass();
    return `${item} at ${index}`;
  }
}

@Workflow()
class Plain {
  @Run()
  async run(items: number[]) {
    const seen: number[] = [];
    const values = await mapItems(items, (item, index) => {
      seen.push(index);
      return item * 2;
    });
    return { values, seen };
  }
}

@Workflow()
class Fails {
  @Run()
  async run(onError: 'fail' | 'continue') {
    const items = ['good', 'bad', 'worse', 'last'];
    const work = (item: string) => this.work(item);
    if (onError === 'fail') return await mapItems(items, { concurrency: 2, onError }, work);
    const settled = await mapItems(items, { concurrency: 2, onError }, work);
    return settled.map((each) => (each.status === 'fulfilled' ? each.value : each.reason.message));
  }

  @Step(once)
  async work(item: string) {
    ran.push(item);
    if (item === 'bad' || item === 'worse') throw new Error(item);
    await gates[0]?.pass();
    ran.push(`${item} done`);
    return item;
  }
}

@Workflow()
class Resumes {
  @Run()
  async run() {
    const seen: number[] = [];
    const values = await mapItems([0, 1, 2, 3, 4, 5], { concurrency: 2 }, async (item) => {
      const first = await this.first(item);
      const second = await step('second', () => this.noted(`second ${item}`, item));
      seen.push(item);
      return first + second;
    });
    return { values, seen };
  }

  @Step()
  async first(item: number) {
    ran.push(`first ${item}`);
    if (item === 3) await gate.pass(execution().signal);
    return item * 10;
  }

  private noted(what: string, value: number): number {
    ran.push(what);
    return value;
  }
}

@Workflow()
class InStep extends Pipeline<{ items: number[] }, { items: number[]; out?: string[] }> {
  @Step()
  async work({ items }: { items: number[] }) {
    const out = await mapItems(items, { concurrency: 2 }, async (item) => {
      await sleep(1);
      return await step(`work on ${item}`, () => {
        ran.push(`work on ${item}`);
        return `done ${item}`;
      });
    });
    await gate.pass(execution().signal);
    return { out };
  }
}

const wrongCalls: Readonly<Record<string, () => Promise<unknown>>> = {
  'no array': () => mapItems('abc' as unknown as string[], (item) => item),
  'no function': () => mapItems([1], undefined as unknown as () => number),
  'options without a function': () => mapItems([1], {}, undefined as unknown as () => number),
  'concurrency 0': () => mapItems([1], { concurrency: 0 }, (item) => item),
  'concurrency above 1000': () => mapItems([1], { concurrency: 1_001 }, (item) => item),
  'half a concurrency': () => mapItems([1], { concurrency: 1.5 }, (item) => item),
  'an unknown onError': () => mapItems([1], { onError: 'stop' as 'fail' }, (item) => item),
  'an unknown option': () => mapItems([1], { limit: 3 } as MapItemsOptions<'fail'>, (item) => item),
};

@Workflow()
class WrongCalls {
  @Run()
  async run(what: string) {
    await wrongCalls[what]?.();
  }
}

const PROVIDERS = [Maps, Plain, Fails, Resumes, InStep, WrongCalls];

onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    ran = [];
    gates = [];
    gate = new Gate();
  });

  describe('mapItems()', () => {
    let app: DurableApp;

    beforeAll(async () => {
      app = await database.start(PROVIDERS);
    });
    afterAll(() => database.closeApps());

    it('has so many items under way as it may, and gives the values in the order of the items', async () => {
      gates = Array.from({ length: 6 }, () => new Gate());
      const handle = await app.client.start(Maps, 6);
      const underWay = (): number => gates.filter(({ arrivals }) => arrivals > 0).length;
      for (const [index, next] of [2, 0, 1, 4, 5, 3].entries()) {
        await eventually(() => underWay() === Math.min(index + 3, 6));
        gates[next]?.open();
        await eventually(async () => (await recordedOf(app.client, handle.id)).length === index + 1);
      }
      expect(await handle.result()).toEqual([0, 1, 2, 3, 4, 5].map((index) => `item ${index} at ${index}`));
    });

    it('does without options, without steps and without items', async () => {
      expect(await (await app.client.start(Plain, [1, 2, 3])).result()).toEqual({
        values: [2, 4, 6],
        seen: [0, 1, 2],
      });
      expect(await (await app.client.start(Plain, [])).result()).toEqual({ values: [], seen: [] });
    });

    it('fails with the first failure once what is under way is done; the rest is not begun', async () => {
      gates = [new Gate()];
      const handle = await app.client.start(Fails, 'fail');
      await eventually(async () => (await recordedOf(app.client, handle.id)).length === 1);
      gates[0]?.open();
      expect((await causeOf(handle, Error)).message).toBe('bad');
      expect(ran).toEqual(['good', 'bad', 'good done']);
    });

    it('gives a value or an error for each item where it goes on with failures', async () => {
      const handle = await app.client.start(Fails, 'continue');
      expect(await handle.result()).toEqual(['good', 'bad', 'worse', 'last']);
    });

    it.each(Object.keys(wrongCalls))('refuses %s', async (what) => {
      const handle = await app.client.start(WrongCalls, what);
      expect((await causeOf(handle, InvalidArgument)).message).toContain('mapItems()');
    });

    it('belongs into an execution', async () => {
      const refused = await failureOf(
        mapItems([1], (item) => item),
        NotInWorkflow,
      );
      expect(refused.message).toContain('mapItems()');
    });
  });

  describe('mapItems() that is taken up again', () => {
    afterEach(() => database.closeApps());

    it('runs no step again that was done, and hands out its results in the same order', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(Resumes);
      await eventually(async () => (await recordedOf(first.client, id)).length === 10);
      const before = ran.length;
      const second = await restartAt(gate, first, database, PROVIDERS);
      const { values, seen } = await (await second.client.handle(Resumes, { id })).result();
      expect(values).toEqual([0, 11, 22, 33, 44, 55]);
      expect(ran.slice(before)).toEqual(['first 3', 'second 3']);
      expect(seen).toEqual([0, 1, 2, 4, 5, 3]);
    });

    it('in the body of a step does not repeat what it had done there', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(InStep, { items: [1, 2, 3] });
      const second = await restartAt(gate, first, database, PROVIDERS);
      const { out } = await (await second.client.handle(InStep, { id })).result();
      expect(out).toEqual(['done 1', 'done 2', 'done 3']);
      expect(ran.toSorted()).toEqual(['work on 1', 'work on 2', 'work on 3']);
    });
  });
});
