import type { TimeZone } from './time-zone.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How many days ahead a business day is looked for: a year, and a leap year's day more. */
export const FURTHEST_BUSINESS_DAY = 366;

export const weekdays = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const;

/** @publicApi */
export type Weekday = (typeof weekdays)[number];

/** A moment, and the clocks by which it is read. */
export interface Here {
  readonly from: number;
  readonly zone: TimeZone;
}

export interface TimeOfDay {
  readonly hour: number;
  readonly minute: number;
}

/*
 * A day is the local time of its midnight, whether or not a clock ever shows it: in some zones the clocks are set
 * forward at midnight, and a zone that changes sides of the date line leaves a whole day out.
 */

/** The next Monday to Friday that is no holiday, or nothing if there is none within a year. */
export function businessDayAfter(
  { from, zone }: Here,
  time: TimeOfDay,
  isHoliday: (day: string) => boolean,
): number | undefined {
  const today = dayAt(from, zone);
  for (let day = today + DAY; day <= today + FURTHEST_BUSINESS_DAY * DAY; day += DAY) {
    if (isWorkday(day) && exists(day, zone) && !isHoliday(dateOf(day))) {
      return momentAfter(from, day + sinceMidnight(time), zone);
    }
  }
  return undefined;
}

export function weekdayAfter({ from, zone }: Here, time: TimeOfDay, weekday: Weekday): number {
  const today = dayAt(from, zone);
  const distance = (weekdays.indexOf(weekday) - weekdayOf(today) + 7) % 7;
  let day = today + (distance === 0 ? 7 : distance) * DAY;
  while (!exists(day, zone)) day += 7 * DAY;
  return momentAfter(from, day + sinceMidnight(time), zone);
}

/** That time of today, or of the day after where it is over. */
export function closeOfDay({ from, zone }: Here, time: TimeOfDay): number {
  const today = dayAt(from, zone);
  const { first } = zone.momentsOf(today + sinceMidnight(time));
  if (first > from) return first;
  let day = today + DAY;
  while (!exists(day, zone)) day += DAY;
  return momentAfter(from, day + sinceMidnight(time), zone);
}

/** The last millisecond of today. */
export function lastMomentOfDay({ from, zone }: Here): number {
  const today = dayAt(from, zone);
  const midnight = zone.momentsOf(today + DAY);
  // Of two midnights the second ends today where the clocks were set back into today, as from 00:01 to 23:01; where
  // they were set back from 01:00 to 00:00, tomorrow had begun with the first.
  const endsTwice = dayAt(midnight.last - 1, zone) === today;
  return (endsTwice ? midnight.last : midnight.first) - 1;
}

/** Whether a text is a day as `YYYY-MM-DD`, and one that the calendar has. */
export function isDate(text: unknown): text is string {
  if (typeof text !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const day = Date.parse(`${text}T00:00:00Z`);
  // JavaScript takes a 30th of February for the 2nd of March.
  return !Number.isNaN(day) && dateOf(day) === text;
}

/**
 * Clocks that are set back just after midnight show the end of the day before again, and then the beginning of the new
 * one: what it shows first may be over.
 */
function momentAfter(from: number, local: number, zone: TimeZone): number {
  const { first, last } = zone.momentsOf(local);
  return first > from ? first : last;
}

function exists(day: number, zone: TimeZone): boolean {
  return dayAt(zone.momentsOf(day).first, zone) === day;
}

function dayAt(moment: number, zone: TimeZone): number {
  return Math.floor(zone.localTimeAt(moment) / DAY) * DAY;
}

function dateOf(day: number): string {
  return new Date(day).toISOString().slice(0, 'YYYY-MM-DD'.length);
}

function isWorkday(day: number): boolean {
  return weekdayOf(day) < weekdays.indexOf('saturday');
}

/** From 0, as in `weekdays`. 1970 began with a Thursday. */
function weekdayOf(day: number): number {
  const daysSinceMonday = day / DAY + weekdays.indexOf('thursday');
  return ((daysSinceMonday % 7) + 7) % 7;
}

function sinceMidnight({ hour, minute }: TimeOfDay): number {
  return hour * HOUR + minute * MINUTE;
}
