import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { checkAnswer } from '../../../../lib/intake/forms/answer.checks.js';
import type { FormField, FormFields, Question } from '../../../../lib/intake/forms/question.js';

const values = (question: Question, answer: unknown): unknown => {
  const verdict = checkAnswer(question, answer);
  return verdict.ok ? verdict.value : verdict;
};

const faults = (question: Question, answer: unknown): unknown => {
  const verdict = checkAnswer(question, answer);
  return verdict.ok
    ? verdict
    : Object.fromEntries(verdict.fields.map(({ path, messages }) => [path, messages]));
};

const form = (fields: FormFields): Question => ({ type: 'form', fields });

/** The object that JSON makes of the text: with own keys such as `__proto__`. */
const json = (text: string): unknown => JSON.parse(text);

describe('An approval', () => {
  const question: Question = { type: 'approval' };

  it.each([
    ['approved', 'approved'],
    ['rejected', 'rejected'],
    [true, 'approved'],
    [false, 'rejected'],
  ])('takes %p for %p', (answer, value) => {
    expect(values(question, answer)).toBe(value);
  });

  it.each([undefined, null, '', 'yes', 'Approved', 1, {}, ['approved'], Object('approved')])(
    'is not %p',
    (answer) => {
      expect(faults(question, answer)).toEqual({ $: ["must be 'approved' or 'rejected'"] });
    },
  );
});

describe('A choice', () => {
  const question: Question = { type: 'choice', choices: ['card', { value: 'cash', label: 'Cash' }] };

  it.each(['card', 'cash'])('is one of the values: %p', (answer) => {
    expect(values(question, answer)).toBe(answer);
  });

  it.each([undefined, null, '', 'Cash', 'CARD', 0, ['card'], { value: 'cash' }, 'toString'])(
    'is not %p',
    (answer) => {
      expect(faults(question, answer)).toEqual({ $: ["must be one of 'card', 'cash'"] });
    },
  );

  it('is told of at most ten', () => {
    const choices = Array.from({ length: 12 }, (_, index) => `c${index}`);
    expect(faults({ type: 'choice', choices }, 'x')).toEqual({
      $: ["must be one of 'c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7', 'c8', 'c9' and 2 more"],
    });
  });
});

describe('Choices', () => {
  const question: Question = {
    type: 'choices',
    choices: ['a', { value: 'b' }, 'c'],
    minItems: 1,
    maxItems: 2,
  };

  it('come in the order in which they are shown', () => {
    expect(values(question, ['c', 'a'])).toEqual(['a', 'c']);
    expect(values({ type: 'choices', choices: ['a'] }, [])).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ['no list', 'a', "must be a list of choices: 'a', 'b', 'c'"],
    ['nothing', undefined, "must be a list of choices: 'a', 'b', 'c'"],
    ['like a list', { length: 1, 0: 'a' }, "must be a list of choices: 'a', 'b', 'c'"],
    ['what is no choice', ['a', 'x'], "must be a list of choices, each at most once: 'a', 'b', 'c'"],
    ['one twice', ['a', 'a'], "must be a list of choices, each at most once: 'a', 'b', 'c'"],
    [
      'more than there are',
      ['a', 'b', 'c', 'd'],
      "must be a list of choices, each at most once: 'a', 'b', 'c'",
    ],
    ['holes', Array(2), "must be a list of choices, each at most once: 'a', 'b', 'c'"],
    ['too few', [], 'must be at least 1 choice'],
    ['too many', ['a', 'b', 'c'], 'must be at most 2 choices'],
  ])('are not %s', (_, answer, message) => {
    expect(faults(question, answer)).toEqual({ $: [message] });
  });
});

