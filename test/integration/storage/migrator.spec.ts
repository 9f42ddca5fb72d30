import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { migrations } from '../../../migrations/index.js';
import { MigrationsPending } from '../../../lib/errors/database.error.js';
import type { Database } from '../../../lib/storage/database.js';
import { Migrator } from '../../../lib/storage/migrator.js';
import { openDatabase } from '../../../lib/storage/open-database.js';
import { ChildScript } from '../../support/child-script.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

const all = migrations.map(({ name }) => name);

describe('Migrator', () => {
  let test: TestDatabase;
  const opened: Database[] = [];

  async function open(schema: string, url = test.url): Promise<Database> {
    const database = await openDatabase({ url }, { schema });
    opened.push(database);
    return database;
  }

  beforeEach(async () => {
    test = await createTestDatabase({ migrated: false });
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((database) => database.close()));
    await test.drop();
  });

  it('makes the schema and the tables, and then has nothing left to do', async () => {
    const migrator = new Migrator(await open('durable'));
    expect(await migrator.pending()).toEqual(all);
    expect(await migrator.version()).toBe(0);

    expect(await migrator.run()).toEqual(all);

    expect(await migrator.pending()).toEqual([]);
    expect(await migrator.version()).toBe(all.length);
    expect(await migrator.run()).toEqual([]);
  });

  it('keeps its own record inside the schema', async () => {
    const database = await open('durable');
    await new Migrator(database).run();
    const tables = await database.query<{ name: string }>(
      `SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE tablename = 'migrations'`,
    );
    expect(tables).toEqual([{ name: 'durable.migrations' }]);
  });

  it('runs each migration once when five connections begin together', async () => {
    const databases = await Promise.all(Array.from({ length: 5 }, () => open('durable')));
    const runs = await Promise.all(databases.map((database) => new Migrator(database).run()));
    expect(runs.flat()).toEqual(all);
  });

  it('runs each migration once when three processes begin together', async () => {
    const script = new URL('./scripts/migrate.ts', import.meta.url);
    const children = Array.from({ length: 3 }, () => new ChildScript(script, test.url, 'durable'));
    for (const child of children) expect(await child.line()).toBe('connected');

    const codes = await Promise.all(children.map((child) => child.end()));

    expect(codes).toEqual([0, 0, 0]);
    const runs = await Promise.all(children.map((child) => child.line()));
    expect(runs.flatMap((run) => JSON.parse(run) as string[])).toEqual(all);
  });

  it('keeps two schemas of one database apart, also with names that need quotes', async () => {
    const names = ['durable', 'Größe 1; DROP -- "'.replace(' "', '')];
    for (const name of names) {
      const database = await open(name);
      expect(await new Migrator(database).run()).toEqual(all);
      await database.query(`INSERT INTO "${name}"."queues" (name) VALUES ($1)`, [name]);
    }
    for (const name of names) {
      const database = await open(name);
      expect(await database.query(`SELECT name FROM "${name}"."queues"`)).toEqual([{ name }]);
      expect(await new Migrator(database).version()).toBe(all.length);
    }
  });

  it('says what is pending and what to do, for processes that must not migrate', async () => {
    const migrator = new Migrator(await open('durable'));
    const refusal = migrator.requireCurrent();
    await expect(refusal).rejects.toBeInstanceOf(MigrationsPending);
    await expect(refusal).rejects.toMatchObject({ schema: 'durable', migrations: all });

    await migrator.run();
    await expect(migrator.requireCurrent()).resolves.toBeUndefined();
  });

  it('takes every table away again, and can bring them back', async () => {
    const database = await open('durable');
    const migrator = new Migrator(database);
    await migrator.run();
    for (const _ of all) await database.dataSource.undoLastMigration();

    const left = await database.query<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'durable'`,
    );
    expect(left).toEqual([{ name: 'migrations' }]);
    expect(await migrator.run()).toEqual(all);
  });

  it('leaves nothing behind when a migration fails', async () => {
    const database = await open('durable');
    // In the way of a table of ours: the same name, and something else.
    await database.query('CREATE SCHEMA durable');
    await database.query('CREATE VIEW durable.step_executions AS SELECT 1 AS one');

    await expect(new Migrator(database).run()).rejects.toThrow(/step_executions/);

    const tables = await database.query(`SELECT tablename FROM pg_tables WHERE schemaname = 'durable'`);
    expect(tables).toEqual([]);
    await database.query('DROP VIEW durable.step_executions');
    expect(await new Migrator(database).run()).toEqual(all);
  });

  it('needs no right to create schemas where the schema is there', async () => {
    const role = `durable_${test.name.slice(-8)}`;
    const admin = new pg.Client({ connectionString: test.url });
    await admin.connect();
    try {
      await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'modest'`);
      await admin.query(`CREATE SCHEMA prepared AUTHORIZATION ${role}`);
      const url = new URL(test.url);
      url.username = role;
      url.password = 'modest';
      const database = await open('prepared', url.href);
      expect(await new Migrator(database).run()).toEqual(all);
      await database.close();
    } finally {
      await admin.query(`DROP OWNED BY ${role}`);
      await admin.query(`DROP ROLE ${role}`);
      await admin.end();
    }
  });
});
