import { beforeEach, describe, expect, it } from '@jest/globals';
import { Waits } from '../../../lib/execution/waits.js';
import { DatabaseClock } from '../../../lib/time/database-clock.js';
import { HeldClock } from '../../support/held-clock.js';

describe('The waits of an execution', () => {
  let clock: HeldClock;
  let databaseClock: DatabaseClock;
  let waits: Waits;
  let woken: string[];

  beforeEach(() => {
    clock = new HeldClock();
    databaseClock = new DatabaseClock(clock);
    waits = new Waits(clock, databaseClock);
    woken = [];
  });

  function wait(name: string, ms: number): { cancel(): void } {
    return waits.at(databaseClock.now() + ms, () => woken.push(name));
  }

  it('end at their times, each once', () => {
    wait('later', 200);
    wait('soon', 100);
    clock.advance(99);
    expect(woken).toEqual([]);
    clock.advance(1);
    expect(woken).toEqual(['soon']);
    clock.advance(10_000);
    expect(woken).toEqual(['soon', 'later']);
    expect(waits.count).toBe(0);
  });

  it('that are all over when somebody can notice end in the order of their times', () => {
    wait('last', 300);
    wait('first', 100);
    wait('second', 200);
    waits.disarm();
    clock.advance(1_000);
    waits.arm();
    clock.advance(0);
    expect(woken).toEqual(['first', 'second', 'last']);
  });

  it('that one which is woken ends are not woken after it', () => {
    const later = wait('later', 200);
    waits.at(databaseClock.now() + 100, () => {
      woken.push('first');
      later.cancel();
    });
    waits.disarm();
    clock.advance(1_000);
    waits.arm();
    clock.advance(0);
    expect(woken).toEqual(['first']);
  });

  it('that are over already end with the next timer', () => {
    wait('past', -5_000);
    expect(woken).toEqual([]);
    clock.advance(0);
    expect(woken).toEqual(['past']);
  });

  it('end by the time of the database, also where its estimate moves', () => {
    wait('nap', 100);
    // The database's clock turns out to be half a second behind what was thought.
    databaseClock.observe(clock.now() - 500, clock.monotonic());
    clock.advance(100);
    expect(woken).toEqual([]);
    clock.advance(500);
    expect(woken).toEqual(['nap']);
  });

  it('can be taken back', () => {
    wait('never', 100).cancel();
    clock.advance(1_000);
    expect(woken).toEqual([]);
    expect(waits.count).toBe(0);
  });

  it('sleep while the execution is parked, and go on when it comes back', () => {
    wait('old', 100);
    waits.disarm();
    wait('new', 50);
    clock.advance(1_000);
    expect(woken).toEqual([]);
    expect(waits.count).toBe(2);
    waits.arm();
    clock.advance(0);
    expect([...woken].sort()).toEqual(['new', 'old']);
  });
});
