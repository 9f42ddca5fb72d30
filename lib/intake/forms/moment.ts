import { types } from 'node:util';

const DAY = 24 * 3_600_000;

// A time without its offset from UTC means another moment on each machine, and is left out.
const written =
  /^(?<date>\d{4}-\d{2}-(?<day>\d{2}))(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

const FIRST = Date.parse('0001-01-01');
const LAST = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * The moment (milliseconds since 1970) that a `Date`, also one of another realm, or a text in ISO 8601 says: a day,
 * of which it is the beginning in UTC, or a time with its offset. `undefined` for anything else, and for years that
 * are not written with four digits.
 */
export function momentOf(value: unknown): number | undefined {
  const time = timeOf(value);
  return time >= FIRST && time <= LAST ? time : undefined;
}

/** The last moment that is not after it: of a day without a time, its end. */
export function lastMomentOf(value: unknown): number | undefined {
  const moment = momentOf(value);
  const isDay = typeof value === 'string' && !value.includes('T');
  return moment !== undefined && isDay ? moment + DAY - 1 : moment;
}

function timeOf(value: unknown): number {
  // The prototype's own method: an object may have another under its name.
  if (types.isDate(value)) return Date.prototype.getTime.call(value);
  return typeof value === 'string' ? parsed(value) : NaN;
}

function parsed(text: string): number {
  const { date, day } = written.exec(text)?.groups ?? {};
  if (date === undefined) return NaN;
  // JavaScript takes the 30th of February for the 1st of March, and the 24th hour for the next day's first.
  const isInCalendar = new Date(date).getUTCDate() === Number(day);
  return isInCalendar && !text.includes('T24') ? Date.parse(text) : NaN;
}
