import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import type { Database } from '../../../lib/storage/database.js';
import { openDatabase } from '../../../lib/storage/open-database.js';

describe('An embedded database', () => {
  let database: Database;
  let ann: Client;
  let bob: Client;

  beforeAll(async () => {
    database = await openDatabase({ embedded: ':memory:' });
  });

  afterAll(() => database.close());

  beforeEach(async () => {
    await database.query('CREATE TABLE notes (id int PRIMARY KEY, text text)');
    ann = await database.connect('ann');
    bob = await database.connect('bob');
  });

  afterEach(async () => {
    await Promise.all([ann.end(), bob.end()]);
    await database.query('DROP TABLE notes');
  });

  async function notes(): Promise<number[]> {
    const rows = await database.query<{ id: number }>('SELECT id FROM notes ORDER BY id');
    return rows.map(({ id }) => id);
  }

  it('says what it is', () => {
    expect(database).toMatchObject({ kind: 'embedded', description: 'embedded :memory:' });
  });

  describe('prepared statements', () => {
    it('of the same name in two clients are two statements', async () => {
      const forAnn = { name: 'same', text: 'SELECT $1::int + 1 AS value' };
      const forBob = { name: 'same', text: `SELECT $1::text || '!' AS value` };
      for (let round = 0; round < 3; round += 1) {
        const [a, b] = await Promise.all([
          ann.query({ ...forAnn, values: [round] }),
          bob.query({ ...forBob, values: ['hello'] }),
        ]);
        expect([a.rows, b.rows]).toEqual([[{ value: round + 1 }], [{ value: 'hello!' }]]);
      }
    });

    it('may have names as long as PostgreSQL keeps, which differ at their end', async () => {
      const name = 'x'.repeat(62);
      await ann.query({ name: `${name}1`, text: 'SELECT 1 AS value' });
      const { rows } = await ann.query({ name: `${name}2`, text: 'SELECT 2 AS value' });
      expect(rows).toEqual([{ value: 2 }]);
    });

    it('go when their client goes', async () => {
      const count = async (): Promise<unknown> =>
        (await ann.query('SELECT count(*)::int FROM pg_prepared_statements')).rows;
      const before = await count();
      const guest = await database.connect('guest');
      await guest.query({ name: 'guest statement', text: 'SELECT 1' });
      expect(await count()).not.toEqual(before);
      await guest.end();
      expect(await count()).toEqual(before);
    });
  });

  describe('transactions', () => {
    it('are not interleaved with other clients', async () => {
      await ann.query('BEGIN');
      await ann.query('INSERT INTO notes VALUES (1)');
      let isBobServed = false;
      const bobs = bob.query('SELECT count(*)::int FROM notes').then(({ rows }) => {
        isBobServed = true;
        return rows;
      });
      await ann.query('INSERT INTO notes VALUES (2)');
      await ann.query('SELECT pg_sleep(0)');
      expect(isBobServed).toBe(false);
      await ann.query('COMMIT');
      expect(await bobs).toEqual([{ count: 2 }]);
    });

    it('are kept apart when twenty of them run on the pool', async () => {
      await ann.query('INSERT INTO notes VALUES (0, $1)', ['0']);
      await Promise.all(
        Array.from({ length: 20 }, () =>
          database.dataSource.transaction(async (manager) => {
            const [row]: { text: string }[] = await manager.query('SELECT text FROM notes WHERE id = 0');
            await manager.query('UPDATE notes SET text = $1 WHERE id = 0', [String(Number(row?.text) + 1)]);
          }),
        ),
      );
      expect(await database.query('SELECT text FROM notes')).toEqual([{ text: '20' }]);
    });

    it('are rolled back when their client says goodbye', async () => {
      await ann.query('BEGIN');
      await ann.query('INSERT INTO notes VALUES (1)');
      await ann.end();
      expect(await notes()).toEqual([]);
    });

    it('are rolled back when their client goes without a word', async () => {
      await ann.query('BEGIN');
      await ann.query('INSERT INTO notes VALUES (1)');
      ann.on('error', () => undefined);
      // What the driver does when a connection is to be dropped at once.
      (ann as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
      expect(await notes()).toEqual([]);
    });

    it('that have failed accept nothing until they are rolled back', async () => {
      await ann.query('BEGIN');
      await ann.query('INSERT INTO notes VALUES (1)');
      await expect(ann.query('INSERT INTO notes VALUES (1)')).rejects.toMatchObject({ code: '23505' });
      await expect(ann.query('SELECT 1')).rejects.toMatchObject({ code: '25P02' });
      await ann.query('ROLLBACK');
      expect(await notes()).toEqual([]);
    });
  });

  it('answers bad SQL with an error, and goes on', async () => {
    await expect(ann.query('SELEC 1')).rejects.toMatchObject({ code: '42601' });
    await expect(ann.query('SELECT $1::int', ['x'])).rejects.toMatchObject({ code: '22P02' });
    await expect(ann.query({ name: 'bad', text: 'SELECT nothing' })).rejects.toMatchObject({ code: '42703' });
    await expect(ann.query({ name: 'bad', text: 'SELECT nothing' })).rejects.toMatchObject({ code: '42703' });
    expect((await ann.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    expect((await bob.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  it('runs several statements in one text, and stops at the first that fails', async () => {
    await expect(
      ann.query('INSERT INTO notes VALUES (1); SELECT 1/0; INSERT INTO notes VALUES (2)'),
    ).rejects.toMatchObject({ code: '22012' });
    expect(await notes()).toEqual([]);
  });

  it('carries big values both ways', async () => {
    const text = 'ü€😀'.repeat(700_000);
    const bytes = Buffer.alloc(6_000_000, 7);
    const { rows } = await ann.query('SELECT $1::text AS text, $2::bytea AS bytes', [text, bytes]);
    const [row] = rows as { text: string; bytes: Buffer }[];
    expect(row?.text === text).toBe(true);
    expect(row?.bytes.equals(bytes)).toBe(true);
  });

  it('carries many rows', async () => {
    const { rows } = await ann.query('SELECT n, repeat($1, 100) AS text FROM generate_series(1, 30000) n', [
      'x',
    ]);
    expect(rows).toHaveLength(30_000);
    expect(rows.at(-1)).toEqual({ n: 30_000, text: 'x'.repeat(100) });
  });

  it('carries times, JSON, arrays and nulls as a server does', async () => {
    const at = new Date('2026-11-20T10:00:00.123Z');
    const { rows } = await ann.query(
      `SELECT $1::timestamptz(3) AS at, $2::json AS json, $3::int[] AS list, $4::text AS nothing, 9007199254740993 AS big`,
      [at, JSON.stringify({ a: [1, null] }), [1, 2], null],
    );
    expect(rows).toEqual([
      { at, json: { a: [1, null] }, list: [1, 2], nothing: null, big: '9007199254740993' },
    ]);
  });

  it('lets timers and sockets of the process have their turn', async () => {
    let isTimeUp = false;
    const timer = pause(1).then(() => (isTimeUp = true));
    for (let queries = 0; !isTimeUp; queries += 1) {
      if (queries > 10_000) throw new Error('The timer never came.');
      await ann.query('SELECT 1');
    }
    await timer;
  });

  it('ends the clients that are still connected when it closes', async () => {
    const other = await openDatabase({ embedded: ':memory:' });
    const client = await other.connect('left open');
    await client.query('BEGIN');
    await other.close();
    await expect(client.query('SELECT 1')).rejects.toThrow(/closed|not queryable|connection/i);
    await expect(other.connect('late')).rejects.toMatchObject({ code: 'DURABLE_DATABASE_UNAVAILABLE' });
    await other.close();
  });
});
