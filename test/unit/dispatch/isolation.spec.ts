import { beforeEach, describe, expect, it } from '@jest/globals';
import { Isolation } from '../../../lib/dispatch/isolation.js';
import { HeldClock } from '../../support/held-clock.js';

const PATIENCE_MS = 30_000;

describe('Isolation', () => {
  let clock: HeldClock;
  let changes: number;
  let isolation: Isolation;

  beforeEach(() => {
    clock = new HeldClock();
    changes = 0;
    isolation = new Isolation(clock, () => (changes += 1));
  });

  it('is for nobody until somebody is suspected', () => {
    expect(isolation.queue).toBeUndefined();
    expect(isolation.isReady(0)).toBe(false);
  });

  it('claims when the worker is idle, one after the other, until nothing is left', () => {
    isolation.want('default');
    expect([isolation.isReady(2), isolation.isReady(0)]).toEqual([false, true]);
    isolation.claiming();
    expect(isolation.isReady(0)).toBe(false);
    isolation.claimed(1);
    expect(isolation.queue).toBe('default');
    isolation.again();
    expect(isolation.isReady(0)).toBe(true);
    isolation.claiming();
    isolation.claimed(0);
    expect(isolation.queue).toBeUndefined();
    expect(clock.timers).toEqual([]);
  });

  it('waits no longer than is bearable for a worker that is busy', () => {
    isolation.want('default');
    clock.advance(PATIENCE_MS - 1);
    expect(isolation.isReady(1)).toBe(false);
    clock.advance(1);
    expect(isolation.isReady(1)).toBe(true);
    expect(changes).toBe(1);
  });

  it('keeps the worker for one that runs no longer than is bearable', () => {
    isolation.want('default');
    isolation.claiming();
    isolation.claimed(1);
    clock.advance(PATIENCE_MS);
    expect(isolation.queue).toBeUndefined();
    expect(changes).toBe(1);
  });

  it('is for one queue at a time', () => {
    isolation.want('default');
    isolation.want('other');
    expect(isolation.queue).toBe('default');
    isolation.end();
    isolation.want('other');
    expect(isolation.queue).toBe('other');
    expect(clock.timers).toHaveLength(1);
  });

  it('goes on where a claim came to nothing', () => {
    isolation.want('default');
    isolation.claiming();
    isolation.again();
    expect(isolation.isReady(0)).toBe(true);
  });
});
