import { IANAZone } from 'luxon';

const SEARCH_WINDOW = 86_400_000;
const MINUTE = 60_000;

/**
 * When a local time is: `first` and `last` differ where the clocks were set back over it. Where they were set forward
 * over it, both are the first moment after the gap.
 */
export interface LocalTimeMoments {
  readonly first: number;
  readonly last: number;
}

/** Whether it is the name of a time zone. An offset such as `+02:00` is none: it knows no summer. */
export function isTimeZone(name: unknown): name is string {
  // Newer versions of Node take offsets for names. An execution that moves between versions must not see it.
  return typeof name === 'string' && !/^[+-]/.test(name) && IANAZone.isValidZone(name);
}

/**
 * The clocks of one time zone. A local time is a number too: the milliseconds since 1970 that a clock in UTC shows the
 * same with.
 *
 * From luxon comes the offset of a moment and no more. What its `DateTime` makes of a local time is not what is said
 * here: in a gap it keeps the minutes (02:30 is 03:30), and of two moments it takes the one with the offset that the
 * zone has on the day on which the process asks first, so that a replay could see the other one.
 */
export class TimeZone {
  readonly #zone: IANAZone;

  /** @param name one that `isTimeZone()` */
  constructor(name: string) {
    this.#zone = IANAZone.create(name);
  }

  localTimeAt(moment: number): number {
    return moment + this.#offsetAt(moment);
  }

  momentsOf(local: number): LocalTimeMoments {
    // No offset is a day long, so these two are on either side of any change that matters.
    const before = this.#offsetAt(local - SEARCH_WINDOW);
    const after = this.#offsetAt(local + SEARCH_WINDOW);
    const shown = [local - before, local - after].filter((moment) => this.localTimeAt(moment) === local);
    const [first = this.#change(local - after, local - before), last = first] = shown;
    return { first, last };
  }

  /** When the offset changes between two moments. It does so once. */
  #change(early: number, late: number): number {
    let before = early;
    let after = late;
    const offsetAfter = this.#offsetAt(late);
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (this.#offsetAt(middle) === offsetAfter) after = middle;
      else before = middle;
    }
    return after;
  }

  /** Before standard time offsets had seconds. */
  #offsetAt(moment: number): number {
    return Math.round(this.#zone.offset(moment) * MINUTE);
  }
}