describe('A text', () => {
  const question: Question = { type: 'text', minLength: 2, maxLength: 4, pattern: '[a-z👍]+|[0-9]+' };

  it.each(['ab', 'abcd', '42', '👍👍👍👍'])('may be %p', (answer) => {
    expect(values(question, answer)).toBe(answer);
  });

  it('may be empty where nothing says otherwise', () => {
    expect(values({ type: 'text' }, '')).toBe('');
  });

  it.each<[unknown, string[]]>([
    [undefined, ['must be a text']],
    [42, ['must be a text']],
    [Object('ab'), ['must be a text']],
    ['', ['must be at least 2 characters long', 'must match the pattern [a-z👍]+|[0-9]+']],
    ['👍', ['must be at least 2 characters long']],
    ['abcde', ['must be at most 4 characters long']],
    ['ab1', ['must match the pattern [a-z👍]+|[0-9]+']],
    ['ab\n', ['must match the pattern [a-z👍]+|[0-9]+']],
    ['a\0b', ['must be without NUL and lone surrogates']],
    ['\ud83d', ['must be without NUL and lone surrogates']],
  ])('is not %p', (answer, messages) => {
    expect(faults(question, answer)).toEqual({ $: messages });
  });

  it('is in the singular where there is one', () => {
    expect(faults({ type: 'text', minLength: 1 }, '')).toEqual({ $: ['must be at least 1 character long'] });
  });

  it('is not matched where it is too long, which could take for ever', () => {
    const slow: Question = { type: 'text', maxLength: 20, pattern: '(a+)+b' };
    const begin = performance.now();
    expect(faults(slow, 'a'.repeat(100_000))).toEqual({ $: ['must be at most 20 characters long'] });
    expect(performance.now() - begin).toBeLessThan(1_000);
  });
});

