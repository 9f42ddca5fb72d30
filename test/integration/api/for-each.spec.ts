import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { execution, ForEach, Pipeline, type Settled, Step, UnusableAnswer, Workflow } from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import type { DurableApp } from '../../support/durable-app.js';
import { eventually } from '../../support/eventually.js';
import { Gate } from '../../support/gate.js';
import { causeOf } from '../../support/outcome.js';
import { recordedOf } from '../../support/recorded.js';

let ran: string[] = [];
let gates: Gate[] = [];

const once = { retry: { maxAttempts: 1 } } as const;

interface Sum {
  base: number;
  sums?: { sum: number }[];
  sum?: number;
}

@Workflow()
class Adds extends Pipeline<{ base: number; items: number[] }, Sum & { items: number[] }> {
  @ForEach({ do: 'add', into: 'sums', concurrency: 3 })
  each({ items }: { items: number[] }) {
    return items;
  }

  @Step({ in: 'each' })
  async add({ base }: Sum, item: number, index: number) {
    // The last item is done first.
    await gates[index + 1]?.pass();
    gates[index]?.open();
    return { sum: base + item };
  }

  @Step()
  after(data: object) {
    ran.push(Object.keys(data).join());
  }
}

@Workflow()
class Lists extends Pipeline<void, { out?: { first?: string; second?: string }[]; first?: string }> {
  @ForEach({ do: ['begin', 'goOn', 'silent'], into: 'out' })
  each() {
    return ['a', 'b'];
  }

  @Step({ in: 'each' })
  begin(_data: object, item: string) {
    return { first: `first of ${item}` };
  }

  @Step({ in: 'each' })
  goOn({ first }: { first?: string }, item: string, index: number) {
    return { second: `${first}, second of ${item} (${index})` };
  }

  @Step({ in: 'each' })
  silent() {}

  @Step()
  after({ first }: { first?: string }) {
    ran.push(`after, first is ${first}`);
  }
}

@Workflow()
class Bounded extends Pipeline<{ count: number }> {
  @ForEach({ do: 'work', concurrency: 3 })
  each({ count }: { count: number }) {
    return Array.from({ length: count }, (_, index) => index);
  }

  @Step({ in: 'each' })
  async work(_data: object, item: number) {
    await gates[item]?.pass();
  }
}

@Workflow()
class Fails extends Pipeline<void, { out?: unknown[] }> {
  @ForEach({ do: 'work', concurrency: 2 })
  each() {
    return ['good', 'bad', 'never', 'never'];
  }

  @Step({ in: 'each', ...once })
  async work(_data: object, item: string) {
    ran.push(item);
    if (item === 'bad') {
      await gates[0]?.pass();
      throw new Error('bad');
    }
    const { signal } = execution();
    await gates[1]?.pass(signal).catch(() => ran.push(`told: ${String(signal.reason)}`));
  }
}

@Workflow()
class Continues extends Pipeline<void, { out?: Settled<{ out: unknown[] }>[] }> {
  @ForEach({ do: 'work', into: 'out', onError: 'continue' })
  each() {
    return ['good', 'bad', 'also good'];
  }

  @Step({ in: 'each', ...once })
  work(_data: object, item: string) {
    if (item === 'bad') throw new RangeError('bad');
    return { out: [item] as never[] };
  }
}

@Workflow()
class Isolated extends Pipeline<{ shelf: string[] }, { shelf: string[]; out?: { shelf: string[] }[] }> {
  @ForEach({ do: ['spoil', 'look'], into: 'out', concurrency: 1 })
  each() {
    return [{ name: 'a' }, { name: 'b' }];
  }

  @Step({ in: 'each' })
  spoil(data: { shelf: string[] }, item: { name: string }) {
    data.shelf.push(item.name);
    item.name = 'spoilt';
  }

  @Step({ in: 'each' })
  look(data: { shelf: string[] }, item: { name: string }) {
    return { shelf: [...data.shelf, item.name] };
  }
}

@Workflow()
class Kinds extends Pipeline<void, { out?: { out: string }[] }> {
  @ForEach({ do: 'look', into: 'out' })
  each() {
    return KINDS;
  }

  @Step({ in: 'each' })
  look(_data: object, item: unknown) {
    return { out: inspect(item) as never };
  }
}

const KINDS = [
  1n,
  new Date(0),
  undefined,
  null,
  NaN,
  new Map([[1, 2]]),
  Buffer.from('x'),
  [1, [2]],
  'text',
  false,
];

