import { inspect } from 'node:util';
import { didYouMean } from '../definition/nearest-name.js';
import { isWholeNumber, type OptionCheck, optionFaults } from '../definition/option.checks.js';
import { InvalidArgument } from '../errors/option.error.js';
import { isPlainObject } from '../serialization/plain.js';
import { isDate, weekdays } from '../time/calendar.js';
import { isStorableTime } from '../time/limits.js';
import { isTimeZone } from '../time/time-zone.js';

const isZone: OptionCheck = (value) =>
  isTimeZone(value) ? undefined : "the name of a time zone, such as 'Europe/Berlin'";

const isMoment: OptionCheck = (value) =>
  Object.prototype.toString.call(value) === '[object Date]' && isStorableTime((value as Date).getTime())
    ? undefined
    : 'a valid Date';

const areHolidays: OptionCheck = (value) => {
  if (typeof value === 'function') return undefined;
  const wanted = "a list of days such as '2026-12-25', or a function that says whether a day is one";
  if (!Array.isArray(value)) return wanted;
  const wrong = value.filter((day) => !isDate(day));
  return wrong.length === 0 ? undefined : `${wanted} (no such days: ${wrong.map(shown).join(', ')})`;
};

const place = { timezone: isZone, from: isMoment };
const timeOfDay = { hour: isWholeNumber(0, 23), minute: isWholeNumber(0, 59) };
const checks = {
  nextBusinessDay: { ...place, ...timeOfDay, holidays: areHolidays },
  nextWeekday: { ...place, ...timeOfDay },
  endOfDay: { ...place, ...timeOfDay },
} satisfies Record<string, Readonly<Record<string, OptionCheck>>>;

/** @throws InvalidArgument */
export function checkNextBusinessDay(options: unknown): void {
  refuse('nextBusinessDay()', faultsOf(options, checks.nextBusinessDay));
}

/** @throws InvalidArgument */
export function checkNextWeekday(weekday: unknown, options: unknown): void {
  refuse('nextWeekday()', [...weekdayFaults(weekday), ...faultsOf(options, checks.nextWeekday)]);
}

/** @throws InvalidArgument */
export function checkEndOfDay(options: unknown): void {
  const faults = faultsOf(options, checks.endOfDay);
  if (isPlainObject(options) && options['minute'] !== undefined && options['hour'] === undefined) {
    faults.push("its 'minute' is that of an 'hour', and there is none");
  }
  refuse('endOfDay()', faults);
}

function weekdayFaults(weekday: unknown): string[] {
  if (weekdays.some((each) => each === weekday)) return [];
  const nearest = typeof weekday === 'string' ? didYouMean(weekday, weekdays) : '';
  return [`it wants a day from 'monday' to 'sunday' first, not ${shown(weekday)}${nearest}`];
}

function faultsOf(options: unknown, known: Readonly<Record<string, OptionCheck>>): string[] {
  return isPlainObject(options)
    ? optionFaults('it', options, known)
    : [`its options are a plain object, not ${shown(options)}`];
}

function refuse(fn: string, faults: readonly string[]): void {
  if (faults.length > 0) throw new InvalidArgument(fn, faults.join('; '));
}

function shown(value: unknown): string {
  return inspect(value, { depth: 0, breakLength: Infinity, maxStringLength: 60 });
}
