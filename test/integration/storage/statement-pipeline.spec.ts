import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { encodeColumn } from '../../../lib/journal/binary-arrays.js';
import {
  StatementPipeline,
  type BoundStatement,
  type StatementResult,
} from '../../../lib/journal/statement-pipeline.js';
import type { Database } from '../../../lib/storage/database.js';
import { openDatabase } from '../../../lib/storage/open-database.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

const insert = {
  name: 'insert notes',
  text: 'INSERT INTO notes SELECT * FROM unnest($1::int[], $2::text[]) RETURNING id, text',
};
const rename = { name: 'rename note', text: 'UPDATE notes SET text = $2::text WHERE id = $1::int' };

interface Note {
  readonly id: number;
  readonly text: string | null;
}

function inserting(...notes: readonly Note[]): BoundStatement {
  return {
    statement: insert,
    values: [encodeColumn('int4', notes, ({ id }) => id), encodeColumn('text', notes, ({ text }) => text)],
  };
}

function renaming(id: number, text: string): BoundStatement {
  return { statement: rename, values: [String(id), text] };
}

// One trip to the database with several statements and a single Sync, as the journal's flushes are.
describe.each(['server', 'embedded'])('Several statements with one Sync, on the %s database', (kind) => {
  let test: TestDatabase | undefined;
  let database: Database;
  let client: Client;

  beforeAll(async () => {
    if (kind === 'server') test = await createTestDatabase({ migrated: false });
    database = await openDatabase(test === undefined ? { embedded: ':memory:' } : { url: test.url });
  });

  afterAll(async () => {
    await database.close();
    await test?.drop();
  });

  beforeEach(async () => {
    await database.query('CREATE TABLE notes (id int PRIMARY KEY, text text)');
    client = await database.connect('pipeline');
  });

  afterEach(async () => {
    await client.end();
    await database.query('DROP TABLE notes');
  });

  function send(statements: readonly BoundStatement[], named = true): Promise<StatementResult[]> {
    return client.query(new StatementPipeline(statements, { named })).outcome;
  }

  function notes(): Promise<Note[]> {
    return database.query<Note>('SELECT id, text FROM notes ORDER BY id');
  }

  it.each([true, false])('are one transaction, and each has its own answer (named: %s)', async (named) => {
    const results = await send(
      [inserting({ id: 1, text: 'a' }, { id: 2, text: null }), renaming(2, 'b')],
      named,
    );
    expect(results).toEqual([
      {
        rows: [
          ['1', 'a'],
          ['2', null],
        ],
      },
      { rows: [] },
    ]);
    expect(await notes()).toEqual([
      { id: 1, text: 'a' },
      { id: 2, text: 'b' },
    ]);
  });

  it('are all undone by an error in the middle, which is told once, and the client goes on', async () => {
    await send([inserting({ id: 1, text: 'kept' })]);
    let errors = 0;
    client.on('error', () => (errors += 1));

    await expect(
      send([
        renaming(1, 'lost'),
        inserting({ id: 2, text: 'lost' }, { id: 1, text: 'twice' }),
        renaming(1, 'never'),
      ]),
    ).rejects.toMatchObject({ code: '23505' });

    expect(await notes()).toEqual([{ id: 1, text: 'kept' }]);
    await send([renaming(1, 'after'), inserting({ id: 3, text: 'after' })]);
    expect(await notes()).toEqual([
      { id: 1, text: 'after' },
      { id: 3, text: 'after' },
    ]);
    expect(errors).toBe(0);
  });

  it('may be sent again and again, by two clients at the same time', async () => {
    const other = await database.connect('pipeline');
    const ids = Array.from({ length: 50 }, (_, index) => index);
    await Promise.all(
      ids.flatMap((id) => [
        send([inserting({ id, text: 'x' }), renaming(id, `one ${id}`)]),
        other.query(
          new StatementPipeline([inserting({ id: 100 + id, text: 'x' }), renaming(100 + id, 'other')], {
            named: true,
          }),
        ).outcome,
      ]),
    );
    await other.end();
    expect(await notes()).toEqual([
      ...ids.map((id) => ({ id, text: `one ${id}` })),
      ...ids.map((id) => ({ id: 100 + id, text: 'other' })),
    ]);
  });

  it('carry a batch of a megabyte', async () => {
    const many = Array.from({ length: 1_000 }, (_, id) => ({ id, text: 'ä'.repeat(1_000) }));
    const [inserted] = await send([inserting(...many)]);
    expect(inserted?.rows).toHaveLength(1_000);
    expect((await notes()).at(-1)).toEqual(many.at(-1));
  });
});
