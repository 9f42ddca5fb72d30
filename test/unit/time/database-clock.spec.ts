import { beforeEach, describe, expect, it } from '@jest/globals';
import { DatabaseClock } from '../../../lib/time/database-clock.js';
import { HeldClock } from '../../support/held-clock.js';

const LOCAL = 1_000_000;

describe("The database's time", () => {
  let clock: HeldClock;
  let databaseClock: DatabaseClock;
  /** How far the server's clock is ahead of this process's. */
  let ahead: number;

  /** A flush: so long until the server looks at its clock, and so long until the answer is here. */
  function flush(there: number, back: number): void {
    const sentAt = clock.monotonic();
    clock.advance(there);
    const databaseTime = clock.now() + ahead;
    clock.advance(back);
    databaseClock.observe(databaseTime, sentAt);
  }

  const error = (): number => databaseClock.now() - (clock.now() + ahead);

  beforeEach(() => {
    clock = new HeldClock(LOCAL);
    databaseClock = new DatabaseClock(clock);
    ahead = 0;
  });

  it("is this process's own before anybody has told another one", () => {
    expect(databaseClock.now()).toBe(LOCAL);
    clock.advance(7);
    expect(databaseClock.now()).toBe(LOCAL + 7);
  });

  it("is the server's, whatever this process's clock says", () => {
    ahead = 90_000;
    flush(0, 0);
    expect(error()).toBe(0);
    clock.setWall(5);
    ahead += LOCAL - 5;
    clock.advance(100);
    expect(databaseClock.now()).toBe(LOCAL + 90_100);
  });

  it.each([
    ['ahead', 5_000],
    ['behind', -5_000],
    ['not known to be elsewhere', 0],
  ])('is never behind it, and ahead by no more than a round trip, where the server is %s', (_, by) => {
    ahead = by;
    flush(3, 4);
    expect(error()).toBeGreaterThanOrEqual(0);
    expect(error()).toBeLessThanOrEqual(7);
  });

  it('is not moved by an answer that took long, but by one that was fast', () => {
    ahead = 5_000;
    flush(2, 2);
    const before = error();
    flush(300, 10);
    flush(10, 300);
    expect(error()).toBe(before);
    clock.advance(10);
    flush(0, 0);
    expect(error()).toBe(0);
  });

  it('follows a server whose clock was set ahead a little only as far as the answer shows, however long that took', () => {
    flush(0, 0);
    ahead = 5;
    flush(3_000, 0);
    expect(error()).toBe(0);
    flush(0, 3_000);
    expect(error()).toBe(0);
  });

  it('does not go back where a better answer corrects it: it stands still', () => {
    ahead = 5_000;
    flush(0, 40);
    flush(0, 0);
    ahead -= 30;
    const told = databaseClock.now();
    flush(0, 0);
    expect(databaseClock.now()).toBe(told);
    clock.advance(29);
    expect(databaseClock.now()).toBe(told);
    clock.advance(2);
    expect(databaseClock.now()).toBe(told + 1);
  });

  it('follows a server whose clock was set, in either direction', () => {
    flush(1, 1);
    ahead = 3_600_000;
    flush(1, 1);
    expect(Math.abs(error())).toBeLessThanOrEqual(2);
    ahead = -3_600_000;
    flush(1, 1);
    expect(Math.abs(error())).toBeLessThanOrEqual(2);
  });
});
