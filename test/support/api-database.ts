import { afterAll, beforeAll, describe } from '@jest/globals';
import type { Provider } from '@nestjs/common';
import type { DatabaseOptions, DurableOptions } from 'nest-durable';
import { type DurableApp, startApp } from './durable-app.js';
import { createEmbeddedDirectory } from './embedded-template.js';
import { createTestDatabase } from './test-database.js';

/** Where a suite of the public API runs: one database, and the applications on it. */
export class ApiDatabase {
  #options: DatabaseOptions | undefined;
  #drop: () => Promise<void> = async () => undefined;
  readonly #apps: DurableApp[] = [];

  constructor(readonly kind: DatabaseKind) {}

  get options(): DatabaseOptions {
    if (this.#options === undefined) throw new Error('The database is made before the first test.');
    return this.#options;
  }

  /** Starts an application on it. An embedded database has one at a time. */
  async start(
    providers: readonly Provider[],
    options: Omit<DurableOptions, 'database'> = {},
  ): Promise<DurableApp> {
    const app = await startApp({ database: this.options, shutdownTimeout: '2s', ...options }, providers);
    this.#apps.push(app);
    return app;
  }

  /** Closes those that are still open. */
  async closeApps(): Promise<void> {
    for (const app of this.#apps.splice(0)) await app.close();
  }

  async create(): Promise<void> {
    if (this.kind === 'PostgreSQL') {
      const { url, drop } = await createTestDatabase();
      this.#options = { url };
      this.#drop = drop;
    } else {
      const { directory, drop } = await createEmbeddedDirectory();
      this.#options = { embedded: directory };
      this.#drop = drop;
    }
  }

  async drop(): Promise<void> {
    await this.closeApps();
    await this.#drop();
  }
}

export type DatabaseKind = 'PostgreSQL' | 'PGlite';

/**
 * Describes a suite once for each kind of database: for what reaches the door of one. What happens above it, the rules
 * of blocks and undos, needs to be seen on one only.
 */
export function onEachDatabase(suite: (database: ApiDatabase) => void): void {
  for (const kind of ['PostgreSQL', 'PGlite'] as const) onDatabase(kind, suite);
}

export function onDatabase(kind: DatabaseKind, suite: (database: ApiDatabase) => void): void {
  describe(`on ${kind}`, () => {
    const database = new ApiDatabase(kind);
    beforeAll(() => database.create());
    afterAll(() => database.drop());
    suite(database);
  });
}
