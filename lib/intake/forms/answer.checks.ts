import { didYouMean } from '../../definition/nearest-name.js';
import type { InvalidField } from '../../errors/start.error.js';
import { setOwn } from '../../serialization/plain.js';
import { type Verdict, WHOLE } from '../verdict.js';
import { fieldIn, listIn, namesIn, UNREADABLE } from './foreign.js';
import type { FormField, FormFields, Question } from './question.js';
import {
  checkApproval,
  checkBoolean,
  checkChoice,
  checkChoices,
  checkDate,
  type Checked,
  checkNumber,
  checkText,
} from './value.checks.js';

/** Who sends more than these by mistake has seen enough. */
const MOST_UNKNOWN_SHOWN = 10;
const LONGEST_SHOWN = 60;

/**
 * Checks what somebody answers, and returns all that is wrong with it at once, or the value for the one who asked: of
 * the types that `AnswersOf` promises, and sharing nothing with what was given. The answer may be anything, and do
 * anything when it is read; the question is one without `questionFaults`.
 *
 * A field was left empty where it is absent, `null` or `undefined`, and also where it is `''` or `[]` and its limits do
 * not allow that: it is what an HTML form sends for it. A field that is required has to have more than that in any case.
 */
export function checkAnswer(question: Question, answer: unknown): Verdict {
  if (question.type === 'form') return checkForm(question.fields, answer);
  const checked = checkSingle(question, answer);
  return checked.ok ? checked : { ok: false, fields: [{ path: WHOLE, messages: checked.messages }] };
}

function checkSingle(question: Exclude<Question, { readonly type: 'form' }>, answer: unknown): Checked {
  switch (question.type) {
    case 'approval':
      return checkApproval(answer);
    case 'choice':
      return checkChoice(question.choices, answer);
    case 'choices':
      return checkChoices(question, answer);
    case 'text':
      return checkText(question, answer);
  }
}

function checkForm(fields: FormFields, answer: unknown): Verdict {
  const given = namesIn(answer);
  if (given === undefined) {
    return {
      ok: false,
      fields: [{ path: WHOLE, messages: ['must be an object with the fields of the form'] }],
    };
  }
  const value: Record<string, unknown> = {};
  const faults: InvalidField[] = [];
  for (const [name, field] of Object.entries(fields)) {
    const checked = checkField(field, fieldIn(answer, name));
    if (checked === 'absent') continue;
    if (checked.ok) setOwn(value, name, checked.value);
    else faults.push({ path: name, messages: checked.messages });
  }
  faults.push(...unknownFields(fields, given));
  return faults.length === 0 ? { ok: true, value } : { ok: false, fields: faults };
}

function checkField(field: FormField, given: unknown): Checked | 'absent' {
  if (given === UNREADABLE) return { ok: false, messages: ['cannot be read'] };
  const isAbsent = given === undefined || given === null;
  if (!isAbsent && !isEmpty(field, given)) return checkValue(field, given);
  if (field.required === true) return { ok: false, messages: ['is required'] };
  if (isAbsent) return 'absent';
  const checked = checkValue(field, given);
  return checked.ok ? checked : 'absent';
}

/** What an HTML form sends where nothing was entered, if it is a form's text at all. */
function isEmpty(field: FormField, given: unknown): boolean {
  if (field.type === 'multi-select') return listIn(given, 0)?.length === 0;
  return given === '' && (field.type === 'text' || field.type === 'select' || field.type === 'date');
}

function checkValue(field: FormField, given: unknown): Checked {
  switch (field.type) {
    case 'text':
      return checkText(field, given);
    case 'number':
      return checkNumber(field, given);
    case 'boolean':
      return checkBoolean(given);
    case 'date':
      return checkDate(field, given);
    case 'select':
      return checkChoice(field.choices, given);
    case 'multi-select':
      return checkChoices(field, given);
  }
}

function unknownFields(fields: FormFields, given: readonly string[]): InvalidField[] {
  const unknown = given.filter((name) => !Object.hasOwn(fields, name));
  const faults = unknown.slice(0, MOST_UNKNOWN_SHOWN).map((name) => {
    const near = name.length <= LONGEST_SHOWN ? didYouMean(name, Object.keys(fields)) : '';
    return { path: shown(name), messages: [`is no field of this form${near}`] };
  });
  const more = unknown.length - faults.length;
  if (more > 0) faults.push({ path: WHOLE, messages: [`has ${more} more fields that the form has not`] });
  return faults;
}

/** A name that anybody chose, for an error that is shown and stored. */
function shown(name: string): string {
  const text = name.length <= LONGEST_SHOWN ? name : `${name.slice(0, LONGEST_SHOWN)}…`;
  return text.toWellFormed().replaceAll(/\p{Cc}/gu, '\ufffd');
}
