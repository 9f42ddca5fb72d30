import { runInNewContext } from 'node:vm';
import type { SeededRandom } from '../../../crash/support/random.js';
import type { Choice, FormField, FormFields, Question } from '../../../../lib/intake/forms/question.js';
import { valueOf } from '../../../../lib/intake/forms/value.checks.js';

/** Something asked, and what may be answered: as it is given, and as it has to come out. */
interface Answered<Asked> {
  readonly asked: Asked;
  readonly given: unknown;
  readonly value: unknown;
}

const DAY = 24 * 3_600_000;
const LETTERS = ['a', 'B', '7', ' ', 'ß', '👍', '\n', '"', '.', '$'] as const;
const NAMES = [
  'name',
  'size',
  'due date',
  'größe',
  'a.b',
  '👍',
  '1st',
  'no',
  'Name',
  'then',
  'length',
] as const;

export function randomQuestion(random: SeededRandom): Answered<Question> {
  const prompt = random.pick([undefined, 'Which?', '']);
  const asked = random.pick([
    randomApproval,
    randomForm,
    randomForm,
    randomChoice,
    randomChoices,
    randomText,
  ])(random);
  return { ...asked, asked: { ...asked.asked, ...(prompt !== undefined && { prompt }) } };
}

function randomApproval(random: SeededRandom): Answered<Question> {
  const given = random.pick(['approved', 'rejected', true, false]);
  const value = given === true ? 'approved' : given === false ? 'rejected' : given;
  return { asked: { type: 'approval' }, given, value };
}

function randomChoice(random: SeededRandom): Answered<Question> {
  const choices = randomList(random);
  const given = valueOf(random.pick(choices));
  return { asked: { type: 'choice', choices }, given, value: given };
}

function randomChoices(random: SeededRandom): Answered<Question> {
  const { asked, ...answer } = randomSeveral(random);
  return { asked: { type: 'choices', ...asked }, ...answer };
}

function randomText(random: SeededRandom): Answered<Question> {
  const { asked, ...answer } = randomLimits(random);
  return { asked: { type: 'text', ...asked }, ...answer };
}

function randomForm(random: SeededRandom): Answered<Question> {
  const names = shuffled(random, NAMES).slice(0, random.between(1, 6));
  const fields: Record<string, FormField> = {};
  const given: [string, unknown][] = [];
  const value: Record<string, unknown> = {};
  for (const name of names) {
    const field = randomField(random);
    const required = random.pick([undefined, true, false]);
    fields[name] = { ...field.asked, ...(required !== undefined && { required }) };
    const isEmpty = field.given === '' || (Array.isArray(field.given) && field.given.length === 0);
    if (required === true && isEmpty) fields[name] = { ...field.asked, required: false };
    if (required !== true && random.next() < 0.3) {
      const nothing = random.pick([undefined, null, 'absent']);
      if (nothing !== 'absent') given.push([name, nothing]);
    } else {
      given.push([name, field.given]);
      value[name] = field.value;
    }
  }
  return { asked: { type: 'form', fields }, given: Object.fromEntries(shuffled(random, given)), value };
}

function randomField(random: SeededRandom): Answered<FormField> {
  const maker = random.pick([
    (): Answered<FormField> => named('text', randomLimits(random)),
    (): Answered<FormField> => named('multi-select', randomSeveral(random)),
    (): Answered<FormField> => {
      const choices = randomList(random);
      const given = valueOf(random.pick(choices));
      return { asked: { type: 'select', choices }, given, value: given };
    },
    (): Answered<FormField> => {
      const given = random.next() < 0.5;
      return { asked: { type: 'boolean' }, given, value: given };
    },
    (): Answered<FormField> => randomNumber(random),
    (): Answered<FormField> => randomDate(random),
  ]);
  return maker();
}

function named<Type extends 'text' | 'multi-select'>(
  type: Type,
  { asked, given, value }: Answered<object>,
): Answered<FormField> {
  return { asked: { type, ...asked } as FormField, given, value };
}

function randomNumber(random: SeededRandom): Answered<FormField> {
  const integer = random.pick([undefined, true, false]);
  const given = integer === true ? random.between(-50, 50) : random.next() * 100 - 50;
  const asked: FormField = {
    type: 'number',
    ...(integer !== undefined && { integer }),
    ...(random.next() < 0.5 && { min: given - random.between(0, 3) }),
    ...(random.next() < 0.5 && { max: given + random.between(0, 3) }),
  };
  return { asked, given, value: given };
}

