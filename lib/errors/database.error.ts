import { DurableError } from './durable.error.js';

/**
 * No database was named, and the embedded one is not for production.
 *
 * @publicApi
 */
export class EmbeddedInProduction extends DurableError {
  readonly code = 'DURABLE_EMBEDDED_IN_PRODUCTION';

  constructor() {
    super(
      'The embedded database is for development and tests, and NODE_ENV is "production".',
      'Name a PostgreSQL server: DurableModule.forRoot({ database: { url } }) or the variable DURABLE_DATABASE_URL.',
    );
  }
}

/**
 * The embedded database was asked for, and PGlite could not be loaded.
 *
 * @publicApi
 */
export class EmbeddedUnavailable extends DurableError {
  readonly code = 'DURABLE_EMBEDDED_UNAVAILABLE';

  constructor(cause?: unknown) {
    super(
      'The embedded database needs the package @electric-sql/pglite, which could not be loaded.',
      'Run `npm install @electric-sql/pglite`, or name a PostgreSQL server: DurableModule.forRoot({ database: { url } }).',
      { cause },
    );
  }
}

/**
 * Another living process has the directory of the embedded database open.
 *
 * @publicApi
 */
export class EmbeddedInUse extends DurableError {
  readonly code = 'DURABLE_EMBEDDED_IN_USE';

  constructor(
    readonly directory: string,
    readonly ownerPid: number,
  ) {
    super(
      `The embedded database in ${directory} is in use by process ${ownerPid}, and only one process can have it open.`,
      'Stop that process, give this one another directory, or use a PostgreSQL server for several processes.',
    );
  }
}

/**
 * The database cannot be reached or refuses the connection.
 *
 * @publicApi
 */
export class DatabaseUnavailable extends DurableError {
  readonly code = 'DURABLE_DATABASE_UNAVAILABLE';

  constructor(
    readonly database: string,
    cause?: unknown,
  ) {
    super(
      `The database (${database}) cannot be used${cause instanceof Error ? `: ${cause.message}` : ''}`,
      'Check that it runs, that it can be reached from here, and that user and password are right.',
      { cause },
    );
  }
}

/**
 * The tables are older than this version of the package, and `migrate` is off.
 *
 * @publicApi
 */
export class MigrationsPending extends DurableError {
  readonly code = 'DURABLE_MIGRATIONS_PENDING';

  constructor(
    readonly schema: string,
    readonly migrations: readonly string[],
  ) {
    super(
      `The schema "${schema}" lacks ${migrations.length} migration(s) of this version: ${migrations.join(', ')}.`,
      'Start one process with DurableModule.forRoot({ migrate: true }), which runs them, before this one.',
    );
  }
}
