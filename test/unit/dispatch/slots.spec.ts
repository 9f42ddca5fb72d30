import { describe, expect, it } from '@jest/globals';
import { Slots } from '../../../lib/dispatch/slots.js';

describe('Slots', () => {
  it('are counted in each queue for itself', () => {
    const slots = new Slots([
      ['mail', 2],
      ['reports', 1],
    ]);
    slots.take('mail');
    expect([slots.free('mail'), slots.free('reports'), slots.total]).toEqual([1, 1, 3]);
    slots.release('mail');
    expect(slots.free('mail')).toBe(2);
    expect(slots.queues).toEqual(['mail', 'reports']);
  });

  it('are none in a queue that this process does not serve', () => {
    const slots = new Slots([['mail', 2]]);
    expect(slots.serves('other')).toBe(false);
    slots.take('other', 5);
    slots.release('other');
    expect(slots.free('other')).toBe(0);
  });

  it('may be taken beyond their number, by code that went on while it was parked', () => {
    const slots = new Slots([['mail', 1]]);
    slots.take('mail', 3);
    expect(slots.free('mail')).toBe(0);
    slots.release('mail');
    expect(slots.free('mail')).toBe(0);
    slots.release('mail', 2);
    expect(slots.free('mail')).toBe(1);
  });

  it('are all free again when the lease is lost', () => {
    const slots = new Slots([['mail', 4]]);
    slots.take('mail', 4);
    slots.reset();
    expect(slots.free('mail')).toBe(4);
  });
});
