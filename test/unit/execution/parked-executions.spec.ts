import { describe, expect, it } from '@jest/globals';
import type { ActiveExecution } from '../../../lib/execution/active-execution.js';
import { ParkedExecutions } from '../../../lib/execution/parked-executions.js';

const CAPACITY = 1_000;

interface Fake {
  readonly execution: ActiveExecution;
  isAbandoned(): boolean;
}

/** As much of an execution as being parked is about. */
function parkable(id: string, epoch = 1): Fake {
  let abandoned = false;
  const execution = { id, ownership: { epoch }, abandon: () => (abandoned = true) };
  return { execution: execution as unknown as ActiveExecution, isAbandoned: () => abandoned };
}

describe('Parked executions', () => {
  it('go on with their code where nobody has had them since', () => {
    const parked = new ParkedExecutions();
    const { execution, isAbandoned } = parkable('a', 3);
    parked.add(execution);
    expect(parked.take('a', 4)).toBe(execution);
    expect(isAbandoned()).toBe(false);
    expect(parked.take('a', 5)).toBeUndefined();
  });

  it.each([3, 5, 9])('are dropped where the claim has epoch %d', (epoch) => {
    const parked = new ParkedExecutions();
    const { execution, isAbandoned } = parkable('a', 3);
    parked.add(execution);
    expect(parked.take('a', epoch)).toBeUndefined();
    expect(isAbandoned()).toBe(true);
  });

  it('are known by their ids alone', () => {
    const parked = new ParkedExecutions();
    parked.add(parkable('a').execution);
    expect(parked.take('b', 2)).toBeUndefined();
    expect(parked.take('a', 2)).toBeDefined();
  });

  it(`are ${CAPACITY} at the most: the longest parked makes room`, () => {
    const parked = new ParkedExecutions();
    const all = Array.from({ length: CAPACITY + 2 }, (_, place) => parkable(`${place}`));
    for (const { execution } of all.slice(0, CAPACITY)) parked.add(execution);
    expect(all.filter((each) => each.isAbandoned())).toEqual([]);
    // Who comes back and parks again is no longer the oldest.
    const again = all[0];
    if (again === undefined) throw new Error('There is a first one.');
    parked.remove(again.execution);
    parked.add(again.execution);
    for (const { execution } of all.slice(CAPACITY)) parked.add(execution);
    expect(all.filter((each) => each.isAbandoned()).map(({ execution }) => execution.id)).toEqual(['1', '2']);
  });

  it('can be dropped one by one, and all together', () => {
    const parked = new ParkedExecutions();
    const all = ['a', 'b', 'c'].map((id) => parkable(id));
    for (const { execution } of all) parked.add(execution);
    parked.drop('b');
    parked.drop('nobody');
    expect(all.map((each) => each.isAbandoned())).toEqual([false, true, false]);
    parked.dropAll();
    expect(all.map((each) => each.isAbandoned())).toEqual([true, true, true]);
    expect(parked.take('a', 2)).toBeUndefined();
  });

  it('leave with their own copy only', () => {
    const parked = new ParkedExecutions();
    const [older, newer] = [parkable('a', 1), parkable('a', 2)];
    parked.add(newer.execution);
    parked.remove(older.execution);
    expect(parked.take('a', 3)).toBe(newer.execution);
  });
});