describe('A form', () => {
  const fields: FormFields = {
    name: { type: 'text', required: true, minLength: 3 },
    count: { type: 'number', required: true, min: 1, max: 10, integer: true },
    again: { type: 'boolean', required: true },
    due: { type: 'date', required: true, min: '2026-01-01', max: new Date('2026-12-31') },
    size: { type: 'select', required: true, choices: ['s', { value: 'm' }] },
    extras: { type: 'multi-select', required: true, choices: ['a', 'b', 'c'], maxItems: 2 },
    note: { type: 'text', maxLength: 5 },
  };
  const right = {
    extras: ['c', 'a'],
    name: 'Ann',
    count: 5,
    again: false,
    due: '2026-01-31',
    size: 'm',
  };

  it('gives values of the types of its fields, in its order', () => {
    const value = values(form(fields), right);
    expect(value).toStrictEqual({
      name: 'Ann',
      count: 5,
      again: false,
      due: new Date('2026-01-31'),
      size: 'm',
      extras: ['a', 'c'],
    });
    expect(Object.keys(value as object)).toEqual(['name', 'count', 'again', 'due', 'size', 'extras']);
  });

  it('says all that is wrong at once', () => {
    const answer = {
      name: 'Al',
      count: 0.5,
      again: 'yes',
      due: '2025-12-31',
      extras: ['x'],
      nmae: 'Ann',
      note: 'too long',
    };
    expect(faults(form(fields), answer)).toEqual({
      name: ['must be at least 3 characters long'],
      count: ['must be a whole number', 'must be at least 1'],
      again: ['must be true or false'],
      due: ['must not be before 2026-01-01'],
      size: ['is required'],
      extras: ["must be a list of choices, each at most once: 'a', 'b', 'c'"],
      note: ['must be at most 5 characters long'],
      nmae: ["is no field of this form: did you mean 'name'?"],
    });
  });

  it.each<[string, unknown]>([
    ['absent', {}],
    ['undefined', { name: undefined, size: undefined, due: undefined }],
    ['null', { name: null, count: null, again: null, due: null, size: null, extras: null }],
    ['empty', { name: '', due: '', size: '', extras: [] }],
  ])('wants what is required, and is told when it is %s', (_, answer) => {
    const required = ['is required'];
    expect(faults(form(fields), answer)).toEqual({
      name: required,
      count: required,
      again: required,
      due: required,
      size: required,
      extras: required,
    });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'Ann'],
    ['a list', [right]],
    ['a Map', new Map(Object.entries(right))],
    ['an instance', new (class Answer {})()],
    ['a Date', new Date(0)],
    ['a function', () => right],
  ])('is not answered with %s', (_, answer) => {
    expect(faults(form(fields), answer)).toEqual({ $: ['must be an object with the fields of the form'] });
  });

  describe('of which a field is optional', () => {
    const optional: FormFields = {
      text: { type: 'text' },
      long: { type: 'text', minLength: 3, pattern: '[a-z]+' },
      number: { type: 'number' },
      boolean: { type: 'boolean' },
      date: { type: 'date' },
      select: { type: 'select', choices: ['a'] },
      list: { type: 'multi-select', choices: ['a'] },
      some: { type: 'multi-select', choices: ['a', 'b'], minItems: 1 },
    };
    const each = (value: unknown): unknown =>
      Object.fromEntries(Object.keys(optional).map((name) => [name, value]));

    it.each([
      ['absent', {}],
      ['undefined', each(undefined)],
      ['null', each(null)],
    ])('leaves it out where it is %s', (_, answer) => {
      expect(values(form(optional), answer)).toStrictEqual({});
    });

    it('takes what is empty as it is where that is allowed, and else for nothing, as HTML forms mean it', () => {
      const answer = { text: '', long: '', date: '', select: '', list: [], some: [] };
      expect(values(form(optional), answer)).toStrictEqual({ text: '', list: [] });
    });

    it('makes no number or boolean of what is empty', () => {
      expect(faults(form(optional), { number: '', boolean: '' })).toEqual({
        number: ['must be a number'],
        boolean: ['must be true or false'],
      });
    });
  });

  describe.each<[FormField, (readonly [unknown, unknown])[], (readonly [unknown, string])[]]>([
    [
      { type: 'number', min: -1, max: 1.5 },
      [
        [-1, -1],
        [1.5, 1.5],
        [0, 0],
      ],
      [
        ['1', 'must be a number'],
        [NaN, 'must be a number'],
        [Infinity, 'must be a number'],
        [1n, 'must be a number'],
        [new Date(1), 'must be a number'],
        [-1.1, 'must be at least -1'],
        [2, 'must be at most 1.5'],
      ],
    ],
    [
      { type: 'date', min: new Date('2026-01-01T12:00:00Z'), max: '2026-01-31' },
      [
        [new Date('2026-01-02'), new Date('2026-01-02')],
        [runInNewContext(`new Date('2026-01-02')`), new Date('2026-01-02')],
        ['2026-01-31T23:59:59.999Z', new Date('2026-01-31T23:59:59.999Z')],
        ['2026-02-01T00:30:00+01:00', new Date('2026-01-31T23:30:00Z')],
      ],
      [
        ['2026-01-01', 'must not be before 2026-01-01T12:00:00.000Z'],
        ['2026-02-01', 'must not be after 2026-01-31'],
        ['2026-02-30', 'must be a date such as 2026-01-31, or with a time and its zone 2026-01-31T09:00:00Z'],
        [
          Date.UTC(2026, 0, 2),
          'must be a date such as 2026-01-31, or with a time and its zone 2026-01-31T09:00:00Z',
        ],
        [
          new Date(NaN),
          'must be a date such as 2026-01-31, or with a time and its zone 2026-01-31T09:00:00Z',
        ],
      ],
    ],
    [
      { type: 'select', choices: ['a'] },
      [['a', 'a']],
      [
        ['b', "must be one of 'a'"],
        [['a'], "must be one of 'a'"],
      ],
    ],
    [
      { type: 'multi-select', choices: ['a', 'b'], minItems: 2 },
      [
        [
          ['b', 'a'],
          ['a', 'b'],
        ],
      ],
      [
        [['a'], 'must be at least 2 choices'],
        ['a', "must be a list of choices: 'a', 'b'"],
      ],
    ],
  ])('of which a field is $type', (field, accepted, refused) => {
    it('takes what fits', () => {
      for (const [given, value] of accepted) {
        expect(values(form({ it: field }), { it: given })).toStrictEqual({ it: value });
      }
    });

    it('refuses what does not', () => {
      for (const [given, message] of refused) {
        expect(faults(form({ it: field }), { it: given })).toEqual({ it: [message] });
      }
    });
  });
});

