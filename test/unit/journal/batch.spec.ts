import { describe, expect, it } from '@jest/globals';
import { Batch } from '../../../lib/journal/batch.js';
import {
  annotation,
  compensation,
  ending,
  line,
  reclaim,
  release,
  start,
  suspension,
} from '../../support/records.js';

describe('A batch', () => {
  it('sorts its records by type and keeps their order', () => {
    const [first, second] = [line({ seq: 1 }), line({ seq: 2 })];
    const others = [start(), annotation(), compensation(), suspension(), release(), reclaim(), ending()];
    const { byType } = new Batch([first, ...others, second], undefined);
    expect(byType.history).toEqual([first, second]);
    for (const record of others) expect(byType[record.type]).toEqual([record]);
  });

  it('stores the next try with the end that brings it along', () => {
    const retry = start();
    const batch = new Batch([ending({ retry })], undefined);
    expect(batch.byType.start).toEqual([retry]);
    expect(batch.records).toHaveLength(1);
  });

  it('is divided between executions, never within one, and loses no record', () => {
    const records = Array.from({ length: 30 }, (_, place) =>
      line({ executionId: `execution ${place % 7}`, seq: place }),
    );
    const halves = new Batch(records, { demands: [], kinds: [], isolated: false }).halves();
    if (halves === undefined) throw new Error('It has several executions.');
    const ids = halves.map((half) => new Set(half.records.map(({ executionId }) => executionId)));
    expect([...(ids[0] ?? [])].filter((id) => ids[1]?.has(id))).toEqual([]);
    expect(halves.flatMap((half) => half.records)).toHaveLength(30);
    expect(halves.map((half) => half.claim)).toEqual([undefined, undefined]);
    for (const half of halves) {
      const seqs = half.records.map((record) => (record.type === 'history' ? record.seq : 0));
      expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    }
  });

  it('of one execution cannot be divided', () => {
    expect(
      new Batch([line({ executionId: 'a' }), ending({ executionId: 'a' })], undefined).halves(),
    ).toBeUndefined();
    expect(new Batch([], undefined).halves()).toBeUndefined();
  });

  it('comes down to single executions in as many steps as halving takes', () => {
    let batch: Batch | undefined = new Batch(
      Array.from({ length: 500 }, (_, place) => line({ executionId: `execution ${place}` })),
      undefined,
    );
    let steps = 0;
    for (;;) {
      const halves: [Batch, Batch] | undefined = batch.halves();
      if (halves === undefined) break;
      batch = halves[1];
      steps += 1;
    }
    expect(batch.records).toHaveLength(1);
    expect(steps).toBeLessThanOrEqual(9);
  });
});
