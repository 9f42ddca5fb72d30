import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { lastMomentOf, momentOf } from '../../../../lib/intake/forms/moment.js';

describe('A moment', () => {
  it.each([
    ['1970-01-01', 0],
    ['2024-02-29', Date.UTC(2024, 1, 29)],
    ['0001-01-01', -62_135_596_800_000],
    ['1890-05-17', Date.UTC(1890, 4, 17)],
    ['1970-01-01T00:00Z', 0],
    ['1970-01-01T00:00:01Z', 1_000],
    ['1970-01-01T00:00:00.5Z', 500],
    ['1970-01-01T00:00:00.123456789Z', 123],
    ['1970-01-01T01:00:00+01:00', 0],
    ['1969-12-31T18:30-05:30', 0],
    ['9999-12-31T23:59:59.999Z', 253_402_300_799_999],
  ])('is read from the text %s', (text, moment) => {
    expect(momentOf(text)).toBe(moment);
  });

  it.each([
    '',
    'tomorrow',
    '2026',
    '2026-01',
    '2026-1-1',
    '2026-02-29',
    '2026-02-30',
    '2026-04-31',
    '2026-00-10',
    '2026-13-01',
    '2026-01-00',
    '2026-01-32',
    '0000-01-01',
    '10000-01-01',
    '+012026-01-01',
    '-000001-01-01',
    '2026-01-31T09:00',
    '2026-01-31T09:00:00',
    '2026-01-31 09:00:00Z',
    '2026-01-31T24:00:00Z',
    '2026-01-31T25:00:00Z',
    '2026-01-31T09:60:00Z',
    '2026-01-31T09:00:60Z',
    '2026-01-31T09Z',
    '2026-01-31T09:00:00+0100',
    '2026-01-31T09:00:00+99:00',
    '9999-12-31T23:59:59-01:00',
    ' 2026-01-31',
    '2026-01-31\n',
    '2026-01-31T09:00:00z',
    'Sat, 31 Jan 2026 00:00:00 GMT',
    '٢٠٢٦-٠١-٣١',
  ])('is not in the text %p', (text) => {
    expect(momentOf(text)).toBeUndefined();
  });

  it('is that of a Date, also of another realm', () => {
    expect(momentOf(new Date(5))).toBe(5);
    expect(momentOf(runInNewContext('new Date(5)'))).toBe(5);
  });

  // (Jest cannot write some of them into a title.)
  it.each<[string, unknown]>([
    ['an invalid Date', new Date(NaN)],
    ['a Date that no database keeps', new Date(8.64e15)],
    ['a number', 5],
    ['null', null],
    ['nothing', undefined],
    ['an object', {}],
    ['an object with its method', { getTime: () => 5 }],
    ['an object that says it is one', { [Symbol.toStringTag]: 'Date', getTime: () => 5 }],
    ['an object with its prototype', Object.create(Date.prototype)],
    ['a proxy of one', new Proxy(new Date(5), {})],
    ['a boxed text', Object('2026-01-31')],
  ])('is not in %s', (_, value) => {
    expect(momentOf(value)).toBeUndefined();
  });

  it('is that of the Date, whatever methods the object has', () => {
    const date = Object.assign(new Date(5), { getTime: () => 7, valueOf: () => 9 });
    expect(momentOf(date)).toBe(5);
  });

  it('is the end of the day where it is the last one', () => {
    expect(lastMomentOf('2026-01-31')).toBe(Date.UTC(2026, 1, 1) - 1);
    expect(lastMomentOf('2026-01-31T00:00:00Z')).toBe(Date.UTC(2026, 0, 31));
    expect(lastMomentOf(new Date(5))).toBe(5);
    expect(lastMomentOf('soon')).toBeUndefined();
  });
});
