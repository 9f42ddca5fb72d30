import { beforeEach, describe, expect, it } from '@jest/globals';
import { MailReader } from '../../../../lib/execution/waiting/mail-reader.js';
import type { Query } from '../../../../lib/storage/queries/query.js';
import { Deferred } from '../../../support/gate.js';
import { drained } from '../../../support/held-clock.js';

describe('The reader of mailboxes', () => {
  /** The ids of each query, and what it was for. */
  let asked: { readonly what: 'mail' | 'broadcasts'; readonly ids: readonly string[] }[];
  let answer: (ids: readonly string[]) => object[] | Promise<object[]>;
  let reader: MailReader;

  const row = (executionId: string, letterId: string | null = null, signals = 1): object => ({
    executionId,
    signals,
    cancelRequested: false,
    compensate: false,
    cancelReason: null,
    letterId,
    type: 'event',
    name: 'a',
    payload: '1',
    waitSeq: null,
    at: 5,
  });

  beforeEach(() => {
    asked = [];
    answer = (ids) => ids.map((id) => row(id));
    const query: Query = async <Row>(sql: string, parameters: readonly unknown[] = []) => {
      const ids = parameters[0] as string[];
      if (sql.includes('.broadcasts')) {
        asked.push({ what: 'broadcasts', ids });
        return ids.map((executionId) => ({ executionId, seq: 3, payload: '"b"', at: 9 })) as Row[];
      }
      asked.push({ what: 'mail', ids });
      return (await answer(ids)) as Row[];
    };
    reader = new MailReader(query, '"durable"');
  });

  const read = (id: string, broadcasts = false) => reader.read({ id, letters: true, broadcasts });

  it('reads all that are asked for in one turn in one query', async () => {
    answer = () => [row('a', '1'), row('a', '2'), row('b')];
    const readings = await Promise.all([read('a'), read('b'), read('a'), read('gone')]);
    expect(asked).toEqual([{ what: 'mail', ids: ['a', 'b', 'gone'] }]);
    expect(readings[0]).toMatchObject({ signals: 1, letters: [{ id: '1', at: 5 }, { id: '2' }] });
    expect(readings[1]).toMatchObject({ letters: [] });
    expect(readings[2]).toEqual(readings[0]);
    expect(readings[3]).toBeUndefined();
  });

  it('puts a broadcast before what was sent after it', async () => {
    answer = () => [
      { ...row('a', '1'), at: 5 },
      { ...row('a', '2'), at: 12 },
    ];
    const reading = await read('a', true);
    expect(reading?.letters.map(({ id }) => id)).toEqual(['1', 'broadcast 3', '2']);
  });

  it('reads what is asked for while a query is under way in the next one', async () => {
    const held = new Deferred();
    answer = async (ids) => {
      await held.promise;
      return ids.map((id) => row(id));
    };
    const first = read('a');
    await drained();
    const others = [read('b'), read('a'), read('c')];
    await drained();
    expect(asked).toHaveLength(1);
    held.resolve();
    await Promise.all([first, ...others]);
    // What is committed before a call is in its answer: the second one for `a` is not answered by the first query.
    expect(asked.map(({ ids }) => ids)).toEqual([['a'], ['b', 'a', 'c']]);
  });

  it('reads no more than five hundred in one query', async () => {
    await Promise.all(Array.from({ length: 1_100 }, (_, n) => read(`${n}`)));
    expect(asked.map(({ ids }) => ids.length)).toEqual([500, 500, 100]);
  });

  it('looks for broadcasts for those who wait for one, after their letters', async () => {
    answer = () => [row('a', '1'), row('b', '2')];
    const [a, b] = await Promise.all([read('a', true), read('b')]);
    expect(asked).toEqual([
      { what: 'mail', ids: ['a', 'b'] },
      { what: 'broadcasts', ids: ['a'] },
    ]);
    expect(a?.letters).toEqual([
      { id: '1', type: 'event', name: 'a', payload: '1', waitSeq: null, at: 5 },
      { id: 'broadcast 3', type: 'broadcast', name: '', payload: '"b"', waitSeq: 3, at: 9 },
    ]);
    expect(b?.letters).toHaveLength(1);
  });

  it('that fails tells those who asked, and goes on with the others', async () => {
    const held = new Deferred();
    answer = async () => {
      await held.promise;
      throw new Error('no connection');
    };
    const failed = Promise.allSettled([read('a'), read('b')]);
    await drained();
    const next = read('c');
    answer = (ids) => ids.map((id) => row(id));
    held.resolve();
    expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await next).toMatchObject({ signals: 1 });
    expect(await read('d')).toMatchObject({ signals: 1 });
  });
});
