import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import type { Question } from '../../../../lib/intake/forms/question.js';
import { questionFaults, storableQuestion } from '../../../../lib/intake/forms/question.checks.js';

const WHERE = "waitForForm('equipment')";

/** A form with this one field. */
function formWith(field: unknown): unknown {
  return { type: 'form', fields: { size: field } };
}

const right: [string, Question][] = [
  ['an approval', { type: 'approval' }],
  ['an approval with a prompt', { type: 'approval', prompt: 'Is 5 kg fine?\nReally?' }],
  ['a text', { type: 'text' }],
  ['a text with limits', { type: 'text', minLength: 0, maxLength: 0, pattern: '' }],
  ['a pattern with alternatives', { type: 'text', pattern: 'a|b' }],
  ['a pattern in the grammar of v', { type: 'text', pattern: String.raw`[\p{L}--[a-z]]+` }],
  ['a pattern in the grammar of u', { type: 'text', pattern: String.raw`[\w-]+` }],
  ['a choice', { type: 'choice', choices: ['card', { value: 'cash', label: 'Cash' }, { value: 'both' }] }],
  ['choices', { type: 'choices', choices: ['a', 'b'], minItems: 2, maxItems: 2 }],
  [
    'a form with every kind of field',
    {
      type: 'form',
      prompt: 'What do you need?',
      fields: {
        name: {
          type: 'text',
          label: 'Name',
          description: 'Your own',
          required: true,
          minLength: 1,
          pattern: '.+',
        },
        count: { type: 'number', min: -1.5, max: 1.5, integer: true },
        again: { type: 'boolean', required: false },
        'due date': { type: 'date', min: new Date(0), max: '2026-01-31' },
        exact: { type: 'date', min: '2026-01-31T09:00:00Z', max: '2026-01-31T10:00+01:00' },
        day: { type: 'date', min: '2026-01-31T09:00:00Z', max: '2026-01-31' },
        size: { type: 'select', choices: ['s', 'm'] },
        extras: { type: 'multi-select', choices: ['a', 'b'], minItems: 1, maxItems: 9 },
        größe: { type: 'text', label: undefined },
        _1: { type: 'text' },
      },
    },
  ],
];