@Workflow()
class Mistaken extends Pipeline<{ answer: unknown }> {
  @ForEach({ do: 'work' })
  each({ answer }: { answer: unknown }) {
    ran.push('asked');
    return answer as unknown[];
  }

  @Step({ in: 'each' })
  work() {
    ran.push('work');
  }
}

const PROVIDERS = [Adds, Lists, Bounded, Fails, Continues, Isolated, Kinds, Mistaken];

onDatabase('PostgreSQL', (database) => {
  let app: DurableApp;

  beforeAll(async () => {
    app = await database.start(PROVIDERS);
  });
  afterAll(() => database.closeApps());
  beforeEach(() => {
    ran = [];
    gates = [];
  });

  describe('A list', () => {
    it('without items does nothing, and has no values', async () => {
      const handle = await app.client.start(Adds, { base: 1, items: [] });
      expect(await handle.result()).toEqual({ base: 1, items: [], sums: [] });
      expect(await recordedOf(app.client, handle.id)).toEqual(['each completed', 'after completed']);
    });

    it('has its values in the order of its items, and what items add stays with them', async () => {
      gates = [0, 1, 2].map(() => new Gate());
      const { sums, ...rest } = await (await app.client.start(Adds, { base: 10, items: [1, 2, 3] })).result();
      expect(sums).toEqual([{ sum: 11 }, { sum: 12 }, { sum: 13 }]);
      expect(rest).toEqual({ base: 10, items: [1, 2, 3] });
      expect(ran).toEqual(['base,items,sums']);
    });

    it('of which each item goes through several children has what they add together', async () => {
      const { out } = await (await app.client.start(Lists)).result();
      expect(out).toEqual(
        ['a', 'b'].map((item, index) => ({
          first: `first of ${item}`,
          second: `first of ${item}, second of ${item} (${index})`,
        })),
      );
      expect(ran).toEqual(['after, first is undefined']);
    });

    it('has so many items under way at once as it may, and no more', async () => {
      gates = Array.from({ length: 8 }, () => new Gate());
      const handle = await app.client.start(Bounded, { count: 8 });
      for (let done = 0; done <= 5; done += 1) {
        const underWay = (): number => gates.filter(({ arrivals }) => arrivals > 0).length;
        await eventually(() => underWay() === done + 3);
        const running = await app.client.getExecution(handle.id, { steps: true });
        expect(running.status).toBe('running');
        expect(underWay()).toBe(done + 3);
        gates[done]?.open();
      }
      for (const gate of gates) gate.open();
      await handle.result();
    });

    it('ends with the first failure: what is under way is told, the rest is not begun', async () => {
      gates = [new Gate(), new Gate()];
      const handle = await app.client.start(Fails);
      await gates[1]?.reached();
      gates[0]?.open();
      expect((await causeOf(handle, Error)).message).toBe('bad');
      expect(ran).toEqual(['good', 'bad', expect.stringMatching(/^told: .*"each"/)]);
      expect(await recordedOf(app.client, handle.id)).toEqual([
        'each completed',
        'each/1/work failed',
        'each/0/work completed',
      ]);
    });

    it('that goes on with failures has a value or an error for each item', async () => {
      const { out } = await (await app.client.start(Continues)).result();
      expect(out).toEqual([
        { status: 'fulfilled', value: { out: ['good'] } },
        { status: 'rejected', reason: expect.objectContaining({ name: 'RangeError', message: 'bad' }) },
        { status: 'fulfilled', value: { out: ['also good'] } },
      ]);
    });

    it('gives each body its own copy of the data and of its item', async () => {
      const { out, shelf } = await (await app.client.start(Isolated, { shelf: ['old'] })).result();
      expect(shelf).toEqual(['old']);
      expect(out).toEqual([{ shelf: ['old', 'a'] }, { shelf: ['old', 'b'] }]);
    });

    it('carries items of all kinds that can be stored', async () => {
      const { out } = await (await app.client.start(Kinds)).result();
      expect(out?.map((each) => each.out)).toEqual(KINDS.map((item) => inspect(item)));
    });

    it.each([
      ['nothing', undefined, 'nothing'],
      ['a text', 'abc', 'a string'],
      ['an object', { length: 1 }, 'an object'],
      ['a Set', new Set([1]), 'an instance of Set'],
    ])('that is %s fails at once', async (_, answer, got) => {
      const handle = await app.client.start(Mistaken, { answer });
      expect(await causeOf(handle, UnusableAnswer)).toMatchObject({ block: 'each', got });
      expect(ran).toEqual(['asked']);
    });
  });
});
