import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '../../../crash/support/random.js';
import type { InvalidField } from '../../../../lib/errors/start.error.js';
import { isStorableText } from '../../../../lib/intake/text.checks.js';
import { checkAnswer } from '../../../../lib/intake/forms/answer.checks.js';
import type { Choice, FormField, Question } from '../../../../lib/intake/forms/question.js';
import { questionFaults, storableQuestion } from '../../../../lib/intake/forms/question.checks.js';
import { randomQuestion, rubbish } from './random-questions.js';

const ROUNDS = 2_000;
const SEEDS = [1, 2, 3];

const valuesOf = (choices: readonly Choice[]): string[] =>
  choices.map((choice) => (typeof choice === 'string' ? choice : choice.value));

/** Whether a value is one that the question allows; written anew, to hold what comes out against it. */
function isAllowed(question: Question, value: unknown): boolean {
  switch (question.type) {
    case 'approval':
      return value === 'approved' || value === 'rejected';
    case 'choice':
      return valuesOf(question.choices).includes(value as string);
    case 'choices':
      return isAllowedIn({ ...question, type: 'multi-select' }, value);
    case 'text':
      return isAllowedIn({ ...question, type: 'text' }, value);
    case 'form': {
      const { fields } = question;
      const entries = Object.entries(value as object);
      return (
        Object.getPrototypeOf(value) === Object.prototype &&
        entries.every(([name, each]) => Object.hasOwn(fields, name) && isAllowedIn(fields[name]!, each)) &&
        Object.entries(fields).every(
          ([name, { required }]) => required !== true || isFilled(value as object, name),
        )
      );
    }
  }
}

function isFilled(value: object, name: string): boolean {
  const own = Object.getOwnPropertyDescriptor(value, name)?.value as unknown;
  return own !== undefined && own !== null && own !== '' && !(Array.isArray(own) && own.length === 0);
}

function isAllowedIn(field: FormField, value: unknown): boolean {
  switch (field.type) {
    case 'text': {
      if (typeof value !== 'string' || !value.isWellFormed() || value.includes('\0')) return false;
      const { minLength = 0, maxLength = Infinity, pattern } = field;
      const length = [...value].length;
      const match = pattern === undefined ? [value] : new RegExp(`^(${pattern})$`, 'u').exec(value);
      return length >= minLength && length <= maxLength && match?.[0] === value;
    }
    case 'number':
      return (
        Number.isFinite(value) &&
        (field.integer !== true || Number.isInteger(value)) &&
        (value as number) >= (field.min ?? -Infinity) &&
        (value as number) <= (field.max ?? Infinity)
      );
    case 'boolean':
      return value === true || value === false;
    case 'date': {
      if (!(value instanceof Date) || Number.isNaN(value.getTime())) return false;
      const day = value.toISOString().slice(0, 10);
      const { min, max } = field;
      const isLate =
        typeof max === 'string' && max.length === 10 ? day > max : value > new Date(max ?? 8.64e15);
      return !isLate && value >= new Date(min ?? -8.64e15);
    }
    case 'select':
      return valuesOf(field.choices).includes(value as string);
    case 'multi-select': {
      if (!Array.isArray(value)) return false;
      const inOrder = valuesOf(field.choices).filter((each) => value.includes(each));
      return (
        JSON.stringify(inOrder) === JSON.stringify(value) &&
        value.length >= (field.minItems ?? 0) &&
        value.length <= (field.maxItems ?? Infinity)
      );
    }
  }
}

describe.each(SEEDS)('Random questions (seed %p)', (seed) => {
  it('have nothing wrong with them, and take their own answers, also when they were stored', () => {
    const random = new SeededRandom(seed);
    for (let round = 0; round < ROUNDS; round++) {
      const { asked, given, value } = randomQuestion(random);
      const verdicts = [checkAnswer(asked, given), checkAnswer(storableQuestion(asked), given)];
      const isRight = verdicts.every((verdict) => isDeepStrictEqual(verdict, { ok: true, value }));
      if (isRight && isAllowed(asked, value) && questionFaults('a test', asked).length === 0) continue;
      expect({ asked, faults: questionFaults('a test', asked), verdicts }).toEqual({ value });
    }
  });

  it('let nothing through that they do not allow, and say what is wrong', () => {
    const random = new SeededRandom(seed + 1_000);
    const counts = { accepted: 0, refused: 0 };
    for (let round = 0; round < ROUNDS * 2; round++) {
      const { asked, given } = randomQuestion(random);
      const verdict = checkAnswer(asked, spoilt(random, asked, given));
      counts[verdict.ok ? 'accepted' : 'refused'] += 1;
      const isRight = verdict.ok ? isAllowed(asked, verdict.value) : isSaid(verdict.fields);
      if (!isRight) expect({ asked, verdict }).toBe('an answer that is allowed, or sentences');
    }
    // Both happen often enough to mean something.
    expect(Math.min(counts.accepted, counts.refused)).toBeGreaterThan(ROUNDS / 20);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

/** Rubbish in the place of the answer, or of one of its fields, or beside them. */
function spoilt(random: SeededRandom, asked: Question, given: unknown): unknown {
  const fields = asked.type === 'form' ? asked.fields : {};
  const names = Object.keys(fields);
  if (names.length === 0 || random.next() < 0.3) return rubbish(random, fields);
  const name = names[random.between(0, names.length - 1)] ?? '';
  return random.pick([
    { ...(given as object), [name]: rubbish(random, fields) },
    { ...(given as object), [`${name}x`]: rubbish(random, fields) },
    Object.fromEntries(Object.entries(given as object).filter(([each]) => each !== name)),
  ]);
}

/** Whether each path is there once, with sentences that can be shown and stored. */
function isSaid(fields: readonly InvalidField[]): boolean {
  return (
    fields.length > 0 &&
    new Set(fields.map(({ path }) => path)).size === fields.length &&
    fields.every(({ path, messages }) => isStorableText(path) && messages.length > 0) &&
    fields
      .flatMap(({ messages }) => messages)
      .every(
        (message) =>
          /^(must|is|has|cannot) \S/.test(message) && !/undefined|null|NaN|Infinity|\[object/.test(message),
      )
  );
}
