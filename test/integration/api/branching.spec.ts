import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Branch,
  execution,
  NoBranchMatched,
  Pipeline,
  RetryAfter,
  Step,
  UnusableAnswer,
  Workflow,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import type { DurableApp } from '../../support/durable-app.js';
import { causeOf } from '../../support/outcome.js';
import { recordedOf } from '../../support/recorded.js';

let ran: string[] = [];
let asked = 0;
/** What selectors look at, besides the data. */
let outside: string | null = '';

enum Colour {
  Red = 'red',
  Blue = 'blue',
}

enum Size {
  Small = 1,
  Large,
}

/** What selectors answer here, as a value whose type nobody knows. */
function answer(value: unknown): ReturnType<typeof JSON.parse> {
  return value;
}

const keys: Readonly<Record<string, readonly [given: unknown, clause: string]>> = {
  'a text': ['text', 'text'],
  'a text with spaces': ['two words', 'words'],
  'a number': [7, 'seven'],
  'a fraction': [0.5, 'half'],
  zero: [0, 'zero'],
  true: [true, 'yes'],
  false: [false, 'no'],
  'a member of a text enum': [Colour.Red, 'red'],
  'a member of a number enum': [Size.Large, 'large'],
  null: [null, 'other'],
  nothing: [undefined, 'other'],
  'a text without a clause': ['toString', 'other'],
  'a number without a clause': [-7, 'other'],
  'an empty text': ['', 'other'],
  NaN: [NaN, 'other'],
  "the word 'default'": ['default', 'other'],
};

@Workflow()
class Keys extends Pipeline<{ what: string }> {
  @Branch({
    text: 'text',
    'two words': 'words',
    7: 'seven',
    0.5: 'half',
    0: 'zero',
    true: 'yes',
    false: 'no',
    [Colour.Red]: 'red',
    [Size.Large]: 'large',
    default: 'other',
  })
  choose({ what }: { what: string }) {
    return answer(keys[what]?.[0]);
  }

  @Step({ in: 'choose' })
  text() {
    note();
  }

  @Step({ in: 'choose' })
  words() {
    note();
  }

  @Step({ in: 'choose' })
  seven() {
    note();
  }

  @Step({ in: 'choose' })
  half() {
    note();
  }

  @Step({ in: 'choose' })
  zero() {
    note();
  }

  @Step({ in: 'choose' })
  yes() {
    note();
  }

  @Step({ in: 'choose' })
  no() {
    note();
  }

  @Step({ in: 'choose' })
  red() {
    note();
  }

  @Step({ in: 'choose' })
  large() {
    note();
  }

  @Step({ in: 'choose' })
  other() {
    note();
  }
}

@Workflow()
class Lists extends Pipeline<{ kind: 'both' | 'shared' }, { kind: string; seen?: string }> {
  @Branch({ both: ['last', 'shared', 'first'], shared: 'shared' })
  async choose({ kind }: { kind: 'both' | 'shared' }) {
    return await Promise.resolve(kind);
  }

  @Step({ in: 'choose' })
  first({ seen }: { seen?: string }) {
    note();
    return { seen: `${seen} first` };
  }

  @Step({ in: 'choose' })
  shared({ seen }: { seen?: string }) {
    note();
    return { seen: `${seen} shared` };
  }

  @Step({ in: 'choose' })
  last() {
    note();
    return { seen: 'last' };
  }

  @Step()
  after({ seen }: { seen?: string }) {
    ran.push(`after ${seen}`);
  }
}

@Workflow()
class Asks extends Pipeline<{ what: string }> {
  @Branch({ a: 'inClause' })
  choose({ what }: { what: string }) {
    asked += 1;
    if (what === 'throws once' && execution().attempt === 1) throw new RetryAfter(0);
    if (what === 'throws') throw new RetryAfter(0, { message: 'never again' });
    return answer(what === 'other' ? outside : (unusable[what]?.[0] ?? 'a'));
  }

  @Step({ in: 'choose' })
  inClause() {
    note();
  }

  @Step()
  after() {
    note();
  }
}

const unusable: Readonly<Record<string, readonly [given: unknown, got: string]>> = {
  'an object': [{ a: 1 }, 'an object'],
  'an array': [['a'], 'an array'],
  'a Date': [new Date(0), 'an instance of Date'],
  'a function': [() => 'a', 'a function'],
  'a bigint': [1n, 'a bigint'],
};

const PROVIDERS = [Keys, Lists, Asks];

function note(): void {
  ran.push(execution().step ?? '');
}

onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    ran = [];
    asked = 0;
  });

  describe('A branch', () => {
    let app: DurableApp;

    beforeAll(async () => {
      app = await database.start(PROVIDERS);
    });
    afterAll(() => database.closeApps());

    it.each(Object.entries(keys))('takes the right clause for %s', async (what, [, clause]) => {
      await (await app.client.start(Keys, { what })).result();
      expect(ran).toEqual([clause]);
    });

    it('runs the list of a clause in its own order, each with what the one before added', async () => {
      const handle = await app.client.start(Lists, { kind: 'both' });
      expect(await handle.result()).toEqual({ kind: 'both', seen: 'last shared first' });
      expect(ran).toEqual(['last', 'shared', 'first', 'after last shared first']);
    });

    it('may have a child in several clauses', async () => {
      const handle = await app.client.start(Lists, { kind: 'shared' });
      expect(await handle.result()).toEqual({ kind: 'shared', seen: 'undefined shared' });
      expect(await recordedOf(app.client, handle.id)).toEqual([
        'choose completed',
        'choose/shared completed',
        'after completed',
      ]);
    });

    it('records the key that its selector answered', async () => {
      const handle = await app.client.start(Keys, { what: 'a number' });
      await handle.result();
      const { steps } = await app.client.getExecution(handle.id, { steps: true });
      expect(steps?.[0]).toMatchObject({ path: 'choose', kind: 'branch', output: 7 });
    });

    it('without a clause for the answer fails at once, and nothing runs after it', async () => {
      outside = 'z';
      const handle = await app.client.start(Asks, { what: 'other' });
      expect(await causeOf(handle, NoBranchMatched)).toMatchObject({
        executionId: handle.id,
        block: 'choose',
        answer: "'z'",
        clauses: ["'a'"],
      });
      expect(asked).toBe(1);
      expect(ran).toEqual([]);
    });

    it('whose selector answers nothing, and has no default, fails like any other answer', async () => {
      outside = null;
      const handle = await app.client.start(Asks, { what: 'other' });
      expect(await causeOf(handle, NoBranchMatched)).toMatchObject({ answer: 'null' });
    });

    it.each(Object.entries(unusable))(
      'whose selector answers with %s fails at once',
      async (what, [, got]) => {
        const handle = await app.client.start(Asks, { what });
        expect(await causeOf(handle, UnusableAnswer)).toMatchObject({ block: 'choose', got });
        expect(asked).toBe(1);
        expect(ran).toEqual([]);
      },
    );

    it('asks again where its selector threw, like a step', async () => {
      const handle = await app.client.start(Asks, { what: 'throws once' });
      await handle.result();
      expect(ran).toEqual(['inClause', 'after']);
      expect(await recordedOf(app.client, handle.id)).toEqual([
        'choose attempt_failed',
        'choose completed',
        'choose/inClause completed',
        'after completed',
      ]);
    });

    it('fails with what its selector threw last', async () => {
      const handle = await app.client.start(Asks, { what: 'throws' });
      expect((await causeOf(handle, Error)).message).toContain('never again');
      expect(asked).toBe(3);
      expect(ran).toEqual([]);
    });
  });
});
