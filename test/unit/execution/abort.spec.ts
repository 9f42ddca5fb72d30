import { describe, expect, it } from '@jest/globals';
import { Abort } from '../../../lib/execution/abort.js';

const reason = new Error('enough');

describe('An abort', () => {
  it('is seen by the signal, whenever that was asked for', () => {
    const [before, after] = [new Abort(), new Abort()];
    const { signal } = before;
    expect(signal.aborted).toBe(false);
    before.abort(reason);
    after.abort(reason);
    for (const each of [signal, after.signal]) {
      expect(each.aborted).toBe(true);
      expect(each.reason).toBe(reason);
    }
  });

  it('has one signal', () => {
    const abort = new Abort();
    expect(abort.signal).toBe(abort.signal);
  });

  it('goes down to those below, and never up', () => {
    const above = new Abort();
    const [first, second] = [new Abort(above), new Abort(above)];
    first.abort(reason);
    expect([above.reason, second.reason]).toEqual([undefined, undefined]);
    above.abort(new Error('the whole'));
    expect(first.reason).toBe(reason);
    expect(second.signal.reason).toMatchObject({ message: 'the whole' });
  });

  it('is there from the start for what begins below it later', () => {
    const above = new Abort();
    above.abort(reason);
    expect(new Abort(above).signal.aborted).toBe(true);
  });

  it('keeps its first reason', () => {
    const abort = new Abort();
    abort.abort(reason);
    abort.abort(new Error('later'));
    expect(abort.signal.reason).toBe(reason);
  });

  it('leaves alone what has been released', () => {
    const above = new Abort();
    const below = new Abort(above);
    below.release();
    above.abort(reason);
    expect(below.reason).toBeUndefined();
    new Abort().release();
  });
});
