import type { Client } from 'pg';
import { DataSource, type QueryResult } from 'typeorm';
import { migrations } from '../../migrations/index.js';
import { DatabaseUnavailable } from '../errors/database.error.js';
import type { ConnectionFacts } from './connection-facts.js';
import type { Database } from './database.js';
import { entities } from './entities/entities.js';
import { listening } from './listening-clients.js';
import { silentLogger } from './silent-logger.js';

export interface PostgresDatabaseOptions {
  readonly kind: Database['kind'];
  readonly description: string;
  readonly schema: string;
  readonly poolSize: number;
  readonly facts: ConnectionFacts;
  /** What ends the database itself, when it is ours: after its last connection. */
  readonly stop?: () => Promise<void>;
}

/** Longer than any of our questions takes, and longer than a migration of tables in use may take. */
const QUERY_TIMEOUT_MS = 60_000;

/** PostgreSQL through the `pg` driver, on a server or in this process. */
export class PostgresDatabase implements Database {
  readonly kind: Database['kind'];
  readonly description: string;
  readonly schema: string;
  readonly dataSource: DataSource;
  readonly #clients = new Set<Client>();
  #closed: Promise<void> | undefined;

  private constructor(private readonly options: PostgresDatabaseOptions) {
    const { kind, description, schema, poolSize, facts } = options;
    this.kind = kind;
    this.description = description;
    this.schema = schema;
    this.dataSource = new DataSource({
      type: 'postgres',
      schema,
      entities,
      migrations,
      installExtensions: false,
      logger: silentLogger,
      // `extra` goes to the driver as it is: one description of the connection for the pool and for the clients.
      extra: {
        ...facts.config,
        application_name: 'durable pool',
        max: poolSize,
        // A connection that takes a question and never answers must not silence a poller for good.
        query_timeout: QUERY_TIMEOUT_MS,
        Client: listening(facts.driver.Client),
      },
      // Without `native`, so that TypeORM does not turn to pg-native where the app has that installed.
      driver: { Client: facts.driver.Client, Pool: facts.driver.Pool },
    });
  }

  /** @throws DatabaseUnavailable */
  static async open(options: PostgresDatabaseOptions): Promise<PostgresDatabase> {
    const database = new PostgresDatabase(options);
    try {
      await database.dataSource.initialize();
      return database;
    } catch (cause) {
      throw new DatabaseUnavailable(options.description, cause);
    }
  }

  async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const runner = this.dataSource.createQueryRunner();
    try {
      const { records } = (await runner.query(sql, [...parameters], true)) as QueryResult<Row>;
      return records;
    } catch (cause) {
      throw isConnectionLoss(cause) ? new DatabaseUnavailable(this.description, cause) : cause;
    } finally {
      await runner.release();
    }
  }

  async connect(purpose: string): Promise<Client> {
    const { description, facts } = this.options;
    const ListeningClient = listening(facts.driver.Client);
    const client = new ListeningClient({ ...facts.config, application_name: `durable ${purpose}` });
    try {
      await client.connect();
    } catch (cause) {
      throw new DatabaseUnavailable(description, cause);
    }
    this.#clients.add(client);
    client.once('end', () => this.#clients.delete(client));
    return client;
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    try {
      await Promise.all([this.dataSource.destroy(), ...[...this.#clients].map((client) => client.end())]);
    } finally {
      await this.options.stop?.();
    }
  }
}

/** The server is gone, or goes: codes of the operating system, class 08, and what a server says when it stops. */
function isConnectionLoss(cause: unknown): boolean {
  if (typeof cause !== 'object' || cause === null) return false;
  const driverError: unknown = 'driverError' in cause ? cause.driverError : cause;
  if (typeof driverError !== 'object' || driverError === null) return false;
  const code: unknown = 'code' in driverError ? driverError.code : undefined;
  if (typeof code !== 'string')
    return 'message' in driverError && /connection|timeout/i.test(String(driverError.message));
  return /^(08...|57P0[1-5]|E[A-Z]+)$/.test(code);
}
