import { describe, expect, it } from '@jest/globals';
import type { ClaimRequest } from '../../../lib/journal/claims.js';
import { RecordQueue } from '../../../lib/journal/record-queue.js';
import type { HistoryRecord, JournalRecord } from '../../../lib/journal/records.js';
import { annotation, ending, line, start } from '../../support/records.js';

function filled(records: readonly JournalRecord[]): RecordQueue {
  const queue = new RecordQueue();
  for (const record of records) queue.add(record);
  return queue;
}

function lines(executionId: string, from: number, to: number): HistoryRecord[] {
  return Array.from({ length: to - from + 1 }, (_, place) => line({ executionId, seq: from + place }));
}

const text = (length: number): string => JSON.stringify('x'.repeat(length));

describe('A queue of records', () => {
  it('gives them in the order in which they came', () => {
    const records = [...lines('a', 1, 3), ...lines('b', 1, 2)];
    const queue = filled(records);
    expect(queue.take(undefined).records).toEqual(records);
    expect(queue.isEmpty).toBe(true);
  });

  it('gives a thousand at the most', () => {
    const records = lines('a', 1, 1_001);
    const queue = filled(records);
    expect(queue.take(undefined).records).toEqual(records.slice(0, 1_000));
    expect(queue.length).toBe(1);
    expect(queue.take(undefined).records).toEqual(records.slice(1_000));
  });

  it('gives about a megabyte at the most, but always one', () => {
    const records = [
      line({ output: text(700_000) }),
      line({ output: text(700_000) }),
      line({ output: text(5_000_000) }),
      line(),
    ];
    const queue = filled(records);
    const sizes = records.map(() => queue.take(undefined).records.length);
    expect(sizes).toEqual([1, 1, 1, 1]);
  });

  it.each([
    ['the input of a start', start({ input: text(600_000) })],
    ['the output of an end', ending({ output: text(600_000) })],
    ['the input of a retry that an end brings along', ending({ retry: start({ input: text(600_000) }) })],
    ['attributes', annotation({ attributes: { note: 'x'.repeat(600_000) } })],
    ['progress', annotation({ progress: text(600_000) })],
    ['an error', line({ error: text(600_000) })],
  ])('counts %s', (_, record) => {
    const queue = filled([record, record]);
    expect(queue.take(undefined).records).toHaveLength(1);
  });

  it('takes a claim along', () => {
    const claim: ClaimRequest = { demands: [], kinds: [], isolated: false };
    expect(new RecordQueue().take(claim).claim).toBe(claim);
  });

  it('keeps what was set aside, and what its execution says later, out of the way', () => {
    const queue = filled([]);
    const [first, second, third, fourth] = lines('held', 1, 4);
    if (!first || !second || !third || !fourth) throw new Error('There are four lines.');
    const other = line({ executionId: 'other' });
    queue.add(second);
    queue.add(other);
    queue.setAside('held', [first]);
    queue.add(third);
    expect(queue.take(undefined).records).toEqual([other]);
    expect(queue.length).toBe(0);
    expect(queue.isEmpty).toBe(false);
    queue.bringBack('held');
    queue.add(fourth);
    expect(queue.take(undefined).records).toEqual([first, second, third, fourth]);
  });

  it('brings back nothing where nothing is aside', () => {
    const queue = filled([]);
    queue.bringBack('nobody');
    expect(queue.isEmpty).toBe(true);
  });

  it('empties itself, what is aside included', () => {
    const queue = filled(lines('a', 1, 2));
    const aside = lines('b', 1, 2);
    queue.setAside('b', aside);
    expect(queue.drain()).toHaveLength(4);
    expect(queue.isEmpty).toBe(true);
    queue.bringBack('b');
    expect(queue.isEmpty).toBe(true);
  });
});
