import { isIntegerLike } from '../../definition/method.checks.js';
import { isOneOf, type OptionCheck } from '../../definition/option.checks.js';
import { isPlainObject } from '../../serialization/plain.js';
import { isFilledText, isStorableText, isText } from '../text.checks.js';
import { WHOLE } from '../verdict.js';
import { choiceFaults } from './choice.checks.js';
import { limitFaults } from './limit.checks.js';
import { momentOf } from './moment.js';
import { wholeMatch } from './pattern.js';
import { type ChecksByType, propertyFaults } from './property.checks.js';
import type { FormField, Question } from './question.js';

const isCount: OptionCheck = (value) =>
  Number.isSafeInteger(value) && Number(value) >= 0 ? undefined : 'a whole number of 0 or more';

const isFiniteNumber: OptionCheck = (value) => (Number.isFinite(value) ? undefined : 'a finite number');

const isSwitch = isOneOf(true, false);

const isPattern: OptionCheck = (value) =>
  isStorableText(value) && wholeMatch(value) !== undefined
    ? undefined
    : "the source of a regular expression as a text, such as '[A-Z]{2}[0-9]+'";

const isDate: OptionCheck = (value) =>
  momentOf(value) === undefined
    ? "a valid Date, or a text such as '2026-01-31' or '2026-01-31T09:00:00Z'"
    : undefined;

// That there is something in them; what, the functions below look at.
const isList: OptionCheck = (value) =>
  Array.isArray(value) && value.length > 0 ? undefined : 'a list of at least one choice';

const isFields: OptionCheck = (value) =>
  isPlainObject(value) && Object.keys(value).length > 0
    ? undefined
    : 'a plain object with at least one field';

const ofText = { minLength: isCount, maxLength: isCount, pattern: isPattern };
const ofSeveral = { choices: isList, minItems: isCount, maxItems: isCount };
const ofQuestion = { prompt: isText };
const ofField = { label: isText, description: isText, required: isSwitch };

const questionChecks = {
  approval: ofQuestion,
  form: { ...ofQuestion, fields: isFields },
  choice: { ...ofQuestion, choices: isList },
  choices: { ...ofQuestion, ...ofSeveral },
  text: { ...ofQuestion, ...ofText },
} satisfies ChecksByType<Question>;

const fieldChecks = {
  text: { ...ofField, ...ofText },
  number: { ...ofField, min: isFiniteNumber, max: isFiniteNumber, integer: isSwitch },
  boolean: ofField,
  date: { ...ofField, min: isDate, max: isDate },
  select: { ...ofField, choices: isList },
  'multi-select': { ...ofField, ...ofSeveral },
} satisfies ChecksByType<FormField>;

/**
 * All that is wrong with what a developer asks, at once.
 *
 * @param where who asks, for the sentences: `waitForForm('equipment')`
 */
export function questionFaults(where: string, question: unknown): string[] {
  if (!isPlainObject(question)) return [`${where} takes the question as a plain object`];
  return [
    ...propertyFaults(where, 'question', question, questionChecks),
    ...limitFaults(where, question),
    ...choiceFaults(where, question['choices']),
    ...(question['type'] === 'form' ? fieldsFaults(where, question['fields']) : []),
  ];
}

/**
 * A question without `questionFaults` as plain JSON, a copy: what is stored is what everybody sees from then on.
 */
export function storableQuestion(question: Question): Question {
  return JSON.parse(JSON.stringify(question)) as Question;
}

function fieldsFaults(where: string, fields: unknown): string[] {
  if (!isPlainObject(fields)) return [];
  return Object.entries(fields).flatMap(([name, field]) => [
    ...nameFaults(where, name),
    ...fieldFaults(`${where}: the field '${name}'`, field),
  ]);
}

function nameFaults(where: string, name: string): string[] {
  const fault = isFilledText(name);
  if (fault !== undefined) return [`${where}: the name of a field is ${fault}`];
  if (isIntegerLike(name)) {
    return [
      `${where}: '${name}' cannot name a field: JavaScript sorts number-like names first, whatever their place`,
    ];
  }
  if (name === WHOLE) return [`${where}: '${name}' cannot name a field: it stands for the form as a whole`];
  return name in Object.prototype
    ? [`${where}: '${name}' cannot name a field: in JavaScript, every object has something under that name`]
    : [];
}

function fieldFaults(where: string, field: unknown): string[] {
  if (!isPlainObject(field)) return [`${where} must be a plain object, such as { type: 'text' }`];
  return [
    ...propertyFaults(where, 'field', field, fieldChecks),
    ...limitFaults(where, field),
    ...choiceFaults(where, field['choices']),
  ];
}
