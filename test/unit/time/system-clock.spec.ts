import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SystemClock } from '../../../lib/time/system-clock.js';

const LONGEST_TIMEOUT = 2 ** 31 - 1;

describe('the system clock', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: 1_000_000 });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const clock = new SystemClock();

  it('reads the wall clock, which may step back, and a clock that never does', () => {
    const before = clock.monotonic();
    expect(clock.now()).toBe(1_000_000);
    jest.advanceTimersByTime(250);
    jest.setSystemTime(5);
    expect(clock.now()).toBe(5);
    expect(clock.monotonic() - before).toBe(250);
  });

  it('fires a timer once, after its time', () => {
    const fire = jest.fn();
    clock.setTimer(500, fire);
    jest.advanceTimersByTime(499);
    expect(fire).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(fire).toHaveBeenCalledTimes(1);
    jest.advanceTimersByTime(10_000);
    expect(fire).toHaveBeenCalledTimes(1);
  });

  it('fires as soon as it can when the time is now or over', () => {
    const fire = jest.fn();
    clock.setTimer(0, fire);
    clock.setTimer(-100, fire);
    expect(fire).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(fire).toHaveBeenCalledTimes(2);
  });

  it('waits also for what is longer than setTimeout can count', () => {
    const fire = jest.fn();
    const wait = 2 * LONGEST_TIMEOUT + 5_000;
    clock.setTimer(wait, fire);
    jest.advanceTimersByTime(wait - 1);
    expect(fire).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(fire).toHaveBeenCalledTimes(1);
  });

  it('takes a timer back, also in the later part of a long wait, and after it fired', () => {
    const fire = jest.fn();
    const short = clock.setTimer(100, fire);
    const long = clock.setTimer(LONGEST_TIMEOUT + 1_000, fire);
    short.cancel();
    jest.advanceTimersByTime(LONGEST_TIMEOUT + 500);
    long.cancel();
    jest.advanceTimersByTime(LONGEST_TIMEOUT);
    expect(fire).not.toHaveBeenCalled();
    expect(jest.getTimerCount()).toBe(0);

    const fired = clock.setTimer(1, fire);
    jest.advanceTimersByTime(1);
    fired.cancel();
    expect(fire).toHaveBeenCalledTimes(1);
  });
});
