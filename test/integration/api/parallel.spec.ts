import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Branch,
  execution,
  goto,
  Parallel,
  Pipeline,
  type Results,
  RetryAfter,
  SameKeyTwice,
  Step,
  type UncheckedAdditions,
  UndeclaredTarget,
  type Values,
  Workflow,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import type { DurableApp } from '../../support/durable-app.js';
import { Gate } from '../../support/gate.js';
import { causeOf } from '../../support/outcome.js';
import { recordedOf } from '../../support/recorded.js';

let ran: string[] = [];
let meeting = new Gate();
let turn = new Gate();

const once = { retry: { maxAttempts: 1 } } as const;

interface Numbers {
  a?: number;
  b?: number;
  sum?: number;
}

@Workflow()
class Merges extends Pipeline<void, Numbers & { seen?: string }> {
  @Parallel(['one', 'two', 'three'])
  together() {}

  @Step({ in: 'together' })
  async one() {
    await meeting.pass();
    return { a: 1 };
  }

  @Step({ in: 'together' })
  async two() {
    await meeting.pass();
    return { b: 2 };
  }

  @Step({ in: 'together' })
  async three() {
    await meeting.pass();
  }

  @Step()
  after(data: Numbers) {
    return { seen: JSON.stringify(data) };
  }
}

interface Shelf {
  books: string[];
  seen?: { by: string; books: string[] }[];
}

@Workflow()
class Isolates extends Pipeline<{ books: string[] }, Shelf> {
  @Parallel(['spoils', 'looks'])
  together(data: Shelf, { spoils, looks }: Values<Isolates, 'spoils' | 'looks'>) {
    data.books.push('by the join');
    return { seen: [...spoils.seen, ...looks.seen] };
  }

  @Step({ in: 'together' })
  async spoils({ books }: Shelf) {
    books.push('by a child');
    turn.open();
    return { seen: [{ by: 'spoils', books }] };
  }

  @Step({ in: 'together' })
  async looks({ books }: Shelf) {
    await turn.pass();
    return { seen: [{ by: 'looks', books }] };
  }

  @Step()
  after(data: Shelf) {
    return { seen: [...(data.seen ?? []), { by: 'after', books: data.books }] };
  }
}

@Workflow()
class Clashes extends Pipeline<void, Numbers> {
  @Parallel(['one', 'inner'])
  together() {
    ran.push('join');
  }

  @Step({ in: 'together' })
  one() {
    ran.push('one');
    return { a: 1, b: 1 };
  }

  @Branch({ default: 'two' }, { in: 'together' })
  inner() {
    return null;
  }

  @Step({ in: 'inner' })
  two() {
    return { a: 2 };
  }

  @Step()
  after() {
    ran.push('after');
  }
}

const joins: Readonly<Record<string, readonly [join: (results: unknown) => unknown, output: object]>> = {
  'nothing, merges': [() => undefined, { a: 1, b: 2 }],
  'null, merges': [() => null, { a: 1, b: 2 }],
  'an object, adds that and nothing else': [() => ({ sum: 3 }), { sum: 3 }],
  'an empty object, adds nothing': [() => ({}), {}],
  'what it was given, adds what is in it': [
    (results) => ({ sum: Object.values(results as object).length }),
    { sum: 3 },
  ],
  'goto, skips and adds nothing': [() => goto('last'), { skipped: true }],
  'goto with additions, skips and adds them': [() => goto('last', { sum: 9 }), { sum: 9, skipped: true }],
};

@Workflow()
class Leads extends Pipeline<{ what: string }, { what?: string; skipped?: boolean } & Numbers> {
  @Parallel(['one', 'two', 'three'], { to: ['last'] })
  together({ what }: { what: string }, results: Values<Leads, 'one' | 'two' | 'three'>) {
    ran.push(JSON.stringify(results));
    if (what === 'throws once' && execution().attempt === 1) throw new RetryAfter(0);
    if (what === 'elsewhere') return goto('one') as object as UncheckedAdditions;
    return joins[what]?.[0](results) as UncheckedAdditions;
  }

  @Step({ in: 'together' })
  one() {
    ran.push('one');
    return { a: 1 };
  }

  @Step({ in: 'together' })
  two() {
    return { b: 2 };
  }

  @Step({ in: 'together' })
  three() {}

  @Step()
  next() {
    ran.push('next');
    return { skipped: undefined };
  }

