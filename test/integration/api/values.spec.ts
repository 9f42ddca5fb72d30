import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import {
  execution,
  NotSerializable,
  Pipeline,
  Run,
  Step,
  step,
  type UncheckedAdditions,
  Workflow,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import type { DurableApp } from '../../support/durable-app.js';
import { Gate } from '../../support/gate.js';
import { causeOf, failureOf } from '../../support/outcome.js';
import { HASTY, restartAt } from '../../support/restart.js';

/** What each body saw, as text that tells every class, sign and `undefined`. */
let seen: string[] = [];
let runs = 0;
let gate = new Gate();

function makeValues() {
  return {
    date: new Date('2026-02-03T04:05:06.789Z'),
    map: new Map<unknown, unknown>([
      ['a', 1],
      [{ key: true }, new Map([[1, new Date(0)]])],
    ]),
    set: new Set([1, 'two', null]),
    bigint: 2n ** 70n,
    buffer: Buffer.from('bytes \0 and more'),
    floats: new Float64Array([1.5, -0, NaN]),
    present: undefined,
    inArray: [undefined, null],
    notANumber: NaN,
    infinite: [Infinity, -Infinity],
    negativeZero: -0,
    text: 'Grüße 👋 \u2028 "quoted" \\',
    empty: {},
    nested: { deep: [{ date: new Date(1) }] },
  };
}

const shown = (value: unknown): string =>
  inspect(value, { depth: null, breakLength: Infinity, sorted: true });

@Workflow()
class CarryInCode {
  @Run()
  async run(input: unknown) {
    const fromStep = await this.make();
    const fromInline = await step('inline', makeValues);
    const live = [shown(input), shown(fromStep), shown(fromInline)];
    await step('gate', () => gate.pass(execution().signal));
    seen.push(...live);
    return fromStep;
  }

  @Step()
  async make() {
    runs += 1;
    return makeValues();
  }
}

type Carried = ReturnType<typeof makeValues>;
type Grown = Carried & { made?: Carried };

@Workflow()
class CarryInPipeline extends Pipeline<Carried, Grown> {
  @Step()
  make() {
    runs += 1;
    return { made: makeValues() };
  }

  @Step()
  async gate(data: Grown) {
    seen.push(shown(data));
    await gate.pass(execution().signal);
  }

  @Step()
  look(data: Grown) {
    seen.push(shown(data));
  }
}

class Socket {
  readonly open = true;
}

const circular: Record<string, unknown> = { name: 'ring' };
circular['self'] = circular;

const refused: Readonly<Record<string, [value: () => unknown, path: string]>> = {
  'a function': [() => ({ user: { greet: () => 'hi' } }), '$.user.greet'],
  'a symbol': [() => ({ user: { tag: Symbol('x') } }), '$.user.tag'],
  'an instance of a class': [() => ({ user: { socket: new Socket() } }), '$.user.socket'],
  'a circular value': [() => ({ ring: circular }), '$.ring.self'],
  'a NUL in a text': [() => ({ items: ['fine', 'with \0'] }), '$.items[1]'],
  'a lone surrogate': [() => ({ items: ['fine', { text: '\ud800' }] }), '$.items[1].text'],
  'a promise': [() => ({ later: Promise.resolve(1) }), '$.later'],
};

@Workflow()
class RefusedInPipeline extends Pipeline<{ what: string }> {
  @Step()
  produce({ what }: { what: string }) {
    runs += 1;
    return refused[what]?.[0]() as UncheckedAdditions;
  }
}

@Workflow()
class RefusedInCode {
  @Run()
  async run({ what, where }: { what: string; where: 'step' | 'inline' | 'output' }): Promise<unknown> {
    if (where === 'step') await this.produce(what);
    if (where === 'inline') await step('produce', () => this.make(what));
    return where === 'output' ? this.make(what) : undefined;
  }

  @Step()
  async produce(what: string) {
    return this.make(what);
  }

  private make(what: string): unknown {
    runs += 1;
    return refused[what]?.[0]();
  }
}

const PROVIDERS = [CarryInCode, CarryInPipeline, RefusedInPipeline, RefusedInCode];

onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    seen = [];
    runs = 0;
    gate = new Gate();
  });

  describe('Values that cross the database', () => {
    afterEach(() => database.closeApps());

    it('are in code what they were, on the first pass and on a replay', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(CarryInCode, makeValues());
      const second = await restartAt(gate, first, database, PROVIDERS);
      const result = await (await second.client.handle(CarryInCode, { id })).result();
      expect(shown(result)).toBe(shown(makeValues()));
      expect(seen).toEqual(Array.from({ length: 3 }, () => shown(makeValues())));
      expect(runs).toBe(1);
    });

    it('are in a pipeline what they were, on the first pass and on a replay', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(CarryInPipeline, makeValues());
      const second = await restartAt(gate, first, database, PROVIDERS);
      await (await second.client.handle(CarryInPipeline, { id })).result();
      // Undefined at the top level is a key that is removed; here it is in `made`.
      const expected = shown({ ...makeValues(), made: makeValues() });
      expect(seen).toEqual([expected, expected, expected]);
      expect(runs).toBe(1);
    });

    it('reach those who only read', async () => {
      const { client } = await database.start(PROVIDERS);
      gate.open();
      const handle = await client.start(CarryInCode, makeValues());
      await handle.result();
      const { input, output, steps } = await client.getExecution(handle.id, { steps: true });
      const all = [input, output, steps?.[0]?.output, steps?.[1]?.output];
      expect(all.map(shown)).toEqual(all.map(() => shown(makeValues())));
    });
  });

  describe('Values that cannot be stored', () => {
    let app: DurableApp;
    beforeAll(async () => {
      app = await database.start(PROVIDERS);
    });
    afterAll(() => app.close());

    describe.each(Object.entries(refused))('such as %s', (what, [value, path]) => {
      it('are refused as an input, with the path, and nothing is written', async () => {
        const before = await app.client.countExecutions();
        const failure = await failureOf(app.client.start('refused_in_code', value()), NotSerializable);
        expect(failure.path).toBe(path);
        expect(await app.client.countExecutions()).toBe(before);
      });

      it('end a step of a pipeline at once, with the path', async () => {
        const handle = await app.client.start(RefusedInPipeline, { what });
        expect((await causeOf(handle, NotSerializable)).path).toBe(path);
        expect(runs).toBe(1);
      });

      it.each(['step', 'inline', 'output'] as const)('end a run method: %s', async (where) => {
        const handle = await app.client.start(RefusedInCode, { what, where });
        expect((await causeOf(handle, NotSerializable)).path).toBe(path);
        expect(runs).toBe(1);
      });
    });
  });
});
