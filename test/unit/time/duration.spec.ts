import { describe, expect, it } from '@jest/globals';
import { InvalidDuration } from '../../../lib/errors/option.error.js';
import { days, hours, minutes, seconds, toMilliseconds } from '../../../lib/time/duration.js';

describe('durations', () => {
  it('come from functions named after their unit', () => {
    expect([seconds(30), minutes(5), hours(2), days(7)]).toEqual([30_000, 300_000, 7_200_000, 604_800_000]);
    expect(hours(1.5)).toBe(5_400_000);
  });

  it.each([
    ['500ms', 500],
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['1h 30m', 5_400_000],
    [' 2d ', 172_800_000],
    ['1w', 604_800_000],
    ['1w2d3h4m5s6ms', 788_645_006],
    ['1.5h', 5_400_000],
    ['10 s', 10_000],
    ['0s', 0],
  ])('are read from the text %j', (text, expected) => {
    expect(toMilliseconds(text)).toBe(expected);
  });

  it('are milliseconds when they are numbers, and whole ones', () => {
    expect(toMilliseconds(0)).toBe(0);
    expect(toMilliseconds(1500)).toBe(1500);
    expect(toMilliseconds(1.6)).toBe(2);
    expect(seconds(0.0014)).toBe(1);
  });

  it.each([
    '',
    ' ',
    '90',
    's',
    '5 parsecs',
    '1h30',
    '30m1h',
    '1h1h',
    '-5s',
    '1e3s',
    '5S',
    '5sec',
    '1h,30m',
    '∞',
    '99999999999999999999w',
  ])('are not the text %j', (text) => {
    expect(() => toMilliseconds(text)).toThrow(InvalidDuration);
  });

  it.each([NaN, Infinity, -Infinity, -1, 2 ** 60])('are not the number %p', (value) => {
    expect(() => toMilliseconds(value)).toThrow(InvalidDuration);
  });

  it.each([undefined, null, {}, [], true, 5n, Symbol('s')])('are not %p', (value) => {
    expect(() => toMilliseconds(value as unknown as string)).toThrow(InvalidDuration);
  });

  it('are refused by the functions too, naming what they were given', () => {
    expect(() => seconds(-1)).toThrow(/^-1 is not a duration/);
    expect(() => days(NaN)).toThrow(InvalidDuration);
    expect(() => minutes('soon' as unknown as number)).toThrow("'soon' is not a duration");
  });

  it('name the option or function that they were for', () => {
    expect(() => toMilliseconds('soon', 'the option `lease`')).toThrow(
      "'soon' is not a duration (the option `lease`). Give milliseconds",
    );
  });
});