  @Step()
  last({ what }: { what?: string }) {
    return { what: undefined, ...(what?.startsWith('goto') && { skipped: !ran.includes('next') }) };
  }
}

class OutOfStock extends Error {
  override readonly name = 'OutOfStock';

  constructor(readonly sku: string) {
    super(`There is no ${sku}`);
  }
}

@Workflow()
class Continues extends Pipeline<void, { told?: unknown[] }> {
  @Parallel(['fine', 'fails', 'nothing', 'inner'], { onError: 'continue' })
  together(
    _data: object,
    { fine, fails, nothing, inner }: Results<Continues, 'fine' | 'fails' | 'nothing' | 'inner'>,
  ) {
    if (fails.status === 'fulfilled') throw new Error('It fails.');
    const { reason } = fails;
    const error = [reason instanceof Error, reason.name, reason.message, Reflect.get(reason, 'sku')];
    return { told: [fine, error, nothing, inner] };
  }

  @Step({ in: 'together' })
  async fine() {
    await turn.pass();
    return { told: ['fine'] };
  }

  @Step({ in: 'together', ...once })
  fails() {
    turn.open();
    throw new OutOfStock('B-7');
  }

  @Step({ in: 'together' })
  nothing() {}

  @Parallel(['deep'], { in: 'together' })
  inner() {}

  @Step({ in: 'inner' })
  deep() {
    return { told: ['deep'] };
  }
}

const PROVIDERS = [Merges, Isolates, Clashes, Leads, Continues];

onDatabase('PostgreSQL', (database) => {
  let app: DurableApp;

  beforeAll(async () => {
    app = await database.start(PROVIDERS);
  });
  afterAll(() => database.closeApps());
  beforeEach(() => {
    ran = [];
    meeting = new Gate();
    turn = new Gate();
  });

  describe('Parallel children', () => {
    it('run at once, and what they add is merged where their join has nothing to say', async () => {
      const handle = await app.client.start(Merges);
      await meeting.reached(3);
      meeting.open();
      expect(await handle.result()).toEqual({ a: 1, b: 2, seen: '{"a":1,"b":2}' });
      expect((await recordedOf(app.client, handle.id)).slice(-2)).toEqual([
        'together completed',
        'after completed',
      ]);
    });

    it('have each their own copy of the data, and so has the join', async () => {
      const { seen, books } = await (await app.client.start(Isolates, { books: ['old'] })).result();
      expect(books).toEqual(['old']);
      expect(seen).toEqual([
        { by: 'spoils', books: ['old', 'by a child'] },
        { by: 'looks', books: ['old'] },
        { by: 'after', books: ['old'] },
      ]);
    });

    it('that add the same key need a join that decides', async () => {
      const handle = await app.client.start(Clashes);
      expect(await causeOf(handle, SameKeyTwice)).toMatchObject({
        executionId: handle.id,
        block: 'together',
        key: 'a',
        children: ['one', 'inner'],
      });
      expect(ran).toEqual(['one', 'join']);
    });
  });

  describe('A join that returns', () => {
    it.each(Object.entries(joins))('%s', async (what, [, output]) => {
      const handle = await app.client.start(Leads, { what });
      expect(await handle.result()).toEqual(output);
      expect(ran).toContain('{"one":{"a":1},"two":{"b":2}}');
    });

    it('goto to a node that is not in its `to` fails at once', async () => {
      const handle = await app.client.start(Leads, { what: 'elsewhere' });
      expect(await causeOf(handle, UndeclaredTarget)).toMatchObject({ target: 'one', targets: ['last'] });
      expect(ran).toHaveLength(2);
    });
  });

  describe('A join', () => {
    it('that throws is asked again, and its children do not run again', async () => {
      await (await app.client.start(Leads, { what: 'throws once' })).result();
      expect(ran.filter((what) => what === 'one')).toHaveLength(1);
      expect(ran.filter((what) => what.startsWith('{'))).toHaveLength(2);
    });

    it('with `continue` sees what each came to: values and errors', async () => {
      const { told } = await (await app.client.start(Continues)).result();
      expect(told).toEqual([
        { status: 'fulfilled', value: { told: ['fine'] } },
        [true, 'OutOfStock', 'There is no B-7', 'B-7'],
        { status: 'fulfilled', value: undefined },
        { status: 'fulfilled', value: { told: ['deep'] } },
      ]);
    });
  });
});
