import { beforeEach, describe, expect, it } from '@jest/globals';
import { Starvation } from '../../../../lib/execution/waiting/starvation.js';
import { drained, HeldClock } from '../../../support/held-clock.js';

describe('Starvation', () => {
  let clock: HeldClock;
  let starvation: Starvation;

  beforeEach(() => {
    clock = new HeldClock(1_000);
    starvation = new Starvation(clock);
  });

  it('sets in where the moment does not come for long, and not before', () => {
    starvation.begin();
    clock.advance(49);
    starvation.begin();
    expect(starvation.isOn).toBe(false);
    clock.advance(1);
    expect(starvation.isOn).toBe(true);
  });

  it('does not set in where the moment comes', () => {
    starvation.begin();
    clock.advance(40);
    starvation.end();
    clock.advance(1_000);
    expect(starvation.isOn).toBe(false);
    expect(clock.timers).toEqual([]);
  });

  it('lets those go on who made room, when it is over', async () => {
    starvation.begin();
    clock.advance(50);
    let isOver = false;
    void starvation.over().then(() => (isOver = true));
    await drained(2);
    expect(isOver).toBe(false);
    starvation.end();
    await drained(2);
    expect(isOver).toBe(true);
    await starvation.over();
  });
});
