import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { ChildScript } from '../../support/child-script.js';
import { packagedBinaries } from '../../support/postgres-binaries.js';
import { PostgresServer, type PostgresServerOptions } from '../../support/postgres-server.js';

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  // A connection that breaks tells its client as well as the query, and nobody else listens there.
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('PostgresServer', () => {
  const servers: PostgresServer[] = [];

  async function start(options: PostgresServerOptions = {}): Promise<PostgresServer> {
    const server = new PostgresServer(options);
    servers.push(server);
    return server.start();
  }

  afterEach(() => Promise.all(servers.splice(0).map((server) => server.dispose())));

  it('keeps its port and its data over a stop, a kill and a restart', async () => {
    const server = await start({ fsync: true });
    const url = server.url();
    await query(url, 'CREATE TABLE t AS SELECT 1 AS a');

    await server.stop('immediate');
    await expect(query(url, 'SELECT a FROM t')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await server.start();
    await query(url, 'INSERT INTO t VALUES (2)');

    const client = new pg.Client({ connectionString: url });
    await client.connect();
    // It may be told twice: what the server says as it goes, and that the connection has ended.
    const lost = new Promise((resolve) => client.on('error', resolve));
    await server.kill();
    await lost;

    await server.start();
    await server.restart();
    expect(server.url()).toBe(url);
    expect(await query(url, 'SELECT a FROM t ORDER BY a')).toEqual([{ a: 1 }, { a: 2 }]);
    expect(await query(url, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
  });

  it('takes settings', async () => {
    const server = await start({ settings: { max_connections: 17 } });
    expect(await query(server.url(), 'SHOW max_connections')).toEqual([{ max_connections: '17' }]);
    expect(await query(server.url(), 'SHOW fsync')).toEqual([{ fsync: 'off' }]);
  });

  it('goes when its process is killed', async () => {
    const child = new ChildScript(new URL('./scripts/own-server.ts', import.meta.url));
    const url = await child.line();
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);

    await child.kill();

    const isGone = (): Promise<boolean> =>
      query(url, 'SELECT 1').then(
        () => false,
        (error: unknown) => (error as { code?: string }).code === 'ECONNREFUSED',
      );
    while (!(await isGone())) await pause(20);
  });

  const binaries = packagedBinaries();
  // The package has programs for the usual platforms, and not for all.
  (binaries === undefined ? it.skip : it)('runs the programs of the dev dependency too', async () => {
    const server = await start({ binaries });
    expect(await query(server.url(), `SELECT version() LIKE 'PostgreSQL 18%' AS is`)).toEqual([{ is: true }]);
  });
});
