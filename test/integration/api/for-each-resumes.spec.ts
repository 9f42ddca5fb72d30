import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { execution, ForEach, Pipeline, Step, type UncheckedAdditions, Workflow } from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import { eventually } from '../../support/eventually.js';
import { Gate } from '../../support/gate.js';
import { recordedOf } from '../../support/recorded.js';
import { HASTY, restartAt } from '../../support/restart.js';

let ran: string[] = [];
let gate = new Gate();

@Workflow()
class Mails extends Pipeline<{ count: number }, { count: number; sent?: { to: number }[]; to?: number }> {
  @ForEach({ do: ['write', 'send'], concurrency: 4, into: 'sent' })
  each({ count }: { count: number }) {
    return Array.from({ length: count }, (_, index) => index);
  }

  @Step({ in: 'each' })
  write(_data: object, item: number) {
    ran.push(`write ${item}`);
  }

  @Step({ in: 'each' })
  async send(_data: object, item: number) {
    ran.push(`send ${item}`);
    if (item % 3 === 0) await gate.pass(execution().signal);
    return { to: item };
  }
}

/** How much memory was in use when the last item was at work. */
let heapUsed = NaN;

@Workflow()
class Many extends Pipeline<
  { count: number; ballast: number[] },
  { ballast: number[]; n?: number; out?: object[] }
> {
  @ForEach({ do: 'work', concurrency: 200, into: 'out' })
  each({ count }: { count: number }) {
    return Array.from({ length: count }, (_, index) => ({ index, name: `item ${index}` }));
  }

  @Step({ in: 'each' })
  work(data: { ballast: number[] }, item: { index: number }, index: number) {
    // One in a thousand looks at the data that it shares with the others.
    if (index % 1_000 === 999) return { n: data.ballast.length };
    return { n: item.index };
  }

  @Step()
  measure() {
    heapUsed = usedAfterCollection();
    return { ballast: [] };
  }
}

function usedAfterCollection(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}

type Book = Record<string, unknown> & { list?: string[]; nested?: { deep?: number }; plain?: number };

/** Each does something to its data that a plain object takes, and says what it sees. */
const treatments: Readonly<Record<string, readonly [treat: (data: Book) => unknown, sees: unknown]>> = {
  'read twice': [(data) => data.list === data.list, true],
  changed: [({ list }) => list?.push('x'), 3],
  spread: [(data) => ({ ...data }), { list: ['a', 'b'], nested: { deep: 1 }, plain: 1 }],
  'taken apart': [({ list, ...rest }) => [list, rest], [['a', 'b'], { nested: { deep: 1 }, plain: 1 }]],
  'written as JSON': [(data) => JSON.stringify(data), '{"list":["a","b"],"nested":{"deep":1},"plain":1}'],
  'asked for its keys': [(data) => Object.keys(data), ['list', 'nested', 'plain']],
  'asked for its entries': [(data) => Object.entries(data).length, 3],
  'asked whether it has a key': [
    (data) => ['list' in data, Object.hasOwn(data, 'list'), 'x' in data],
    [true, true, false],
  ],
  'assigned to': [(data) => ((data.list = ['new']), data.list), ['new']],
  'given another key': [(data) => ((data['more'] = 1), Object.keys(data).length), 4],
  'robbed of a key': [(data) => (delete data.list, ['list' in data, data.list === undefined]), [false, true]],
  cloned: [(data) => structuredClone(data), { list: ['a', 'b'], nested: { deep: 1 }, plain: 1 }],
  merged: [(data) => Object.assign({}, data, { plain: 2 }).plain, 2],
  frozen: [(data) => Object.freeze(data).list?.length, 2],
  sealed: [(data) => Object.seal(data).nested?.deep, 1],
};

@Workflow()
class Treats extends Pipeline<Book, Book & { seen?: unknown[] }> {
  @ForEach({ do: 'treat', into: 'seen', concurrency: 1 })
  each() {
    return Object.keys(treatments);
  }

  @Step({ in: 'each', retry: { maxAttempts: 1 } })
  treat(data: Book, item: string) {
    return { seen: treatments[item]?.[0](data) } as object as UncheckedAdditions;
  }
}

const PROVIDERS = [Mails, Many, Treats];

onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    ran = [];
    gate = new Gate();
  });
  afterEach(() => database.closeApps());

  describe('A list that is taken up again', () => {
    it('runs nothing again that was done, and has the values of all', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(Mails, { count: 12 });
      // Four are under way, at the gate; what lies between them is done.
      await gate.reached(4);
      await eventually(async () => (await recordedOf(first.client, id)).length === 1 + 10 + 6);
      const before = [...ran];
      const second = await restartAt(gate, first, database, PROVIDERS);
      const { sent } = await (await second.client.handle(Mails, { id })).result();
      expect(sent).toEqual(Array.from({ length: 12 }, (_, to) => ({ to })));
      const again = ran.slice(before.length);
      expect(again.toSorted()).toEqual(
        ['send 0', 'send 3', 'send 6', 'send 9', 'send 10', 'send 11', 'write 10', 'write 11']
          .filter((each) => !before.includes(each) || ['0', '3', '6', '9'].includes(each.slice(5)))
          .toSorted(),
      );
    });
  });

  describe('The data of an item', () => {
    it('is a plain object in all that a body may do with it, and nobody else sees what one does', async () => {
      const { client } = await database.start(PROVIDERS);
      const book = { list: ['a', 'b'], nested: { deep: 1 }, plain: 1 };
      const { seen, ...rest } = await (await client.start(Treats, book)).result();
      const told = Object.keys(treatments).map((name, index) => [
        name,
        Reflect.get(Object(seen?.[index]), 'seen'),
      ]);
      expect(told).toEqual(Object.entries(treatments).map(([name, [, sees]]) => [name, sees]));
      expect(rest).toEqual(book);
    });
  });

  describe('A long list', () => {
    it('takes as long for each item, and as much memory, as a shorter one', async () => {
      const { client } = await database.start(PROVIDERS);
      const perItem = async (count: number) => {
        const ballast = Array.from({ length: count }, (_, index) => index);
        const used = usedAfterCollection();
        const begun = performance.now();
        const handle = await client.start(Many, { count, ballast });
        const { out } = await handle.result();
        expect(out).toHaveLength(count);
        return { time: (performance.now() - begun) / count, memory: (heapUsed - used) / count };
      };
      await perItem(500);
      const short = await perItem(1_500);
      const long = await perItem(7_500);
      expect(long.time).toBeLessThan(short.time * 3);
      // Some hundred bytes for an item are as good as nothing; a copy of the list would be fifty times that.
      expect(long.memory).toBeLessThan(Math.max(short.memory, 500) * 3);
    }, 120_000);
  });
});
