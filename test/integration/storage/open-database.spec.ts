import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { DatabaseUnavailable } from '../../../lib/errors/database.error.js';
import { InvalidOptions } from '../../../lib/errors/option.error.js';
import type { Database } from '../../../lib/storage/database.js';
import { openDatabase, type DatabaseSource } from '../../../lib/storage/open-database.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

describe('openDatabase on a server', () => {
  let test: TestDatabase;
  const opened: Database[] = [];

  beforeAll(async () => {
    test = await createTestDatabase();
  });

  afterEach(() => Promise.all(opened.splice(0).map((database) => database.close())));

  afterAll(() => test.drop());

  async function open(source: DatabaseSource): Promise<Database> {
    const database = await openDatabase(source);
    opened.push(database);
    return database;
  }

  function appDataSource(options: object = {}): DataSource {
    const { hostname, port, username, password } = new URL(test.url);
    return new DataSource({
      type: 'postgres',
      host: hostname,
      port: Number(port),
      username,
      password: async () => password,
      database: test.name,
      schema: 'app',
      ...options,
    });
  }

  it('opens it by URL, and says where it is without saying how to get in', async () => {
    const url = new URL(test.url);
    url.password = 'not to be seen';
    const database = await open({ url: url.href });
    expect(database).toMatchObject({ kind: 'server', schema: 'durable' });
    expect(database.description).toBe(`postgres ${test.name} at ${url.hostname}:${url.port}`);
  });

  it('answers with rows, whatever the statement', async () => {
    const database = await open({ url: test.url });
    const sql = `INSERT INTO durable.queues (name) VALUES ($1) RETURNING name`;
    expect(await database.query(sql, ['orders'])).toEqual([{ name: 'orders' }]);
    expect(await database.query(`UPDATE durable.queues SET name = 'mail' RETURNING name`)).toEqual([
      { name: 'mail' },
    ]);
    expect(await database.query('DELETE FROM durable.queues')).toEqual([]);
    await expect(database.query('SELEC 1')).rejects.toMatchObject({ code: '42601' });
  });

  it('gives clients of their own that an administrator can tell apart', async () => {
    const database = await open({ url: test.url });
    const client = await database.connect('journal');
    const [session] = await database.query<{ name: string }>(
      'SELECT application_name AS name FROM pg_stat_activity WHERE pid = $1',
      [(await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid],
    );
    expect(session).toEqual({ name: 'durable journal' });
    expect(await database.query('SHOW application_name')).toEqual([{ application_name: 'durable pool' }]);
  });

  it('leaves no connection behind when it closes', async () => {
    const database = await open({ url: test.url });
    await database.connect('one');
    await (await database.connect('two')).end();
    await database.close();
    const other = await open({ url: test.url });
    const sessions = await other.query(
      `SELECT application_name FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()`,
      [test.name],
    );
    expect(sessions).toEqual([]);
  });

  it.each([
    ['host, user and a password function', {}],
    ['replication', { replication: true }],
    ['a URL', { url: true }],
  ])(
    "reaches the app's database from its DataSource: %s",
    async (_, { replication = false, url = false }: { replication?: boolean; url?: boolean }) => {
      const nowhere = { url: 'postgres://nobody@127.0.0.1:1/nowhere' };
      const dataSource = replication
        ? appDataSource({
            host: 'replica.invalid',
            replication: { master: { url: test.url }, slaves: [nowhere] },
          })
        : url
          ? new DataSource({ type: 'postgres', url: test.url })
          : appDataSource();
      const database = await open({ dataSource });
      expect(await database.query('SELECT current_database() AS name')).toEqual([{ name: test.name }]);
      const client = await database.connect('journal');
      expect((await client.query('SELECT current_database() AS name')).rows).toEqual([{ name: test.name }]);
      expect(database.schema).toBe('durable');
      expect(dataSource.isInitialized).toBe(false);
    },
  );

  it("takes the app's driver and connection settings, and leaves its pool and its time-outs alone", async () => {
    const made: unknown[] = [];
    class AppClient extends pg.Client {
      constructor(config?: string | pg.ClientConfig) {
        super(config);
        made.push(config);
      }
    }
    const dataSource = appDataSource({
      driver: { Client: AppClient, Pool: pg.Pool },
      extra: { options: '-c work_mem=7MB', max: 1, statement_timeout: 5 },
    });
    const database = await open({ dataSource });
    const client = await database.connect('journal');
    expect((await client.query('SHOW work_mem')).rows).toEqual([{ work_mem: '7MB' }]);
    expect((await client.query('SHOW statement_timeout')).rows).toEqual([{ statement_timeout: '0' }]);
    expect(await database.query('SHOW work_mem')).toEqual([{ work_mem: '7MB' }]);
    expect(made).not.toHaveLength(0);
    const both = await Promise.all([
      database.query('SELECT pg_backend_pid(), pg_sleep(0.02)'),
      database.query('SELECT pg_backend_pid(), pg_sleep(0.02)'),
    ]);
    expect(both[0]).not.toEqual(both[1]);
  });

  it('refuses a DataSource of another database', async () => {
    const dataSource = new DataSource({ type: 'postgres' });
    Object.assign(dataSource, { options: { type: 'mysql' } });
    await expect(openDatabase({ dataSource })).rejects.toThrow(/of type "mysql"/);
  });

  it('says which database it cannot reach, and why', async () => {
    const refusal = openDatabase({ url: 'postgres://someone:hush@127.0.0.1:1/shop' });
    await expect(refusal).rejects.toBeInstanceOf(DatabaseUnavailable);
    await expect(refusal).rejects.toThrow(/postgres shop at 127\.0\.0\.1:1/);
    await expect(refusal).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    await expect(refusal).rejects.not.toThrow(/hush/);
  });

  it('says the same of a client that cannot connect any more', async () => {
    const gone = await createTestDatabase({ migrated: false });
    const database = await open({ url: gone.url });
    await gone.drop();
    await expect(database.connect('journal')).rejects.toMatchObject({ code: 'DURABLE_DATABASE_UNAVAILABLE' });
  });

  it('refuses what is not a URL without repeating it', async () => {
    const refusal = openDatabase({ url: 'postgres://user:hush@:port/' });
    await expect(refusal).rejects.toBeInstanceOf(InvalidOptions);
    await expect(refusal).rejects.not.toThrow(/hush/);
  });

  it.each([
    ['', /empty/],
    ['a.b', /dot/],
    ['a"b', /quote/],
    ["a'b", /quote/],
    ['a\0b', /NUL/],
    ['pg_mine', /pg_/],
    ['ä'.repeat(32), /longer than 63 bytes/],
  ])('refuses the schema %j', async (schema, sentence) => {
    const refusal = openDatabase({ url: test.url }, { schema });
    await expect(refusal).rejects.toBeInstanceOf(InvalidOptions);
    await expect(refusal).rejects.toThrow(sentence);
  });
});
