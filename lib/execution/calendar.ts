import { inspect } from 'node:util';
import { InvalidArgument } from '../errors/option.error.js';
import {
  businessDayAfter,
  closeOfDay,
  FURTHEST_BUSINESS_DAY,
  type Here,
  lastMomentOfDay,
  type Weekday,
  weekdayAfter,
} from '../time/calendar.js';
import { TimeZone } from '../time/time-zone.js';
import { checkEndOfDay, checkNextBusinessDay, checkNextWeekday } from './calendar.checks.js';
import { currentContext } from './operation-context.js';

/** What every function of the calendar takes. */
export interface CalendarOptions {
  /**
   * By which clocks: the name of a time zone, such as `'Europe/Berlin'`.
   *
   * @default the `timezone` of the module; outside an execution `'UTC'`
   */
  readonly timezone?: string;
  /**
   * The moment that today is the day of.
   *
   * @default `now()`, the same on every replay; outside an execution the time of the clock
   */
  readonly from?: Date;
}

/** @publicApi */
export interface NextWeekdayOptions extends CalendarOptions {
  /**
   * From 0 to 23. Where the clocks leave it out on that day, the first moment after the gap; where they show it twice,
   * the first of the two.
   *
   * @default 9
   */
  readonly hour?: number;
  /**
   * From 0 to 59.
   *
   * @default 0
   */
  readonly minute?: number;
}

/** @publicApi */
export interface NextBusinessDayOptions extends NextWeekdayOptions {
  /**
   * The days from Monday to Friday on which nobody works: a list such as `['2026-12-25']`, or a function that is given a
   * day in this form and says whether it is one. It has to say the same on every replay.
   *
   * @default []
   */
  readonly holidays?: readonly string[] | ((day: string) => boolean);
}

/** @publicApi */
export type EndOfDayOptions = CalendarOptions & (CloseOfDay | NoCloseOfDay);

interface CloseOfDay {
  /** From 0 to 23: when the day ends, as the hour in which a business closes. Without it a day ends at midnight. */
  readonly hour: number;
  /**
   * From 0 to 59.
   *
   * @default 0
   */
  readonly minute?: number;
}

interface NoCloseOfDay {
  readonly hour?: undefined;
  readonly minute?: undefined;
}

/**
 * The next day after today that is a Monday to Friday and no holiday, at an hour of it: at 9 if none is given.
 *
 * ```ts
 * await sleepUntil(nextBusinessDay({ hour: 9, timezone: 'Europe/Berlin' }));
 * ```
 *
 * In a run method it is found anew on every replay. Where holidays or the module's time zone may change while an
 * execution waits, find it in a `step()`, which records it.
 *
 * @throws InvalidArgument, also where the holidays leave no such day within 366 days
 * @publicApi
 */
export function nextBusinessDay(options: NextBusinessDayOptions = {}): Date {
  checkNextBusinessDay(options);
  const moment = businessDayAfter(hereOf(options), timeOf(options), holidaysOf(options));
  if (moment === undefined) {
    throw new InvalidArgument(
      'nextBusinessDay()',
      `'holidays' leaves no business day within ${FURTHEST_BUSINESS_DAY} days`,
    );
  }
  return new Date(moment);
}

/**
 * The next such day after today, at an hour of it: at 9 if none is given. On a Monday, `nextWeekday('monday')` is a
 * week away.
 *
 * @throws InvalidArgument
 * @publicApi
 */
export function nextWeekday(weekday: Weekday, options: NextWeekdayOptions = {}): Date {
  checkNextWeekday(weekday, options);
  return new Date(weekdayAfter(hereOf(options), timeOf(options), weekday));
}

/**
 * The last millisecond of today; or, with an `hour`, the next time that a clock shows it: today, or tomorrow where it is
 * over.
 *
 * @throws InvalidArgument
 * @publicApi
 */
export function endOfDay(options: EndOfDayOptions = {}): Date {
  checkEndOfDay(options);
  const here = hereOf(options);
  const { hour, minute = 0 } = options;
  return new Date(hour === undefined ? lastMomentOfDay(here) : closeOfDay(here, { hour, minute }));
}

function hereOf({ from, timezone }: CalendarOptions): Here {
  const execution = currentContext()?.execution;
  return {
    from: from?.getTime() ?? execution?.now ?? Date.now(),
    zone: new TimeZone(timezone ?? execution?.services.timezone ?? 'UTC'),
  };
}

function timeOf({ hour = 9, minute = 0 }: NextWeekdayOptions): { hour: number; minute: number } {
  return { hour, minute };
}

function holidaysOf({ holidays = [] }: NextBusinessDayOptions): (day: string) => boolean {
  if (typeof holidays !== 'function') {
    const days = new Set(holidays);
    return (day) => days.has(day);
  }
  return (day) => {
    const answer: unknown = holidays(day);
    // A promise, above all: it is as good as true, and every day would be a holiday.
    if (typeof answer !== 'boolean') {
      throw new InvalidArgument(
        'nextBusinessDay()',
        `'holidays' must answer true or false at once, not ${inspect(answer, { depth: 0, breakLength: Infinity, maxStringLength: 60 })}`,
      );
    }
    return answer;
  };
}
