import type { Client } from 'pg';
import type { DataSource } from 'typeorm';

/**
 * Where the engine keeps its tables: a PostgreSQL server by URL, the server of the app's own TypeORM
 * `DataSource` (the object or its name), or PostgreSQL inside the process, in a directory or `':memory:'`.
 *
 * @publicApi
 */
export type DatabaseOptions =
  { readonly url: string } | { readonly dataSource: string | DataSource } | { readonly embedded: string };

/** An open database with the engine's tables in one of its schemas. */
export interface Database {
  readonly kind: 'embedded' | 'server';
  /** For the boot line and for errors: 'embedded ./.durable', 'postgres shop at db.example:5432'. No password. */
  readonly description: string;
  readonly schema: string;
  /** The engine's own, never the app's: initialised, with the engine's entities and migrations. */
  readonly dataSource: DataSource;
  /** One statement on the pool. */
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /**
   * A connected client of the caller's alone, who listens to its 'error' event and ends it.
   *
   * @param purpose shown to database administrators: application_name is `durable <purpose>`
   * @throws DatabaseUnavailable
   */
  connect(purpose: string): Promise<Client>;
  /** Ends every connection, the embedded engine last. */
  close(): Promise<void>;
}
