import { describe, expect, it } from '@jest/globals';
import { endOfDay, InvalidArgument, nextBusinessDay, nextWeekday } from 'nest-durable';
import type { ActiveExecution } from '../../../lib/execution/active-execution.js';
import { OperationContext, runIn } from '../../../lib/execution/operation-context.js';

const from = new Date('2026-11-27T10:00:00Z');

describe('The calendar outside an execution', () => {
  it('goes by UTC, and by nine in the morning', () => {
    expect(nextBusinessDay({ from }).toISOString()).toBe('2026-11-30T09:00:00.000Z');
    expect(nextWeekday('sunday', { from }).toISOString()).toBe('2026-11-29T09:00:00.000Z');
    expect(endOfDay({ from }).toISOString()).toBe('2026-11-27T23:59:59.999Z');
  });

  it('goes by the time of the clock', () => {
    expect(nextBusinessDay().getTime()).toBeGreaterThan(Date.now());
    expect(endOfDay({ hour: 12 }).getTime()).toBeGreaterThan(Date.now());
  });

  it('asks a function about holidays, in the form of a list', () => {
    const asked: string[] = [];
    const moment = nextBusinessDay({ from, holidays: (day) => asked.push(day) === 1 });
    expect(moment.toISOString()).toBe('2026-12-01T09:00:00.000Z');
    expect(asked).toEqual(['2026-11-30', '2026-12-01']);
    expect(nextBusinessDay({ from, holidays: ['2026-11-30'] })).toEqual(moment);
  });

  it.each<[string, () => unknown]>([
    ["'hour' must be a whole number from 0 to 23", () => nextBusinessDay({ hour: 24 })],
    ["'minute' must be a whole number from 0 to 59", () => nextBusinessDay({ minute: 1.5 })],
    ["'timezone' must be the name of a time zone", () => nextBusinessDay({ timezone: 'Europe/Berln' })],
    ["'from' must be a valid Date", () => nextBusinessDay({ from: new Date(NaN) })],
    ['no such days', () => nextBusinessDay({ holidays: ['2026-02-30'] })],
    ['leaves no business day', () => nextBusinessDay({ holidays: () => true })],
    ['true or false at once', () => nextBusinessDay({ holidays: (() => Promise.resolve(false)) as never })],
    ["no option 'tz'", () => nextBusinessDay({ tz: 'UTC' } as never)],
    ["did you mean 'monday'", () => nextWeekday('monda' as never)],
    // @ts-expect-error A Monday is one, whether or not anybody works
    ["no option 'holidays'", () => nextWeekday('monday', { holidays: [] })],
    // @ts-expect-error A minute alone says nothing
    ["'minute' is that of an 'hour'", () => endOfDay({ minute: 5 })],
    ['plain object', () => endOfDay(5 as never)],
  ])('refuses what it cannot use: %s', (sentence, call) => {
    expect(call).toThrow(InvalidArgument);
    expect(call).toThrow(new RegExp(sentence, 'i'));
  });

  it('says everything that is wrong at once', () => {
    expect(() => nextBusinessDay({ hour: -1, minute: 60, timezone: '' })).toThrow(/hour.*minute.*timezone/s);
    expect(() => nextWeekday('someday' as never, { hour: 24 })).toThrow(/someday.*hour/s);
  });
});

describe('The calendar inside an execution', () => {
  const now = Date.parse('2031-05-02T23:30:00Z');

  /** As much of an execution as the calendar asks for. */
  function inExecution<T>(code: () => T, { hasEnded = false } = {}): T {
    const execution = { now, hasEnded, services: { timezone: 'Asia/Kathmandu' } };
    return runIn(new OperationContext(execution as unknown as ActiveExecution, undefined), code);
  }

  it("goes by the execution's time, in the module's time zone", () => {
    // There it is Saturday, a quarter past five in the morning.
    expect(inExecution(() => nextBusinessDay()).toISOString()).toBe('2031-05-05T03:15:00.000Z');
    expect(inExecution(() => nextWeekday('sunday')).toISOString()).toBe('2031-05-04T03:15:00.000Z');
    expect(inExecution(() => endOfDay()).toISOString()).toBe('2031-05-03T18:14:59.999Z');
  });

  it('goes by what it is given', () => {
    expect(inExecution(() => endOfDay({ timezone: 'UTC' })).toISOString()).toBe('2031-05-02T23:59:59.999Z');
    expect(inExecution(() => endOfDay({ from })).toISOString()).toBe('2026-11-27T18:14:59.999Z');
  });

  it('is outside of it when it has ended', () => {
    const moment = inExecution(() => endOfDay({ from }), { hasEnded: true });
    expect(moment.toISOString()).toBe('2026-11-27T23:59:59.999Z');
  });
});
