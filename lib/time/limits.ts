/** A hundred years. Any more is a slip, and what it leads to is no date that a database keeps. */
export const LONGEST_WAIT = 36_525 * 24 * 3_600_000;

// (`Date.UTC(1, 0, 1)` is of the year 1901.)
const FIRST_STORABLE = Date.parse('0001-01-01T00:00:00Z');
const LAST_STORABLE = Date.UTC(9999, 11, 31);

/** Whether a time (milliseconds since 1970) is a date that both JavaScript and PostgreSQL can write. */
export function isStorableTime(time: number): boolean {
  return time >= FIRST_STORABLE && time <= LAST_STORABLE;
}
