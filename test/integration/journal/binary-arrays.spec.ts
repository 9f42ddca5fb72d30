import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { type ColumnType, type Element, encodeColumn } from '../../../lib/journal/binary-arrays.js';
import { derivedRandom, derivedUuid } from '../../../lib/identity/derived.js';
import { openDatabase } from '../../../lib/storage/open-database.js';
import type { Database } from '../../../lib/storage/database.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

const samples: Readonly<Record<ColumnType, readonly Element[]>> = {
  uuid: [
    derivedUuid('a'),
    null,
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
  ],
  bool: [1, null, 0],
  int4: [0, null, 2 ** 31 - 1, -(2 ** 31)],
  int8: [0, null, 2 ** 53 - 1, -(2 ** 53) + 1, 2 ** 32, -(2 ** 32) - 1],
  text: ['', null, 'NULL', '"', '\\', '{,}', "it's", 'é 語 😀', 'a\nb\tc'],
  json: ['{"a": 1}', null, 'null', '"\\u0041"', '[1,2]'],
  jsonb: ['{"a": 1}', null, 'null', '[1, 2]'],
  timestamptz: [0, null, 1_767_312_245_678, 946_684_799_999, -62_135_596_800_000, 253_402_300_799_999],
};

/** How each type is read back as what was written. */
const reading: Readonly<Record<ColumnType, string>> = {
  uuid: 'e::text',
  bool: 'e::int',
  int4: 'e::float8',
  int8: 'e::float8',
  text: 'e',
  json: 'e::text',
  jsonb: 'e::text',
  timestamptz: '(extract(epoch FROM e) * 1000)::float8',
};

describe('PostgreSQL reads binary arrays', () => {
  let test: TestDatabase;
  let database: Database;
  let client: Client;

  beforeAll(async () => {
    test = await createTestDatabase({ migrated: false });
    database = await openDatabase({ url: test.url });
    client = await database.connect('arrays');
  });

  afterAll(async () => {
    await client.end();
    await database.close();
    await test.drop();
  });

  async function readBack(type: ColumnType, values: readonly Element[]): Promise<Element[]> {
    const { rows } = await client.query<{ value: Element }>(
      `SELECT ${reading[type]} AS value FROM unnest($1::${type}[]) WITH ORDINALITY AS u(e, n) ORDER BY n`,
      [encodeColumn(type, values, (value) => value)],
    );
    return rows.map(({ value }) => value);
  }

  it.each(Object.keys(samples) as ColumnType[])('of %s as what was written', async (type) => {
    expect(await readBack(type, samples[type])).toEqual(samples[type]);
    expect(await readBack(type, [])).toEqual([]);
    expect(await readBack(type, [null])).toEqual([null]);
  });

  it('of a thousand of everything at random', async () => {
    const at = (place: number, salt: string): number => derivedRandom(`${salt} ${place}`);
    const places = Array.from({ length: 1_000 }, (_, place) => place);
    const texts = places.map((place) => '語x😀'.repeat(Math.floor(at(place, 't') * 50)));
    const times = places.map((place) => Math.floor((at(place, 'd') - 0.5) * 1e14));
    const numbers = places.map((place) => Math.floor((at(place, 'n') - 0.5) * 2 ** 53));
    expect(await readBack('text', texts)).toEqual(texts);
    expect(await readBack('timestamptz', times)).toEqual(times);
    expect(await readBack('int8', numbers)).toEqual(numbers);
  });
});
