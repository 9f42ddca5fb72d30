import { describe, expect, it } from '@jest/globals';
import {
  businessDayAfter,
  closeOfDay,
  type Here,
  lastMomentOfDay,
  type TimeOfDay,
  weekdayAfter,
  weekdays,
} from '../../../lib/time/calendar.js';
import { TimeZone } from '../../../lib/time/time-zone.js';
import { SeededRandom } from '../../crash/support/random.js';

/** All clocks of the years in question change at a quarter of an hour, so a walk in such steps misses nothing. */
const STEP = 15 * 60_000;
const DAY = 24 * 3_600_000;
const WEEK = 7 * DAY;
const FIRST_YEAR = 1990;
const LAST_YEAR = 2034;
const ROUNDS = 40;

/** What a clock on the wall shows, so that texts compare as the times do. */
interface Shown {
  readonly day: string;
  readonly time: string;
  readonly weekday: string;
}

/** The clocks as Intl alone has them, walked step by step: slow, and without a thought about gaps. */
class Wall {
  readonly #format: Intl.DateTimeFormat;
  /** The beginnings of the weeks in which the clocks change. */
  readonly changes: readonly number[];

  constructor(zone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      weekday: 'long',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    const weeks = Array.from(
      { length: (LAST_YEAR - FIRST_YEAR) * 52 },
      (_, week) => Date.UTC(FIRST_YEAR, 0, 1) + week * WEEK,
    );
    const offsets = weeks.map((week) => {
      const { day, time } = this.shownAt(week);
      return Date.parse(`${day}T${time}Z`) - week;
    });
    this.changes = weeks.filter((_, week) => week + 1 < weeks.length && offsets[week] !== offsets[week + 1]);
  }

  shownAt(moment: number): Shown {
    const parts = Object.fromEntries(
      this.#format.formatToParts(moment).map(({ type, value }) => [type, value]),
    );
    return {
      day: `${parts['year']}-${parts['month']}-${parts['day']}`,
      time: `${parts['hour']}:${parts['minute']}`,
      weekday: String(parts['weekday']).toLowerCase(),
    };
  }

  /** The first step behind a moment at which the clock shows what is looked for. */
  first(behind: number, isIt: (shown: Shown) => boolean): number {
    for (let moment = (Math.floor(behind / STEP) + 1) * STEP; moment < behind + 400 * DAY; moment += STEP) {
      if (isIt(this.shownAt(moment))) return moment;
    }
    throw new Error('The clock never shows it.');
  }

  /** The first day to come that is wanted, and then the first time of it that is not before the one asked for. */
  next(from: number, time: string, isWanted: (shown: Shown) => boolean): number {
    const today = this.shownAt(from).day;
    const { day } = this.shownAt(this.first(from, (shown) => shown.day > today && isWanted(shown)));
    return this.first(from, (shown) => `${shown.day} ${shown.time}` >= `${day} ${time}`);
  }

  close(from: number, time: string): number {
    const today = this.shownAt(from).day;
    const first = this.first(from - 2 * DAY, (shown) => `${shown.day} ${shown.time}` >= `${today} ${time}`);
    return first > from ? first : this.next(from, time, () => true);
  }

  end(from: number): number {
    const today = this.shownAt(from).day;
    let end = from;
    for (let step = Math.floor(from / STEP) * STEP; step < from + 3 * DAY; step += STEP) {
      if (this.shownAt(step).day === today) end = step + STEP - 1;
    }
    return end;
  }
}

const zones = [
  'Europe/Berlin',
  'America/New_York',
  'America/Santiago',
  'America/Havana',
  'America/Nuuk',
  'America/Caracas',
  'Africa/Cairo',
  'Africa/Casablanca',
  'Asia/Beirut',
  'Asia/Tehran',
  'Asia/Pyongyang',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Pacific/Apia',
  'Pacific/Kiritimati',
];

