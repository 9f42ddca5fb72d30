import { describe, expect, it } from '@jest/globals';
import { settledSideBySide } from '../../../lib/execution/side-by-side.js';
import { Deferred } from '../../support/gate.js';
import { drained } from '../../support/held-clock.js';

const list = (count: number): string[] => Array.from({ length: count }, (_, place) => String(place));

function work(count: number) {
  const begun: number[] = [];
  const ends = Array.from({ length: count }, () => new Deferred<string>());
  return {
    begun,
    end: (place: number) => ends[place]?.resolve(`value ${place}`),
    fail: (place: number, error: unknown) => ends[place]?.reject(error),
    work: async (place: string) => {
      begun.push(Number(place));
      return (await ends[Number(place)]?.promise) ?? '';
    },
  };
}

describe('Work side by side', () => {
  it('has as many under way as it may, and begins the next when one is done', async () => {
    const some = work(4);
    const all = settledSideBySide({ items: list(4), concurrency: 2, work: some.work });
    expect(some.begun).toEqual([0, 1]);
    some.end(1);
    await drained();
    expect(some.begun).toEqual([0, 1, 2]);
    for (const place of [2, 0, 3]) some.end(place);
    expect(await all).toEqual(
      [0, 1, 2, 3].map((place) => ({ status: 'fulfilled', value: `value ${place}` })),
    );
  });

  it('has each one’s value or error at its place; what is no Error becomes one', async () => {
    const some = work(2);
    const all = settledSideBySide({ items: list(2), concurrency: 2, work: some.work });
    some.fail(1, 'a text');
    some.end(0);
    const [first, second] = await all;
    expect(first).toEqual({ status: 'fulfilled', value: 'value 0' });
    expect(second).toMatchObject({
      status: 'rejected',
      reason: { message: expect.stringContaining('not an Error'), cause: 'a text' },
    });
  });

  it('of nothing is done', async () => {
    expect(await settledSideBySide({ items: [], concurrency: 2, work: async () => 1 })).toEqual([]);
  });

  it('begins again all that had begun once, however many those are', async () => {
    const some = work(5);
    const all = settledSideBySide({ items: list(5), concurrency: 1, begunTo: 3, work: some.work });
    expect(some.begun).toEqual([0, 1, 2, 3]);
    for (const place of [0, 1, 2]) some.end(place);
    await drained();
    expect(some.begun).toEqual([0, 1, 2, 3]);
    for (const place of [3, 4]) some.end(place);
    expect(await all).toHaveLength(5);
  });
});
