import { describe, expect, it } from '@jest/globals';
import {
  businessDayAfter,
  closeOfDay,
  type Here,
  isDate,
  lastMomentOfDay,
  type Weekday,
  weekdayAfter,
  weekdays,
} from '../../../lib/time/calendar.js';
import { isTimeZone, TimeZone } from '../../../lib/time/time-zone.js';
import { derivedRandom } from '../../../lib/identity/derived.js';

function here(from: string | number, zone: string): Here {
  return { from: new Date(from).getTime(), zone: new TimeZone(zone) };
}

function iso(moment: number | undefined): string {
  return new Date(moment ?? NaN).toISOString();
}

const never = (): boolean => false;
const ROUNDS = 150;
const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Santiago',
  'Africa/Cairo',
  'Asia/Beirut',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Chatham',
  'America/St_Johns',
];

describe('The next business day', () => {
  it.each([
    ['over a weekend', '2026-11-27T10:00:00Z', 'UTC', 9, '2026-11-30T09:00:00.000Z'],
    ['of a weekday', '2026-11-24T23:59:59Z', 'UTC', 0, '2026-11-25T00:00:00.000Z'],
    [
      'over the beginning of summer time',
      '2026-03-27T12:00:00Z',
      'Europe/Berlin',
      9,
      '2026-03-30T07:00:00.000Z',
    ],
    ['over its end', '2026-10-23T12:00:00Z', 'Europe/Berlin', 9, '2026-10-26T08:00:00.000Z'],
    ['over the end of a month', '2026-01-31T12:00:00Z', 'UTC', 9, '2026-02-02T09:00:00.000Z'],
    ['on a leap day', '2028-02-28T12:00:00Z', 'UTC', 9, '2028-02-29T09:00:00.000Z'],
    [
      'where the day has begun elsewhere already',
      '2026-11-26T20:00:00Z',
      'Asia/Tokyo',
      9,
      '2026-11-30T00:00:00.000Z',
    ],
    ['at three quarters of an hour', '2026-11-27T00:00:00Z', 'Asia/Kathmandu', 9, '2026-11-30T03:15:00.000Z'],
    ['over a day that was left out', '2011-12-29T20:00:00Z', 'Pacific/Apia', 9, '2012-01-01T19:00:00.000Z'],
  ])('%s', (_, from, zone, hour, expected) => {
    expect(iso(businessDayAfter(here(from, zone), { hour, minute: 0 }, never))).toBe(expected);
  });

  it('leaves holidays out', () => {
    const holidays = new Set(['2027-01-01', '2027-01-04']);
    const moment = businessDayAfter(here('2026-12-31T12:00:00Z', 'UTC'), { hour: 9, minute: 30 }, (day) =>
      holidays.has(day),
    );
    expect(iso(moment)).toBe('2027-01-05T09:30:00.000Z');
  });

  it('is none where every day is a holiday', () => {
    expect(businessDayAfter(here('2026-12-31T12:00:00Z', 'UTC'), { hour: 9, minute: 0 }, () => true)).toBe(
      undefined,
    );
  });
});

describe('The next weekday', () => {
  it.each<[string, string, string, Weekday, number, number, string]>([
    ['is a week away on that day', '2026-11-30T08:00:00Z', 'UTC', 'monday', 9, 0, '2026-12-07T09:00:00.000Z'],
    [
      'is tomorrow on the day before',
      '2026-11-29T23:00:00Z',
      'UTC',
      'monday',
      0,
      0,
      '2026-11-30T00:00:00.000Z',
    ],
    [
      'begins after a gap',
      '2026-03-28T12:00:00Z',
      'Europe/Berlin',
      'sunday',
      2,
      30,
      '2026-03-29T01:00:00.000Z',
    ],
    [
      'takes the first of two',
      '2026-10-24T12:00:00Z',
      'Europe/Berlin',
      'sunday',
      2,
      30,
      '2026-10-25T00:30:00.000Z',
    ],
    [
      'begins an hour late where the gap is at midnight',
      '2026-09-05T12:00:00Z',
      'America/Santiago',
      'sunday',
      0,
      0,
      '2026-09-06T04:00:00.000Z',
    ],
    [
      'is a week later where it was left out',
      '2011-12-29T20:00:00Z',
      'Pacific/Apia',
      'friday',
      9,
      0,
      '2012-01-05T19:00:00.000Z',
    ],
  ])('%s', (_, from, zone, weekday, hour, minute, expected) => {
    expect(iso(weekdayAfter(here(from, zone), { hour, minute }, weekday))).toBe(expected);
  });
});

