import { describe, expect, it } from '@jest/globals';
import { Abort } from '../../../lib/execution/abort.js';
import { Strand } from '../../../lib/execution/strand.js';

const reason = new Error('a sibling failed');

function nested() {
  const execution = new Abort();
  const outer = new Strand(execution, undefined);
  const inner = new Strand(outer.abort, outer);
  return { execution, outer, inner };
}

describe('A strand that is stopped', () => {
  it('aborts with the reason, and stops what is inside it, but not what is around it', () => {
    const { outer, inner } = nested();
    inner.stop(reason);
    expect([outer.isStopped, inner.isStopped]).toEqual([false, true]);
    expect([outer.abort.reason, inner.abort.reason]).toEqual([undefined, reason]);

    const other = nested();
    other.outer.stop(reason);
    expect([other.outer.isStopped, other.inner.isStopped]).toEqual([true, true]);
    expect(other.inner.reason).toBe(reason);
    expect(other.inner.isClosed).toBe(false);
  });

  it('keeps its first reason', () => {
    const { outer } = nested();
    outer.stop(reason);
    outer.stop(new Error('later'));
    expect(outer.reason).toBe(reason);
  });

  it('wakes those who wait for that, also inside, until they listen no more', () => {
    const { outer, inner } = nested();
    let woken = 0;
    const stopListening = inner.onStop(() => (woken += 1));
    inner.onStop(() => (woken += 10))();
    outer.stop(reason);
    expect(woken).toBe(1);
    stopListening();
    outer.stop(reason);
    expect(woken).toBe(1);
  });
});

describe('A strand', () => {
  it('is aborted with its execution, which does not make it stopped', () => {
    const { execution, inner } = nested();
    execution.abort(reason);
    expect(inner.abort.reason).toBe(reason);
    expect(inner.isStopped).toBe(false);
  });

  it('that is released hears nothing more from above', () => {
    const { execution, outer } = nested();
    outer.release();
    execution.abort(reason);
    expect(outer.abort.reason).toBeUndefined();
  });

  it('that is closed is closed for all that is inside it', () => {
    const { outer, inner } = nested();
    outer.close();
    expect([outer.isClosed, inner.isClosed, inner.isStopped]).toEqual([true, true, true]);
  });

  it('holds the operations called in it and in what is inside it', () => {
    const { outer, inner } = nested();
    const stranger = new Strand(new Abort(), undefined);
    const held = [inner, outer, stranger, undefined].map((strand) => outer.holds({ scope: { strand } }));
    expect(held).toEqual([true, true, false, false]);
    expect(inner.holds({ scope: { strand: outer } })).toBe(false);
  });
});
