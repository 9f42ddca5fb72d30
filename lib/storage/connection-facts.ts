import type { Duplex } from 'node:stream';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { InvalidOptions } from '../errors/option.error.js';

type PostgresOptions = Extract<DataSource['options'], { type: 'postgres' }>;

/** The two classes of the `pg` package, or of a driver in its place. */
export interface PostgresDriver {
  readonly Client: typeof pg.Client;
  readonly Pool: typeof pg.Pool;
}

/** How to reach a database: the same for the engine's pool and for each of its dedicated clients. */
export interface ConnectionFacts {
  readonly config: pg.ClientConfig;
  readonly driver: PostgresDriver;
}

const CONNECT_TIMEOUT_MS = 10_000;

/** A dead connection is noticed, also where firewalls forget idle ones. */
const kept = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 } satisfies pg.ClientConfig;

export function factsOfUrl(url: string): ConnectionFacts {
  return {
    config: { ...kept, connectionTimeoutMillis: CONNECT_TIMEOUT_MS, connectionString: url },
    driver: pg,
  };
}

/** The app's own database, over connections of our own: its pool, its time-outs and its hooks stay its own. */
export function factsOfDataSource(dataSource: DataSource): ConnectionFacts {
  const { options } = dataSource;
  if (!isPostgres(options)) {
    throw new InvalidOptions([
      `database.dataSource is of type "${options.type}", and only "postgres" can hold the engine's tables`,
    ]);
  }
  // Replicas only read: the engine talks to the primary.
  const credentials = options.replication?.master ?? options;
  const { url, host, port, username, password, database, ssl } = credentials;
  return {
    config: withoutUndefined({
      ...kept,
      connectionTimeoutMillis: options.connectTimeoutMS ?? CONNECT_TIMEOUT_MS,
      connectionString: url,
      host,
      port,
      user: username,
      password,
      database,
      // TypeORM types it as a server's options; it hands them to the driver as a client's all the same.
      ssl: ssl as pg.ClientConfig['ssl'],
      ...connectionPart(options.extra),
    }),
    driver: isDriver(options.driver) ? options.driver : pg,
  };
}

export function factsOfStream(stream: () => Duplex): ConnectionFacts {
  return {
    // Said in full, so that no PG* variable of the environment is looked at.
    config: { stream, ssl: false, host: 'embedded', user: 'postgres', database: 'postgres', password: '' },
    driver: pg,
  };
}

/** 'postgres shop at db.example:5432': where the database is, and never how to get in. */
export function describeServer({ config, driver }: ConnectionFacts): string {
  try {
    // The driver knows how the URL, the options and the PG* variables make one address.
    const { database, host, port } = new driver.Client(config);
    return `postgres ${database} at ${host}:${port}`;
  } catch {
    // Without the cause: it may hold the URL, and with it the password.
    throw new InvalidOptions([
      'database.url is not a URL such as postgres://user:password@host:5432/database',
    ]);
  }
}

/** What `extra` says about a single connection. The rest is about the app's pool and about the app's queries. */
function connectionPart(extra: unknown): pg.ClientConfig {
  const config: Record<string, unknown> = { ...(typeof extra === 'object' ? extra : {}) };
  for (const name of OF_THE_APP) delete config[name];
  return config;
}

const OF_THE_APP = [
  'max',
  'min',
  'idleTimeoutMillis',
  'allowExitOnIdle',
  'maxUses',
  'maxLifetimeSeconds',
  'log',
  'Client',
  'Promise',
  'onConnect',
  'verify',
  'pipeline',
  'application_name',
  'statement_timeout',
  'query_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
];

function isPostgres(options: DataSource['options']): options is PostgresOptions {
  return options.type === 'postgres';
}

function isDriver(driver: unknown): driver is PostgresDriver {
  return typeof driver === 'object' && driver !== null && 'Client' in driver && 'Pool' in driver;
}

/** A key that is present and undefined would hide what the URL or the environment says. */
function withoutUndefined(config: pg.ClientConfig): pg.ClientConfig {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
}
