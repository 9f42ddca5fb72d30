import { isStorableText } from '../text.checks.js';
import { listIn } from './foreign.js';
import { lastMomentOf, momentOf } from './moment.js';
import { wholeMatch } from './pattern.js';
import type { Choice, FormField, Question } from './question.js';

/** The value to go on with, or what it must be instead, in sentences that follow the name of a field. */
export type Checked =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly messages: string[] };

type OfType<Asked extends FormField | Question, Type> = Extract<Asked, { readonly type: Type }>;
type SeveralOf = OfType<Question, 'choices'> | OfType<FormField, 'multi-select'>;

/** Longer lists of choices are not told to the end. */
const MOST_CHOICES_SHOWN = 10;

export function checkText(
  limits: OfType<Question, 'text'> | OfType<FormField, 'text'>,
  given: unknown,
): Checked {
  if (typeof given !== 'string') return refused('must be a text');
  if (!isStorableText(given)) return refused('must be without NUL and lone surrogates');
  const { minLength = 0, maxLength = Infinity, pattern } = limits;
  const length = lengthOf(given);
  const tooLong = `must be at most ${counted(maxLength, 'character')} long`;
  // Nothing is matched that is too long: some patterns take a very long time for a very long text.
  if (length > maxLength) return refused(tooLong);
  return verdict(given, [
    length < minLength && `must be at least ${counted(minLength, 'character')} long`,
    pattern !== undefined && wholeMatch(pattern)?.test(given) !== true && `must match the pattern ${pattern}`,
  ]);
}

export function checkNumber(
  { min = -Infinity, max = Infinity, integer = false }: OfType<FormField, 'number'>,
  given: unknown,
): Checked {
  if (typeof given !== 'number' || !Number.isFinite(given)) return refused('must be a number');
  return verdict(given, [
    integer && !Number.isInteger(given) && 'must be a whole number',
    given < min && `must be at least ${min}`,
    given > max && `must be at most ${max}`,
  ]);
}

export function checkBoolean(given: unknown): Checked {
  return verdict(given, [typeof given !== 'boolean' && 'must be true or false']);
}

export function checkDate({ min, max }: OfType<FormField, 'date'>, given: unknown): Checked {
  const moment = momentOf(given);
  if (moment === undefined) {
    return refused('must be a date such as 2026-01-31, or with a time and its zone 2026-01-31T09:00:00Z');
  }
  return verdict(new Date(moment), [
    moment < (momentOf(min) ?? -Infinity) && `must not be before ${dateText(min)}`,
    moment > (lastMomentOf(max) ?? Infinity) && `must not be after ${dateText(max)}`,
  ]);
}

export function checkApproval(given: unknown): Checked {
  if (given === true) return { ok: true, value: 'approved' };
  if (given === false) return { ok: true, value: 'rejected' };
  return verdict(given, [given !== 'approved' && given !== 'rejected' && "must be 'approved' or 'rejected'"]);
}

export function checkChoice(choices: readonly Choice[], given: unknown): Checked {
  const values: readonly unknown[] = choices.map(valueOf);
  return verdict(given, [!values.includes(given) && `must be one of ${listed(choices)}`]);
}

/** They come back in the order in which they are shown, whatever the order in which they were chosen. */
export function checkChoices({ choices, minItems = 0, maxItems }: SeveralOf, given: unknown): Checked {
  const values = choices.map(valueOf);
  const chosen = listIn(given, values.length);
  if (chosen === undefined) return refused(`must be a list of choices: ${listed(choices)}`);
  const taken = new Set(chosen);
  if (taken.size < chosen.length || chosen.some((each) => !isOneOf(values, each))) {
    return refused(`must be a list of choices, each at most once: ${listed(choices)}`);
  }
  return verdict(
    values.filter((value) => taken.has(value)),
    [
      chosen.length < minItems && `must be at least ${counted(minItems, 'choice')}`,
      maxItems !== undefined && chosen.length > maxItems && `must be at most ${counted(maxItems, 'choice')}`,
    ],
  );
}

export function valueOf(choice: Choice): string {
  return typeof choice === 'string' ? choice : choice.value;
}

function isOneOf(values: readonly unknown[], given: unknown): boolean {
  return values.includes(given);
}

function verdict(value: unknown, faults: readonly (string | false)[]): Checked {
  const messages = faults.filter((fault) => fault !== false);
  return messages.length === 0 ? { ok: true, value } : { ok: false, messages };
}

function refused(message: string): Checked {
  return { ok: false, messages: [message] };
}

/** In characters as people count them, more or less: an emoji is two units of JavaScript, and one here. */
function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

function dateText(date: Date | string | undefined): string {
  return typeof date === 'string' ? date : (date?.toISOString() ?? '');
}

function listed(choices: readonly Choice[]): string {
  const shown = choices.slice(0, MOST_CHOICES_SHOWN).map((choice) => `'${valueOf(choice)}'`);
  const more = choices.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