describe('The end of the day', () => {
  it.each([
    ['is its last millisecond', '2026-11-27T10:00:00Z', 'Europe/Berlin', '2026-11-27T22:59:59.999Z'],
    ['is that of the local day', '2026-11-27T23:30:00Z', 'Europe/Berlin', '2026-11-28T22:59:59.999Z'],
    [
      'comes before a gap at midnight',
      '2026-09-05T12:00:00Z',
      'America/Santiago',
      '2026-09-06T03:59:59.999Z',
    ],
    ['of a day of 25 hours', '2026-10-25T00:00:00Z', 'Europe/Berlin', '2026-10-25T22:59:59.999Z'],
  ])('%s', (_, from, zone, expected) => {
    expect(iso(lastMomentOfDay(here(from, zone)))).toBe(expected);
  });

  it.each([
    ['2026-11-27T16:59:59.999Z', '2026-11-27T17:00:00.000Z'],
    ['2026-11-27T17:00:00Z', '2026-11-28T17:00:00.000Z'],
    ['2026-12-31T18:00:00Z', '2027-01-01T17:00:00.000Z'],
  ])('with an hour, %s, is %s', (from, expected) => {
    expect(iso(closeOfDay(here(from, 'UTC'), { hour: 17, minute: 0 }))).toBe(expected);
  });
});

describe('The calendar, beside the clocks of Intl', () => {
  it.each(zones)('is right in %s, at any moment', (zone) => {
    const clock = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      weekday: 'long',
      hour: 'numeric',
      minute: 'numeric',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    const shown = (moment: number): { day: string; weekday: string; time: number } => {
      const parts = Object.fromEntries(clock.formatToParts(moment).map(({ type, value }) => [type, value]));
      return {
        day: `${parts['year']}-${parts['month']}-${parts['day']}`,
        weekday: String(parts['weekday']).toLowerCase(),
        time: Number(parts['hour']) * 60 + Number(parts['minute']),
      };
    };
    for (let round = 0; round < ROUNDS; round += 1) {
      const random = (what: string): number => derivedRandom(`${zone}/${round}/${what}`);
      const from = Date.UTC(2005, 0, 1) + Math.floor(random('from') * 30 * 365.25 * 86_400_000);
      const hour = Math.floor(random('hour') * 24);
      const minute = Math.floor(random('minute') * 60);
      const isHoliday = (day: string): boolean => derivedRandom(`${zone}/${round}/${day}`) < 0.2;
      const now = here(from, zone);

      const business = businessDayAfter(now, { hour, minute }, isHoliday) ?? NaN;
      const weekday = weekdays[Math.floor(random('weekday') * 7)] ?? 'monday';
      const named = weekdayAfter(now, { hour, minute }, weekday);
      const today = shown(from).day;
      for (const moment of [business, named]) {
        expect(moment).toBeGreaterThan(from);
        expect(shown(moment).day > today).toBe(true);
        const asked = hour * 60 + minute;
        // In a gap, the first moment after it: just before, the clock was at or before the time that was asked for.
        if (shown(moment).time !== asked) {
          expect(shown(moment).time).toBeGreaterThan(asked);
          const before = shown(moment - 60_000);
          expect(before.day < shown(moment).day || before.time < asked).toBe(true);
        }
      }
      const found = shown(business);
      expect(['saturday', 'sunday']).not.toContain(found.weekday);
      expect(isHoliday(found.day)).toBe(false);
      expect(shown(named).weekday).toBe(weekday);
      // No day between would have done.
      const between = new Map<string, string>();
      for (let moment = from; moment < business; moment += 3_600_000) {
        const { day, weekday: name } = shown(moment);
        if (day > today && day < found.day) between.set(day, name);
      }
      for (const [day, name] of between) {
        expect(name === 'saturday' || name === 'sunday' || isHoliday(day)).toBe(true);
      }
      const end = lastMomentOfDay(now);
      expect(end).toBeGreaterThanOrEqual(from);
      expect(shown(end).day).toBe(today);
      expect(shown(end + 1).day > today).toBe(true);
    }
  });
});

describe('What is no day or no zone', () => {
  it.each(['2026-02-30', '2026-1-1', '2026-13-01', '', 5, undefined, '2026-01-01T00:00:00Z'])(
    '%p',
    (text) => {
      expect(isDate(text)).toBe(false);
    },
  );

  it.each(['+02:00', 'Mars/Olympus', '', 5, undefined, 'Europe/Berlin '])('%p', (name) => {
    expect(isTimeZone(name)).toBe(false);
  });

  it('is told from what is one', () => {
    expect(isDate('2028-02-29')).toBe(true);
    expect(zones.every(isTimeZone)).toBe(true);
  });
});
