import { InvalidDuration } from '../errors/option.error.js';

/**
 * Milliseconds, or a text such as `'90s'`, `'1h30m'`, `'2d'`, `'500ms'`, `'1w'`.
 *
 * @publicApi
 */
export type Duration = number | string;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

const unitLengths: Readonly<Record<string, number>> = {
  ms: 1,
  s: SECOND,
  m: MINUTE,
  h: HOUR,
  d: DAY,
  w: WEEK,
};

/** @publicApi */
export function seconds(count: number): number {
  return checked(count * SECOND, count);
}

/** @publicApi */
export function minutes(count: number): number {
  return checked(count * MINUTE, count);
}

/** @publicApi */
export function hours(count: number): number {
  return checked(count * HOUR, count);
}

/** @publicApi */
export function days(count: number): number {
  return checked(count * DAY, count);
}

/**
 * The whole milliseconds of a duration.
 *
 * @param where what the duration is for, for the error's sentence: an option, a function
 * @throws InvalidDuration
 */
export function toMilliseconds(value: Duration, where?: string): number {
  if (typeof value === 'number') return checked(value, value, where);
  if (typeof value === 'string') return checked(sumOfParts(value), value, where);
  throw new InvalidDuration(value, where);
}

/** Each unit at most once and from the longest to the shortest, so that `1h1h` and `30m1h` are seen as slips. */
function sumOfParts(text: string): number {
  const part = /\s*(\d+(?:\.\d+)?)\s*(ms|[smhdw])(?![a-z])/gy;
  let sum = 0;
  let previousUnit = Infinity;
  let end = 0;
  for (let match = part.exec(text); match !== null; match = part.exec(text)) {
    const unit = unitLengths[match[2] ?? ''] ?? NaN;
    if (unit >= previousUnit) return NaN;
    sum += Number(match[1]) * unit;
    previousUnit = unit;
    end = part.lastIndex;
  }
  return end > 0 && text.slice(end).trim() === '' ? sum : NaN;
}

function checked(milliseconds: number, given: unknown, where?: string): number {
  if (!Number.isFinite(milliseconds) || milliseconds < 0) throw new InvalidDuration(given, where);
  const whole = Math.round(milliseconds);
  // Beyond this a number of milliseconds is no longer exact; it is also 285,000 years.
  if (!Number.isSafeInteger(whole)) throw new InvalidDuration(given, where);
  return whole;
}