describe('The calendar around the days on which the clocks change', () => {
  it.each(zones)('finds in %s what a walk along the clock finds', (zone) => {
    const wall = new Wall(zone);
    const random = new SeededRandom(zones.indexOf(zone));
    for (let round = 0; round < ROUNDS; round += 1) {
      const change = wall.changes[random.between(0, Math.max(0, wall.changes.length - 1))];
      const near = change ?? Date.UTC(random.between(FIRST_YEAR, LAST_YEAR), random.between(0, 11), 15);
      const from = near + random.between(-3 * DAY, WEEK);
      // Most changes are in the first hours of a day, and some in the last.
      const hour = random.pick([0, 0, 1, 2, 3, 23, 23, random.between(4, 22)]);
      const minute = random.pick([0, 0, 15, 30, 45]);
      const time = `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
      const weekday = random.pick(weekdays);
      const oddDays = random.between(0, 1) === 1;
      const isHoliday = (day: string): boolean => oddDays && Number(day.slice(-2)) % 2 === 1;

      expect({
        from: iso(from),
        time,
        ...found({ from, zone: new TimeZone(zone) }, { hour, minute }),
      }).toEqual({
        from: iso(from),
        time,
        businessDay: iso(
          wall.next(from, time, (shown) => !shown.weekday.startsWith('s') && !isHoliday(shown.day)),
        ),
        weekday: iso(wall.next(from, time, (shown) => shown.weekday === weekday)),
        close: iso(wall.close(from, time)),
        end: iso(wall.end(from)),
      });

      function found(here: Here, at: TimeOfDay): Record<string, string> {
        return {
          businessDay: iso(businessDayAfter(here, at, isHoliday) ?? NaN),
          weekday: iso(weekdayAfter(here, at, weekday)),
          close: iso(closeOfDay(here, at)),
          end: iso(lastMomentOfDay(here)),
        };
      }
    }
  });
});

describe('Clocks that are set back just after midnight', () => {
  // 2010-11-07 in St. John's: at 00:01 it was 23:01 of the 6th again.
  const clocks = new TimeZone('America/St_Johns');
  const at = (from: string): Here => ({ from: Date.parse(from), zone: clocks });
  const midnight = { hour: 0, minute: 0 };
  const secondHalfPastEleven = '2010-11-07T03:00:00Z';

  it('show the midnight that is still to come', () => {
    expect(iso(weekdayAfter(at(secondHalfPastEleven), midnight, 'sunday'))).toBe('2010-11-07T03:30:00.000Z');
    expect(iso(weekdayAfter(at('2010-11-06T12:00:00Z'), midnight, 'sunday'))).toBe(
      '2010-11-07T02:30:00.000Z',
    );
  });

  it('end the day the second time', () => {
    for (const from of ['2010-11-06T12:00:00Z', '2010-11-07T02:29:00Z', secondHalfPastEleven]) {
      expect(iso(lastMomentOfDay(at(from)))).toBe('2010-11-07T03:29:59.999Z');
    }
  });
});

describe('Clocks that are set back to midnight', () => {
  it('end the day before the first one', () => {
    // 2026-11-01 in Havana: at 01:00 it was midnight again.
    const here: Here = { from: Date.parse('2026-10-31T12:00:00Z'), zone: new TimeZone('America/Havana') };
    expect(iso(lastMomentOfDay(here))).toBe('2026-11-01T03:59:59.999Z');
    expect(iso(weekdayAfter(here, { hour: 0, minute: 30 }, 'sunday'))).toBe('2026-11-01T04:30:00.000Z');
  });
});

describe('Clocks that are set forward over the last hour of a day', () => {
  // 2024-03-30 in Nuuk: after 22:59 it was midnight.
  const here: Here = { from: Date.parse('2024-03-30T12:00:00Z'), zone: new TimeZone('America/Nuuk') };

  it('end the day an hour early', () => {
    expect(iso(lastMomentOfDay(here))).toBe('2024-03-31T00:59:59.999Z');
  });

  it('show the first moment of the day after instead', () => {
    expect(iso(closeOfDay(here, { hour: 23, minute: 30 }))).toBe('2024-03-31T01:00:00.000Z');
  });
});

function iso(moment: number): string {
  return new Date(moment).toISOString();
}
