import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import pg from 'pg';
import { Migrator } from '../../lib/storage/migrator.js';
import { openDatabase } from '../../lib/storage/open-database.js';
import { embeddedTemplate } from './embedded-template.js';
import { startContainer } from './postgres-container.js';
import { findPostgresBinaries } from './postgres-binaries.js';
import { PostgresServer } from './postgres-server.js';
import { ADMIN_URL, databaseUrl, TEMPLATE } from './test-environment.js';

/** The one server of a Jest run, and the database on it that every test's own is copied from. */
export interface TestServer {
  stop(): Promise<void>;
}

export async function startTestServer(): Promise<TestServer> {
  const { url, stop } = await findServer();
  const template = `durable_template_${randomUUID().slice(0, 8)}`;
  process.env[ADMIN_URL] = url;
  process.env[TEMPLATE] = template;
  try {
    await admin(url, `CREATE DATABASE "${template}"`);
    const database = await openDatabase({ url: databaseUrl(url, template) });
    await new Migrator(database).run();
    await database.close();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    stop: async () => {
      await rm(embeddedTemplate(), { recursive: true, force: true });
      // On a server that stays, we leave nothing behind.
      await admin(url, `DROP DATABASE "${template}" WITH (FORCE)`);
      await stop();
    },
  };
}

interface RunningServer {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

async function findServer(): Promise<RunningServer> {
  const given = process.env.TEST_DATABASE_URL;
  if (given !== undefined && given !== '') return { url: given, stop: async () => undefined };
  const binaries = findPostgresBinaries();
  if (binaries === undefined && process.env.DURABLE_TEST_CONTAINERS === '1') return startContainer();
  const server = await new PostgresServer({ binaries }).start();
  return { url: server.url(), stop: () => server.dispose() };
}

async function admin(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
