import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { NotPlainObject, Pipeline, Step, type UncheckedAdditions, Workflow } from 'nest-durable';
import { onEachDatabase } from '../../support/api-database.js';
import type { DurableApp } from '../../support/durable-app.js';
import { causeOf } from '../../support/outcome.js';

let trace: string[] = [];

interface Order {
  readonly price: number;
  readonly count: number;
}

interface PricedOrder extends Order {
  readonly total: number;
  readonly note: string;
}

@Injectable()
class Notes {
  of(total: number): string {
    return `total ${total}`;
  }
}

@Workflow()
class PriceOrder extends Pipeline<Order, PricedOrder> {
  constructor(private readonly notes: Notes) {
    super();
  }

  @Step()
  multiply(data: Order) {
    trace.push('multiply');
    return { total: data.price * data.count };
  }

  @Step()
  async annotate(data: PricedOrder) {
    trace.push('annotate');
    await Promise.resolve();
    return { note: this.notes.of(data.total) };
  }

  @Step()
  observe(data: PricedOrder) {
    trace.push(`observe ${Object.keys(data).join()}`);
  }
}

@Workflow()
class Replace extends Pipeline<{ value: { a: number; b?: number } }> {
  @Step()
  overwrite() {
    return { value: { a: 2 } };
  }
}

@Workflow()
class Remove extends Pipeline<{ kept: string; removed?: string }> {
  @Step()
  remove() {
    return { removed: undefined };
  }

  @Step()
  look(data: object) {
    trace.push(Object.keys(data).join());
  }
}

@Workflow()
class Nothing extends Pipeline<{ a: number }> {
  @Step()
  nothing() {
    return undefined;
  }

  @Step()
  empty() {
    return {};
  }
}

@Workflow()
class NoInput extends Pipeline<void, { made?: boolean }> {
  @Step()
  make(data: object) {
    trace.push(JSON.stringify(data));
    return { made: true };
  }
}

@Workflow({ output: 'summary' })
class Summary extends Pipeline<{ a: number }, { a: number; b: number }, string> {
  @Step()
  add(data: { a: number }) {
    return { b: data.a + 1 };
  }

  async summary(data: { a: number; b: number }) {
    return await Promise.resolve(`${data.a} and ${data.b}`);
  }
}

class Token {
  readonly secret = 1;
}

const unmergeable: Readonly<Record<string, [make: () => unknown, got: string]>> = {
  'an array': [() => [1], 'an array'],
  'a text': [() => 'text', 'a string'],
  'a number': [() => 7, 'a number'],
  'a boolean': [() => true, 'a boolean'],
  'a Date': [() => new Date(0), 'an instance of Date'],
  'a Map': [() => new Map(), 'an instance of Map'],
  'an instance': [() => new Token(), 'an instance of Token'],
  'a function': [() => () => 1, 'a function'],
};

@Workflow()
class Unmergeable extends Pipeline<{ what: string }> {
  @Step()
  produce({ what }: { what: string }) {
    trace.push('produce');
    return unmergeable[what]?.[0]() as UncheckedAdditions;
  }
}

abstract class Audited extends Pipeline<{ id: string }> {
  @Step()
  begin() {
    trace.push('base begin');
  }

  @Step()
  middle() {
    trace.push('base middle');
  }

  @Step()
  end() {
    trace.push('base end');
  }
}

@Workflow()
class AuditedOrder extends Audited {
  @Step()
  own() {
    trace.push('own');
  }

  @Step()
  override middle() {
    trace.push('own middle');
  }
}

onEachDatabase((database) => {
  let app: DurableApp;

  beforeAll(async () => {
    app = await database.start([
      Notes,
      PriceOrder,
      Replace,
      Remove,
      Nothing,
      NoInput,
      Summary,
      Unmergeable,
      AuditedOrder,
    ]);
  });
  afterAll(() => app.close());
  beforeEach(() => {
    trace = [];
  });

  describe('A pipeline', () => {
    it('runs its steps in the order of their declaration, with what Nest injects', async () => {
      const handle = await app.client.start(PriceOrder, { price: 5, count: 3 });
      await handle.result();
      expect(trace).toEqual(['multiply', 'annotate', 'observe price,count,total,note']);
    });

    it('merges what each step returns over the data, and returns the data', async () => {
      const handle = await app.client.start(PriceOrder, { price: 5, count: 3 });
      expect(await handle.result()).toEqual({ price: 5, count: 3, total: 15, note: 'total 15' });
    });

    it('merges at the top level only', async () => {
      const handle = await app.client.start(Replace, { value: { a: 1, b: 1 } });
      expect(await handle.result()).toEqual({ value: { a: 2 } });
    });

    it('removes a key that a step returns as undefined', async () => {
      const handle = await app.client.start(Remove, { kept: 'k', removed: 'r' });
      expect(Object.keys(await handle.result())).toEqual(['kept']);
      expect(trace).toEqual(['kept']);
    });

    it('adds nothing for a step that returns nothing', async () => {
      const handle = await app.client.start(Nothing, { a: 1 });
      expect(await handle.result()).toEqual({ a: 1 });
    });

    it('begins with no data where it takes no input', async () => {
      const handle = await app.client.start(NoInput);
      expect(await handle.result()).toEqual({ made: true });
      expect(trace).toEqual(['{}']);
    });

    it('returns what its output method makes of the data', async () => {
      const handle = await app.client.start(Summary, { a: 1 });
      expect(await handle.result()).toBe('1 and 2');
    });

    it('runs inherited steps first; an override keeps the place of what it overrides', async () => {
      const handle = await app.client.start(AuditedOrder, { id: '1' });
      await handle.result();
      expect(trace).toEqual(['base begin', 'own middle', 'base end', 'own']);
    });

    it('records each step under its name, with what it added and nothing else', async () => {
      const handle = await app.client.start(PriceOrder, { price: 5, count: 3 });
      await handle.result();
      const { steps } = await app.client.getExecution(handle.id, { steps: true });
      expect(steps?.map(({ path, status, output }) => ({ path, status, output }))).toEqual([
        { path: 'multiply', status: 'completed', output: { total: 15 } },
        { path: 'annotate', status: 'completed', output: { note: 'total 15' } },
        { path: 'observe', status: 'completed', output: undefined },
      ]);
    });
  });

  describe('A step of a pipeline that returns', () => {
    it.each(Object.entries(unmergeable))('%s fails at once, and says what it was', async (what, [, got]) => {
      const handle = await app.client.start(Unmergeable, { what });
      expect(await causeOf(handle, NotPlainObject)).toMatchObject({
        executionId: handle.id,
        step: 'produce',
        got,
      });
      expect(trace).toEqual(['produce']);
    });
  });
});
