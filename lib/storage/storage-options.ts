import { DataSource } from 'typeorm';
import { EmbeddedInProduction } from '../errors/database.error.js';
import type { DatabaseOptions } from './database.js';
import { schemaFaults } from './schema-name.js';

/** Where the engine keeps its tables. */
export interface StorageOptions {
  /**
   * The database: a PostgreSQL server by URL, the server of the application's own TypeORM DataSource (needed for
   * transactional steps), or PostgreSQL inside the process, in a directory or `':memory:'`.
   *
   * @default the variable DURABLE_DATABASE_URL, or else embedded in ./.durable (refused in production)
   */
  readonly database?: DatabaseOptions;
  /**
   * The schema of the engine's tables.
   *
   * @default 'durable'
   */
  readonly schema?: string;
  /**
   * Whether to bring the tables up to date at boot. Without it, a boot with migrations pending is an error that
   * says what to run.
   *
   * @default true, except where NODE_ENV is "production"
   */
  readonly migrate?: boolean;
  /**
   * How many connections the engine may have besides its journal and its notifications.
   *
   * @default 10
   */
  readonly poolSize?: number;
}

export interface ResolvedStorage {
  readonly database: DatabaseOptions;
  readonly schema: string;
  readonly migrate: boolean;
  readonly poolSize: number;
}

export const storageOptionNames = [
  'database',
  'schema',
  'migrate',
  'poolSize',
] as const satisfies (keyof StorageOptions)[];

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Fills in the defaults; what is wrong is added to `faults`.
 *
 * @throws EmbeddedInProduction
 */
export function resolveStorage(
  options: StorageOptions,
  environment: Environment,
  faults: string[],
): ResolvedStorage {
  const inProduction = environment.NODE_ENV === 'production';
  const { schema = 'durable', migrate = !inProduction, poolSize = 10 } = options;
  faults.push(...(typeof schema === 'string' ? schemaFaults(schema) : ['schema is a text']));
  if (typeof migrate !== 'boolean') faults.push('migrate is true or false');
  if (!Number.isInteger(poolSize) || poolSize < 1) faults.push('poolSize is a whole number of at least 1');
  // Only undefined means the default: null is a slip, and is not to open another database than was meant.
  const database = options.database === undefined ? defaultDatabase(environment) : options.database;
  faults.push(...databaseFaults(database));
  if (inProduction && database !== null && typeof database === 'object' && 'embedded' in database)
    throw new EmbeddedInProduction();
  return { database, schema, migrate, poolSize };
}

function defaultDatabase(environment: Environment): DatabaseOptions {
  const url = environment.DURABLE_DATABASE_URL;
  return url === undefined || url === '' ? { embedded: './.durable' } : { url };
}

function databaseFaults(database: unknown): string[] {
  const shape =
    "database is { url }, { dataSource } or { embedded: './directory' | ':memory:' }, exactly one of them";
  if (typeof database !== 'object' || database === null) return [shape];
  const entries = Object.entries(database);
  const [entry] = entries;
  if (entries.length !== 1 || entry === undefined) return [shape];
  const [kind, value] = entry as [string, unknown];
  if (kind === 'dataSource') {
    return value instanceof DataSource || isText(value)
      ? []
      : ['database.dataSource is a DataSource, or the name of one'];
  }
  if (kind !== 'url' && kind !== 'embedded') return [shape];
  return isText(value) ? [] : [`database.${kind} is a text that is not empty`];
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
