import { inspect } from 'node:util';
import { InvalidDuration } from '../errors/option.error.js';
import { toMilliseconds } from '../time/duration.js';
import { didYouMean } from './nearest-name.js';

/** Says what a value must be, to follow the name of its option, or nothing if the value is right. */
export type OptionCheck = (value: unknown) => string | undefined;

/** What is wrong with the options of a decorator; `where` names the decorator for the sentence. */
export function optionFaults(
  where: string,
  options: unknown,
  checks: Readonly<Record<string, OptionCheck>>,
): string[] {
  if (!isOptions(options)) return [`${where} takes an object of options, not ${shown(options)}`];
  return Object.entries(options).flatMap(([option, value]) => {
    const check = Object.hasOwn(checks, option) ? checks[option] : undefined;
    if (check === undefined) {
      return [`${where} has no option '${option}'${didYouMean(option, Object.keys(checks))}`];
    }
    const fault = value === undefined ? undefined : check(value);
    return fault === undefined ? [] : [`${where}: '${option}' must be ${fault}, not ${shown(value)}`];
  });
}

export function isOptions(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Names are stored and shown: no more than a line, nothing that PostgreSQL refuses. */
export const isName: OptionCheck = (value) =>
  typeof value === 'string' &&
  value.length >= 1 &&
  value.length <= 200 &&
  value.trim() === value &&
  value.isWellFormed() &&
  !/\p{Cc}/u.test(value)
    ? undefined
    : 'a text of 1 to 200 characters, without control characters and without spaces at its ends';

export function isWholeNumber(least: number, most: number): OptionCheck {
  return (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
      ? undefined
      : `a whole number from ${least} to ${most}`;
}

export function isNumber(least: number, most: number): OptionCheck {
  return (value) =>
    typeof value === 'number' && value >= least && value <= most
      ? undefined
      : `a number from ${least} to ${most}`;
}

export function isOneOf(...allowed: readonly unknown[]): OptionCheck {
  return (value) => (allowed.includes(value) ? undefined : `one of ${allowed.map(shown).join(', ')}`);
}

/** The name of a block, in the `in` of a step or of another block. */
export const isParent: OptionCheck = (value) =>
  typeof value === 'string' ? undefined : 'the name of a block';

export const isFunction: OptionCheck = (value) => (typeof value === 'function' ? undefined : 'a function');

export const isDuration: OptionCheck = (value) =>
  millisecondsOf(value) === undefined
    ? "a duration (milliseconds, or a text such as '90s' or '1h30m')"
    : undefined;

// Any more is a slip, and an end that far away is no date.
const LONGEST_TIMEOUT = toMilliseconds('36525d');

export const isTimeout: OptionCheck = (value) => {
  const milliseconds = millisecondsOf(value);
  return milliseconds !== undefined && milliseconds > 0 && milliseconds <= LONGEST_TIMEOUT
    ? undefined
    : "a duration (milliseconds, or a text such as '90s' or '1h30m') of more than 0 and at most 100 years";
};

export function millisecondsOf(value: unknown): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  try {
    return toMilliseconds(value);
  } catch (error) {
    if (error instanceof InvalidDuration) return undefined;
    throw error;
  }
}

function shown(value: unknown): string {
  return inspect(value, { depth: 0, breakLength: Infinity, maxStringLength: 60 });
}
