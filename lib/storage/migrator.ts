import { MigrationExecutor, type QueryRunner } from 'typeorm';
import { MigrationsPending } from '../errors/database.error.js';
import type { Database } from './database.js';
import { quoted } from './schema-name.js';

/**
 * Brings the engine's tables to the version of this package.
 *
 * TypeORM does not keep two processes from migrating at once. Everything here happens in one transaction that
 * holds an advisory lock from its first statement: whoever comes second waits, and then finds nothing to do.
 */
export class Migrator {
  constructor(private readonly database: Pick<Database, 'dataSource' | 'schema'>) {}

  /** The names of the migrations that have not been run, oldest first. */
  async pending(): Promise<string[]> {
    const migrations = await new MigrationExecutor(this.database.dataSource).getPendingMigrations();
    return migrations.map(({ name }) => name);
  }

  /** Runs what is pending, and says what that was. Needs no rights to create anything when nothing is. */
  async run(): Promise<string[]> {
    if ((await this.pending()).length === 0) return [];
    const runner = this.database.dataSource.createQueryRunner();
    try {
      // In any other isolation the second process would go on seeing the database as it was before it waited.
      await runner.startTransaction('READ COMMITTED');
      await this.#lock(runner);
      await this.#createSchema(runner);
      const migrations = await new MigrationExecutor(
        this.database.dataSource,
        runner,
      ).executePendingMigrations();
      await runner.commitTransaction();
      return migrations.map(({ name }) => name);
    } catch (error) {
      if (runner.isTransactionActive) await runner.rollbackTransaction();
      throw error;
    } finally {
      await runner.release();
    }
  }

  /** @throws MigrationsPending */
  async requireCurrent(): Promise<void> {
    const pending = await this.pending();
    if (pending.length > 0) throw new MigrationsPending(this.database.schema, pending);
  }

  /** How many migrations have been run: the boot line's `schema v1`. */
  async version(): Promise<number> {
    const migrations = await new MigrationExecutor(this.database.dataSource).getExecutedMigrations();
    return migrations.length;
  }

  /** For the transaction, not for the session: on the embedded database all clients are one session. */
  async #lock(runner: QueryRunner): Promise<void> {
    await runner.query(`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, [
      `nest-durable migrations of ${this.database.schema}`,
    ]);
  }

  /** Looks first: CREATE SCHEMA IF NOT EXISTS needs the right to create one even where it exists. */
  async #createSchema(runner: QueryRunner): Promise<void> {
    const { schema } = this.database;
    const found = (await runner.query(`SELECT 1 FROM pg_namespace WHERE nspname = $1`, [
      schema,
    ])) as unknown[];
    if (found.length === 0) await runner.query(`CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}`);
  }
}
