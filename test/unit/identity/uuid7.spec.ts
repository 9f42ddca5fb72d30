import { describe, expect, it } from '@jest/globals';
import { isUuid } from '../../../lib/identity/uuid-text.js';
import { firstIdAt, timeOf, Uuid7, type RandomSource } from '../../../lib/identity/uuid7.js';

const zeros: RandomSource = (bytes) => bytes.fill(0x00);
const ones: RandomSource = (bytes) => bytes.fill(0xff);

/** A clock that shows what the test sets. */
function held(time: number): { time: number; now(): number } {
  const clock = { time, now: () => clock.time };
  return clock;
}

describe('Uuid7', () => {
  it('makes UUIDs of version 7 with the variant of RFC 9562', () => {
    const ids = new Uuid7();
    for (let count = 0; count < 1_000; count++) {
      expect(ids.next()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });

  it('lays out time, counter and randomness as written', () => {
    expect(new Uuid7(held(0x0123456789ab), zeros).next()).toBe('01234567-89ab-7000-8000-000000000000');
    // The counter begins in its lower half: its highest bit is 0 even when all random bits are 1.
    expect(new Uuid7(held(1), ones).next()).toBe('00000000-0001-77ff-bfff-ffffffffffff');
  });

  it('carries the time of the clock, in whole milliseconds', () => {
    expect(timeOf(new Uuid7(held(1_795_000_000_123)).next())).toBe(1_795_000_000_123);
    expect(timeOf(new Uuid7(held(1_795_000_000_123.9)).next())).toBe(1_795_000_000_123);
  });

  it('sorts by the order of making within one millisecond', () => {
    const ids = new Uuid7(held(1_795_000_000_000));
    const made = Array.from({ length: 50_000 }, () => ids.next());
    expect([...made].sort()).toEqual(made);
    expect(new Set(made).size).toBe(made.length);
    expect(new Set(made.map(timeOf))).toEqual(new Set([1_795_000_000_000]));
  });

  it('sorts by the order of making when the clock steps back and forth', () => {
    const stepping = held(5_000);
    const ids = new Uuid7(stepping);
    const made = [5_000, 4_000, 4_001, 5_000, 5_001, 3, 5_002].map((time) => {
      stepping.time = time;
      return ids.next();
    });
    expect([...made].sort()).toEqual(made);
    expect(made.map(timeOf)).toEqual([5_000, 5_000, 5_000, 5_000, 5_001, 5_001, 5_002]);
  });

  it('moves to the next millisecond when the counter is used up', () => {
    const ids = new Uuid7(held(7), ones);
    const counters = ids as unknown as { counter: number };
    const first = ids.next();
    counters.counter = 2 ** 26 - 2;
    const [last, next] = [ids.next(), ids.next()];
    expect([first, last, next].map(timeOf)).toEqual([7, 7, 8]);
    expect([first, last, next]).toEqual([first, last, next].sort());
    expect(last).toMatch(/-7fff-bfff-/);
  });

  it('gives no random byte twice and asks for many at once', () => {
    let asked = 0;
    let byte = 0;
    const counting: RandomSource = (bytes) => {
      asked++;
      for (let index = 0; index < bytes.length; index++) bytes[index] = byte++ & 0xff;
    };
    const ids = new Uuid7(held(9), counting);
    // The counter takes bytes 0 to 3, then each id its own six.
    expect(ids.next()).toMatch(/-040506070809$/);
    expect(ids.next()).toMatch(/-0a0b0c0d0e0f$/);
    for (let count = 2; count < 600; count++) ids.next();
    expect(asked).toBe(1);
    for (let count = 600; count < 700; count++) ids.next();
    expect(asked).toBe(2);
  });

  it('differs between two processes that begin in the same millisecond', () => {
    const [left, right] = [new Uuid7(held(11)), new Uuid7(held(11))];
    const made = Array.from({ length: 1_000 }, () => [left.next(), right.next()]).flat();
    expect(new Set(made).size).toBe(2_000);
  });
});

describe('firstIdAt', () => {
  it('sorts below every id of its millisecond and above every earlier one', () => {
    const first = firstIdAt(1_795_000_000_000);
    expect(first <= new Uuid7(held(1_795_000_000_000), zeros).next()).toBe(true);
    expect(first > new Uuid7(held(1_794_999_999_999), ones).next()).toBe(true);
    expect(timeOf(first)).toBe(1_795_000_000_000);
    expect(isUuid(first)).toBe(true);
  });

  it('is a UUID for any number', () => {
    for (const ms of [-1, 0, 0.5, 2 ** 48, Infinity]) expect(isUuid(firstIdAt(ms))).toBe(true);
    expect(firstIdAt(-5)).toBe('00000000-0000-7000-8000-000000000000');
  });
});

describe('isUuid', () => {
  it('takes any version, in either case', () => {
    expect(isUuid('01a1f922-8705-7589-ac68-a3de355e3f89')).toBe(true);
    expect(isUuid('01A1F922-8705-4589-AC68-A3DE355E3F89')).toBe(true);
  });

  it.each([
    '',
    '01a1f92287057589ac68a3de355e3f89',
    '{01a1f922-8705-7589-ac68-a3de355e3f89}',
    '01a1f922-8705-7589-ac68-a3de355e3f8',
    '01a1f922-8705-7589-ac68-a3de355e3f89\n',
    'g1a1f922-8705-7589-ac68-a3de355e3f89',
  ])('does not take %j', (text) => {
    expect(isUuid(text)).toBe(false);
  });
});