function randomDate(random: SeededRandom): Answered<FormField> {
  const day = random.between(-30_000, 30_000) * DAY;
  const time = day + random.pick([0, random.between(0, DAY - 1)]);
  const given = random.pick([
    new Date(time),
    new Date(time).toISOString(),
    runInNewContext(`new Date(${time})`) as Date,
    new Date(day).toISOString().slice(0, 10),
  ]);
  const value = new Date(typeof given === 'string' && given.length === 10 ? day : time);
  const bound = (moment: number): Date | string =>
    random.pick<Date | string>([
      new Date(moment),
      new Date(moment).toISOString(),
      new Date(day).toISOString().slice(0, 10),
    ]);
  const asked: FormField = {
    type: 'date',
    ...(random.next() < 0.5 && { min: bound(day) }),
    ...(random.next() < 0.5 && { max: bound(time) }),
  };
  return { asked, given, value };
}

function randomLimits(
  random: SeededRandom,
): Answered<{ minLength?: number; maxLength?: number; pattern?: string }> {
  const length = random.between(0, 6);
  const given = Array.from({ length }, () => random.pick([...LETTERS])).join('');
  return {
    asked: {
      ...(random.next() < 0.5 && { minLength: Math.max(0, length - random.between(0, 2)) }),
      ...(random.next() < 0.5 && { maxLength: length + random.between(0, 2) }),
      ...(random.next() < 0.3 && {
        pattern: random.pick([String.raw`[^\p{Sc}]*|[\s\S]*`, `[${LETTERS.join('')}]*`]),
      }),
    },
    given,
    value: given,
  };
}

function randomSeveral(
  random: SeededRandom,
): Answered<{ choices: readonly Choice[]; minItems?: number; maxItems?: number }> {
  const choices = randomList(random);
  const value = choices.map(valueOf).filter(() => random.next() < 0.5);
  return {
    asked: {
      choices,
      ...(random.next() < 0.5 && { minItems: Math.max(0, value.length - random.between(0, 2)) }),
      ...(random.next() < 0.5 && { maxItems: value.length + random.between(0, 2) }),
    },
    given: shuffled(random, value),
    value,
  };
}

function randomList(random: SeededRandom): [Choice, ...Choice[]] {
  const values = shuffled(random, [...NAMES, ' ', 'constructor', '0']).slice(0, random.between(1, 5));
  return values.map((value) => random.pick<Choice>([value, { value }, { value, label: 'a label' }])) as [
    Choice,
    ...Choice[],
  ];
}

function shuffled<Item>(random: SeededRandom, items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, place: random.next() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

/** Anything at all, often something that looks like an answer. */
export function rubbish(random: SeededRandom, fields: FormFields, depth = 2): unknown {
  const boom = (): never => {
    throw new Error('boom');
  };
  const inside = (): unknown => (depth === 0 ? null : rubbish(random, fields, depth - 1));
  const names = [...Object.keys(fields), '__proto__', 'constructor', 'nmae', '', '0'];
  const name = (): string => names[random.between(0, names.length - 1)] ?? '';
  const make = random.pick<() => unknown>([
    () => random.pick([undefined, null, '', true, false, NaN, -0, Infinity, 1e300, 5n, Symbol('s'), boom]),
    () =>
      random.pick(['approved', 'a', '2026-01-31', '2026-02-30T00:00Z', '\0', '\ud800', '𝒳'.repeat(50), '5']),
    () =>
      random.pick([
        new Date(NaN),
        new Date(8.64e15),
        new Date(0),
        /a/,
        new Map(),
        new Set(['a']),
        Object('a'),
      ]),
    () => Array.from({ length: random.between(0, 4) }, inside),
    () =>
      random.pick<unknown>([
        Array(4_294_967_295),
        Object.assign([], { 5: 'a' }),
        { length: 2 },
        new Uint8Array(3),
      ]),
    () => Object.fromEntries(Array.from({ length: random.between(0, 6) }, () => [name(), inside()])),
    () => Object.fromEntries(Object.keys(fields).map((each) => [each, inside()])),
    () => Object.defineProperty({}, name(), { get: boom, enumerable: random.next() < 0.8 }),
    () => Object.create({ [name()]: inside() }, { [name()]: { value: inside(), enumerable: true } }),
    () =>
      new Proxy(random.pick<object>([{}, [], boom]), {
        [random.pick(['get', 'ownKeys', 'has', 'getPrototypeOf', 'getOwnPropertyDescriptor'])]: boom,
      }),
    () => new Proxy([], { get: () => inside() }),
  ]);
  return make();
}