describe('An answer by somebody who means no good', () => {
  const fields: FormFields = {
    name: { type: 'text', required: true },
    day: { type: 'date' },
    list: { type: 'multi-select', choices: ['a', 'b'] },
  };
  const question = form(fields);
  const boom = (): never => {
    throw new Error('boom');
  };

  it('pollutes nothing', () => {
    const answer = json(
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"name":"Ann"}',
    );
    expect(faults(question, answer)).toEqual(
      Object.fromEntries([
        ['__proto__', ['is no field of this form']],
        ['constructor', ['is no field of this form']],
      ]),
    );
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('counts for nothing where it is inherited or hidden', () => {
    const inherited: unknown = json('{"list":[]}');
    Object.setPrototypeOf(inherited, { name: 'Ann' });
    const hidden = Object.defineProperty({}, 'name', { value: 'Ann', enumerable: false });
    expect(faults(question, inherited)).toHaveProperty('$');
    expect(faults(question, hidden)).toEqual({ name: ['is required'] });
  });

  it('is read once', () => {
    let reads = 0;
    const answer = {
      get name() {
        reads += 1;
        return reads === 1 ? 'Ann' : 7;
      },
    };
    expect(values(question, answer)).toEqual({ name: 'Ann' });
    expect(reads).toBe(1);
  });

  it('is refused where reading it throws, with all else that is wrong', () => {
    const answer = Object.defineProperty({ list: ['x'] }, 'name', { get: boom, enumerable: true });
    expect(faults(question, answer)).toEqual({
      name: ['cannot be read'],
      list: ["must be a list of choices, each at most once: 'a', 'b'"],
    });
  });

  it('is refused where it is a proxy that throws, or a revoked one', () => {
    const revoked = Proxy.revocable([], {});
    revoked.revoke();
    const traps = {
      get: boom,
      has: boom,
      ownKeys: boom,
      getPrototypeOf: boom,
      getOwnPropertyDescriptor: boom,
    };
    for (const hostile of [
      new Proxy({}, traps),
      new Proxy([], traps),
      revoked.proxy,
      new Proxy(boom, traps),
    ]) {
      for (const asked of [
        question,
        { type: 'text' },
        { type: 'approval' },
        { type: 'choices', choices: ['a'] },
      ]) {
        expect(checkAnswer(asked as Question, hostile).ok).toBe(false);
      }
      expect(faults(question, { name: 'Ann', list: hostile, day: hostile })).toMatchObject({
        list: [expect.any(String)],
        day: [expect.any(String)],
      });
    }
  });

  it.each([[NaN], [-1], ['x'], [1n], [Symbol('length')], [{}]])(
    'is harmless where a list says its length is %p',
    (length) => {
      const list = new Proxy([], {
        get: (target, key) => (key === 'length' ? length : Reflect.get(target, key)),
      });
      expect(() => checkAnswer(question, { name: 'Ann', list })).not.toThrow();
    },
  );

  it('takes no time where a list is huge', () => {
    const begin = performance.now();
    for (const list of [Array(4_294_967_295), Array(1_000_000).fill('a')]) {
      expect(faults(question, { name: 'Ann', list })).toEqual({
        list: ["must be a list of choices, each at most once: 'a', 'b'"],
      });
    }
    expect(performance.now() - begin).toBeLessThan(1_000);
  });

  it('is told of a few of many fields that are unknown, and of long names shortly', () => {
    const answer = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`x${index}`, 1]));
    const told = faults(question, { name: 'Ann', ...answer }) as Record<string, string[]>;
    expect(Object.keys(told)).toHaveLength(11);
    expect(told['$']).toEqual(['has 990 more fields that the form has not']);
    const long = faults(question, { name: 'Ann', ['👍'.repeat(100_000)]: 1, 'a\0\n\ud800': 1 });
    expect(Object.keys(long as object)).toEqual([`${'👍'.repeat(30)}…`, 'a\ufffd\ufffd\ufffd']);
  });

  it('shares nothing with the value', () => {
    const day = new Date(0);
    const list = ['b'];
    const value = values(question, { name: 'Ann', day, list }) as { day: Date; list: string[] };
    day.setTime(5);
    list.push('a');
    expect(value).toEqual({ name: 'Ann', day: new Date(0), list: ['b'] });
  });

  it('may come from another realm, or without a prototype', () => {
    expect(
      values(question, runInNewContext(`({ name: 'Ann', day: new Date(0), list: ['a'] })`)),
    ).toStrictEqual({
      name: 'Ann',
      day: new Date(0),
      list: ['a'],
    });
    expect(values(question, Object.assign(Object.create(null), { name: 'Ann' }))).toStrictEqual({
      name: 'Ann',
    });
  });
});