const wrong: [string, unknown, string[]][] = [
  ['nothing', undefined, [`${WHERE} takes the question as a plain object`]],
  ['a list', [], [`${WHERE} takes the question as a plain object`]],
  ['no type', {}, [`${WHERE}: 'type' must be one of 'approval', 'form', 'choice', 'choices', 'text'`]],
  [
    'an unknown type',
    { type: 'aproval' },
    [
      `${WHERE}: 'type' must be one of 'approval', 'form', 'choice', 'choices', 'text': did you mean 'approval'?`,
    ],
  ],
  [
    'a type that every object has',
    { type: 'toString' },
    [`${WHERE}: 'type' must be one of 'approval', 'form', 'choice', 'choices', 'text'`],
  ],
  [
    'an unknown property',
    { type: 'approval', promt: 'Fine?' },
    [`${WHERE} has no option 'promt': did you mean 'prompt'?`],
  ],
  [
    'no text',
    { type: 'approval', prompt: 5 },
    [`${WHERE}: 'prompt' must be a text without NUL and lone surrogates, not 5`],
  ],
  [
    'a text that cannot be stored',
    { type: 'approval', prompt: 'a\0b' },
    [/'prompt' must be a text without NUL/],
  ],
  [
    'properties of another type',
    { type: 'approval', fields: { a: { type: 'text' } }, minItems: 1, maxLength: undefined },
    [
      `${WHERE}: 'fields' is for a question of type 'form', not 'approval'`,
      `${WHERE}: 'minItems' is for a question of type 'choices', not 'approval'`,
    ],
  ],
  [
    'choices in a text',
    { type: 'text', choices: ['a'] },
    [`${WHERE}: 'choices' is for a question of type 'choice' or 'choices', not 'text'`],
  ],
  ['a form without fields', { type: 'form' }, [`${WHERE} needs 'fields': what there is to fill in`]],
  [
    'a form with no field',
    { type: 'form', fields: {} },
    [`${WHERE}: 'fields' must be a plain object with at least one field, not {}`],
  ],
  ['a list of fields', { type: 'form', fields: [{ type: 'text' }] }, [/'fields' must be a plain object/]],
  ['nothing to choose', { type: 'choice' }, [`${WHERE} needs 'choices': what there is to choose`]],
  [
    'no choices',
    { type: 'choices', choices: [] },
    [`${WHERE}: 'choices' must be a list of at least one choice, not []`],
  ],
  [
    'choices that are none',
    // oxlint-disable-next-line no-sparse-arrays -- a hole is no choice either
    { type: 'choice', choices: [1, null, '', , { label: 'A' }, { value: 'b', lable: 'B' }, ['c'], 'a\0'] },
    [
      `${WHERE}: choice 1 must be a text, or { value, label }`,
      `${WHERE}: choice 2 must be a text, or { value, label }`,
      `${WHERE}: choice 3: 'value' must be a text without NUL and lone surrogates, and not an empty one, not ''`,
      `${WHERE}: choice 4 must be a text, or { value, label }`,
      `${WHERE}: choice 5 needs a 'value'`,
      `${WHERE}: choice 6 has no option 'lable': did you mean 'label'?`,
      `${WHERE}: choice 7 must be a text, or { value, label }`,
      /choice 8: 'value' must be a text without NUL/,
    ],
  ],
  [
    'the same choice twice',
    { type: 'choice', choices: ['a', { value: 'a', label: 'Another' }, 'b', 'a'] },
    [`${WHERE}: the choice 'a' is there twice`],
  ],
  [
    'limits that cross',
    { type: 'text', minLength: 5, maxLength: 4 },
    [`${WHERE}: 'minLength' is more than 'maxLength'`],
  ],
  [
    'more to choose than there is',
    { type: 'choices', choices: ['a'], minItems: 2 },
    [`${WHERE}: 'minItems' is more than there are choices`],
  ],
  [
    'limits that are none',
    { type: 'text', minLength: -1, maxLength: 1.5 },
    [
      `${WHERE}: 'minLength' must be a whole number of 0 or more, not -1`,
      `${WHERE}: 'maxLength' must be a whole number of 0 or more, not 1.5`,
    ],
  ],
  ...['(', '[a', 'a)|(b', '*', '\\', '(?<a>', '[z-a]'].map((pattern): [string, unknown, RegExp[]] => [
    `the pattern ${pattern}`,
    { type: 'text', pattern },
    [/'pattern' must be the source of a regular expression as a text/],
  ]),
  [
    'a RegExp',
    { type: 'text', pattern: /a/ },
    [/'pattern' must be the source of a regular expression as a text, such as .*, not \/a\//],
  ],
  [
    'a field that is none',
    formWith('text'),
    [`${WHERE}: the field 'size' must be a plain object, such as { type: 'text' }`],
  ],
  [
    'a field of an unknown type',
    formWith({ type: 'multiselect' }),
    [/the field 'size': 'type' must be .*did you mean 'multi-select'\?/],
  ],
  [
    'a field with a property of another type',
    formWith({ type: 'number', minLength: 1 }),
    [`${WHERE}: the field 'size': 'minLength' is for a field of type 'text', not 'number'`],
  ],
  [
    'a select without choices',
    formWith({ type: 'select', reqired: true }),
    [
      `${WHERE}: the field 'size' has no option 'reqired': did you mean 'required'?`,
      `${WHERE}: the field 'size' needs 'choices': what there is to choose`,
    ],
  ],
  [
    'a switch that is none',
    formWith({ type: 'text', required: 'yes' }),
    [/'required' must be one of true, false, not 'yes'/],
  ],
  [
    'a number that is none',
    formWith({ type: 'number', min: NaN, max: '5' }),
    [/'min' must be a finite/, /'max' must be a finite/],
  ],
  ['numbers that cross', formWith({ type: 'number', min: 1, max: 0 }), [/'min' is more than 'max'/]],
  [
    'no whole number',
    formWith({ type: 'number', min: 0.2, max: 0.8, integer: true }),
    [/there is no whole number from/],
  ],
  [
    'dates that are none',
    formWith({ type: 'date', min: 'soon', max: new Date(NaN) }),
    [/'min' must be a valid/, /'max' must be/],
  ],
  [
    'dates that cross',
    formWith({ type: 'date', min: new Date(1), max: '1969-12-31' }),
    [/'min' is more than 'max'/],
  ],
  [
    'bad names',
    {
      type: 'form',
      fields: {
        '': { type: 'text' },
        '7': { type: 'text' },
        'a\0': { type: 'text' },
        constructor: { type: 'text' },
        $: { type: 'text' },
        ['__proto__']: { type: 'text' },
      },
    },
    [
      `${WHERE}: '7' cannot name a field: JavaScript sorts number-like names first, whatever their place`,
      `${WHERE}: the name of a field is a text without NUL and lone surrogates, and not an empty one`,
      `${WHERE}: the name of a field is a text without NUL and lone surrogates, and not an empty one`,
      `${WHERE}: 'constructor' cannot name a field: in JavaScript, every object has something under that name`,
      `${WHERE}: '$' cannot name a field: it stands for the form as a whole`,
      `${WHERE}: '__proto__' cannot name a field: in JavaScript, every object has something under that name`,
    ],
  ],
  [
    'everything at once',
    {
      type: 'form',
      prompt: 1,
      choices: ['a'],
      fields: {
        a: { type: 'text', minLength: 2, maxLength: 1 },
        b: null,
        c: { type: 'select', choices: ['x', 'x'] },
      },
    },
    [
      /'prompt' must be/,
      /'choices' is for a question of type 'choice' or 'choices', not 'form'/,
      /the field 'a': 'minLength' is more than/,
      /the field 'b' must be a plain object/,
      /the field 'c': the choice 'x' is there twice/,
    ],
  ],
] as [string, unknown, string[]][];

describe('A question', () => {
  it.each(right)('may be %s', (_, question) => {
    expect(questionFaults(WHERE, question)).toEqual([]);
  });

  it.each(wrong)('is not %s', (_, question, sentences) => {
    expect(questionFaults(WHERE, question)).toEqual(
      sentences.map((sentence) =>
        typeof sentence === 'string' ? sentence : expect.stringMatching(sentence),
      ),
    );
  });

  it('may come from another realm', () => {
    const question: unknown = runInNewContext(
      `({ type: 'form', fields: { day: { type: 'date', min: new Date(0) }, size: { type: 'select', choices: ['s'] } } })`,
    );
    expect(questionFaults(WHERE, question)).toEqual([]);
  });
});

describe('A stored question', () => {
  it.each(right)('is the same after JSON, and asks the same: %s', (_, question) => {
    const stored = storableQuestion(question);
    expect(JSON.parse(JSON.stringify(stored))).toStrictEqual(stored);
    expect(questionFaults(WHERE, stored)).toEqual([]);
    expect(storableQuestion(stored)).toStrictEqual(stored);
  });

  it('has its dates as texts, and its fields in their order', () => {
    const stored = storableQuestion({
      type: 'form',
      fields: {
        z: { type: 'date', min: new Date(0), max: '2026-01-31' },
        a: { type: 'number', min: -0, label: undefined },
      },
    });
    expect(JSON.stringify(stored)).toBe(
      '{"type":"form","fields":{"z":{"type":"date","min":"1970-01-01T00:00:00.000Z","max":"2026-01-31"},"a":{"type":"number","min":0}}}',
    );
  });

  it('shares nothing with the question', () => {
    const choices = ['a'];
    const stored = storableQuestion({ type: 'choice', choices });
    choices.push('b');
    expect(stored).toEqual({ type: 'choice', choices: ['a'] });
  });
});
