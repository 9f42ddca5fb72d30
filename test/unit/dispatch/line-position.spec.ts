import { describe, expect, it } from '@jest/globals';
import { LinePosition } from '../../../lib/dispatch/line-position.js';
import { HeldClock } from '../../support/held-clock.js';

describe('The position in a queue’s line', () => {
  it('is where the last full claim stopped, as long as many are claimed at once', () => {
    const position = new LinePosition(new HeldClock());
    expect(position.next(50)).toBeUndefined();
    position.claimed(700);
    expect(position.next(50)).toBe(700);
  });

  it('is the beginning for a claim of few, whose order is to be exact', () => {
    const position = new LinePosition(new HeldClock());
    position.next(50);
    position.claimed(700);
    expect(position.next(5)).toBeUndefined();
  });

  it('is the beginning again when the line seemed to end', () => {
    const position = new LinePosition(new HeldClock());
    position.next(50);
    position.claimed(700);
    position.claimed(undefined);
    expect(position.next(50)).toBeUndefined();
  });

  it('is the beginning once a second, for what came in before it', () => {
    const clock = new HeldClock();
    const position = new LinePosition(clock);
    position.next(50);
    position.claimed(700);
    clock.advance(999);
    expect(position.next(50)).toBe(700);
    clock.advance(1);
    expect(position.next(50)).toBeUndefined();
  });
});
