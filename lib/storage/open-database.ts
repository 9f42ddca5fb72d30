import type { DataSource } from 'typeorm';
import { DatabaseUnavailable } from '../errors/database.error.js';
import { DurableError } from '../errors/durable.error.js';
import { InvalidOptions } from '../errors/option.error.js';
import type { Clock } from '../time/clock.js';
import { SystemClock } from '../time/system-clock.js';
import { describeServer, factsOfDataSource, factsOfStream, factsOfUrl } from './connection-facts.js';
import type { Database } from './database.js';
import type { LockOptions } from './embedded/directory-lock.js';
import { openEmbeddedEngine, type EmbeddedEngine } from './embedded/embedded-engine.js';
import { PostgresDatabase } from './postgres-database.js';
import { schemaFaults } from './schema-name.js';

/** `DatabaseOptions` once the name of a DataSource has been looked up. */
export type DatabaseSource =
  { readonly url: string } | { readonly dataSource: DataSource } | { readonly embedded: string };

export interface OpenDatabaseOptions {
  /** @default 'durable' */
  readonly schema?: string;
  /**
   * Connections for everything that is not the journal.
   *
   * @default 10
   */
  readonly poolSize?: number;
  /**
   * How long, in milliseconds, to wait for the process that has an embedded database open.
   *
   * @default 3000
   */
  readonly lockWaitMs?: number;
  readonly clock?: Clock;
}

/**
 * Opens the database, and touches nothing in it: the migrator makes the tables.
 *
 * @throws InvalidOptions, DatabaseUnavailable, EmbeddedUnavailable, EmbeddedInUse
 */
export async function openDatabase(
  source: DatabaseSource,
  {
    schema = 'durable',
    poolSize = 10,
    lockWaitMs = 3_000,
    clock = new SystemClock(),
  }: OpenDatabaseOptions = {},
): Promise<Database> {
  const faults = schemaFaults(schema);
  if (faults.length > 0) throw new InvalidOptions(faults);

  if ('embedded' in source) {
    const description = `embedded ${source.embedded}`;
    const engine = await startEngine(source.embedded, description, { clock, waitMs: lockWaitMs });
    const facts = factsOfStream(() => engine.openSocket());
    const stop = (): Promise<void> => engine.close();
    try {
      return await PostgresDatabase.open({ kind: 'embedded', description, schema, poolSize, facts, stop });
    } catch (error) {
      await stop();
      throw error;
    }
  }
  const facts = 'url' in source ? factsOfUrl(source.url) : factsOfDataSource(source.dataSource);
  return PostgresDatabase.open({
    kind: 'server',
    description: describeServer(facts),
    schema,
    poolSize,
    facts,
  });
}

async function startEngine(
  location: string,
  description: string,
  lock: LockOptions,
): Promise<EmbeddedEngine> {
  try {
    return await openEmbeddedEngine(location, lock);
  } catch (error) {
    throw error instanceof DurableError ? error : new DatabaseUnavailable(description, error);
  }
}
