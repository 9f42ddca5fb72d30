import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { Migrator } from '../../lib/storage/migrator.js';
import { openDatabase } from '../../lib/storage/open-database.js';
import { ADMIN_URL, databaseUrl, fromSetup, TEMPLATE } from './test-environment.js';

/** A database of a test file's own. */
export interface TestDatabase {
  readonly url: string;
  readonly name: string;
  /** Throws out who is still connected. */
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** @default 'durable' */
  readonly schema?: string;
  /**
   * Whether the engine's tables are there.
   *
   * @default true
   */
  readonly migrated?: boolean;
}

/** Held while a database is copied, so that the copies of parallel Jest workers do not get in each other's way. */
const COPY_LOCK = 4_815_162_342;

export async function createTestDatabase({
  schema = 'durable',
  migrated = true,
}: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const name = `durable_test_${randomUUID().replaceAll('-', '')}`;
  const fromTemplate = migrated && schema === 'durable';
  await onServer((client) => copyDatabase(client, name, fromTemplate ? fromSetup(TEMPLATE) : 'template1'));
  const url = databaseUrl(fromSetup(ADMIN_URL), name);
  if (migrated && !fromTemplate) await migrate(url, schema);
  return {
    url,
    name,
    drop: () =>
      onServer(async (client) => {
        await client.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
      }),
  };
}

async function copyDatabase(client: pg.Client, name: string, template: string): Promise<void> {
  const { rows } = await client.query<{ version: number }>(
    `SELECT current_setting('server_version_num')::int AS version`,
  );
  // Copying files is faster than writing every page to the log, which is the default since there is a choice.
  const strategy = (rows[0]?.version ?? 0) >= 150_000 ? 'STRATEGY file_copy' : '';
  await client.query('SELECT pg_advisory_lock($1)', [COPY_LOCK]);
  await client.query(`CREATE DATABASE "${name}" TEMPLATE "${template}" ${strategy}`);
}

async function migrate(url: string, schema: string): Promise<void> {
  const database = await openDatabase({ url }, { schema });
  try {
    await new Migrator(database).run();
  } finally {
    await database.close();
  }
}

/** On a connection of its own, whose end also gives back its locks. */
async function onServer(work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: fromSetup(ADMIN_URL) });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
