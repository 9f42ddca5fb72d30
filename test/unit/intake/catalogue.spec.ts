import { describe, expect, it } from '@jest/globals';
import { attributeFault } from '../../../lib/intake/attributes.js';
import { Catalogue } from '../../../lib/intake/catalogue.js';
import type { Query } from '../../../lib/storage/queries/query.js';

/** Counts what it is asked, and gives every name the number of the question. */
function counting(answer: (question: number) => readonly object[]): {
  readonly query: Query;
  count(): number;
} {
  let questions = 0;
  return {
    query: async <Row>() => {
      questions += 1;
      return answer(questions) as readonly Row[] as Row[];
    },
    count: () => questions,
  };
}

describe('The catalogue', () => {
  it('asks once for each name, also when many ask at once, and answers at once from then on', async () => {
    const { query, count } = counting((question) => [{ id: question }]);
    const catalogue = new Catalogue(query, '"durable"');
    expect(await Promise.all([1, 2, 3].map(() => catalogue.queueId('mail')))).toEqual([1, 1, 1]);
    expect(catalogue.queueId('mail')).toBe(1);
    expect(await catalogue.queueId('other')).toBe(2);
    expect(count()).toBe(2);
  });

  it('tells versions and workflows apart, whatever their names', async () => {
    const { query } = counting((question) => [{ id: question }]);
    const catalogue = new Catalogue(query, '"durable"');
    const ids = await Promise.all([
      catalogue.kindId('order', 1),
      catalogue.kindId('order', 2),
      catalogue.kindId('2 order', 1),
      catalogue.kindId('order', 12),
      catalogue.kindId('2 order', 12),
    ]);
    expect(new Set(ids).size).toBe(5);
  });

  it('asks again after a failure', async () => {
    const { query } = counting((question) => {
      if (question === 1) throw new Error('no database');
      return [{ id: 7 }];
    });
    const catalogue = new Catalogue(query, '"durable"');
    await expect(catalogue.queueId('mail')).rejects.toThrow('no database');
    expect(await catalogue.queueId('mail')).toBe(7);
  });

  it('makes a number where there is none, and takes that of somebody who was faster', async () => {
    const answers = [[], [], [{ id: 9 }]];
    const { query, count } = counting((question) => answers[question - 1] ?? []);
    expect(await new Catalogue(query, '"durable"').queueId('mail')).toBe(9);
    expect(count()).toBe(3);
  });

  it('takes the first version where no worker has ever known the workflow', async () => {
    const unknown = counting(() => []);
    expect(await new Catalogue(unknown.query, '"durable"').latest('order')).toEqual({
      version: 1,
      queue: 'default',
      priority: 0,
      timeout: null,
    });
  });

  it('takes what the latest version says of itself', async () => {
    const known = counting(() => [{ version: 4, queue: 'orders', priority: null, timeout: 7 }]);
    expect(await new Catalogue(known.query, '"durable"').latest('order')).toEqual({
      version: 4,
      queue: 'orders',
      priority: 0,
      timeout: 7,
    });
  });
});

describe('An attribute', () => {
  it.each(['text', '', 0, -1.5, true, false, null])('may be %p', (value) => {
    expect(attributeFault('name', value)).toBeUndefined();
  });

  it.each([undefined, NaN, Infinity, 1n, {}, [], new Date(0), 'a\0b', '\ud800', () => 1])(
    'is not %p',
    (value) => {
      expect(attributeFault('name', value)).toContain("'name'");
    },
  );

  it.each(['', 'a\0b', '\ud800'])('is not named %p', (name) => {
    expect(attributeFault(name, 1)).toContain('name');
  });
});
