import type { MigrationInterface, QueryRunner } from 'typeorm';
import { schemaOf } from './schema-of.js';

/** What is being undone, and what became of it. Both columns are added without rewriting their tables. */
export class Compensation1795737600000 implements MigrationInterface {
  /** Said here because a bundler may rename the class. */
  readonly name = 'Compensation1795737600000';

  async up(runner: QueryRunner): Promise<void> {
    const schema = schemaOf(runner);
    await runner.query(
      `ALTER TABLE ${schema}."workflow_queue" ADD COLUMN "compensating" boolean NOT NULL DEFAULT false`,
    );
    // Few are being undone at a time, and people look for exactly those.
    await runner.query(`
      CREATE INDEX "IDX_8d0cec666d8ae0bf0951c33abe"
        ON ${schema}."workflow_queue" ("id") WHERE compensating`);
    await runner.query(`
      ALTER TABLE ${schema}."workflow_executions"
        ADD COLUMN "compensation_results" json,
        ADD COLUMN "compensated_at" timestamptz(3)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    const schema = schemaOf(runner);
    await runner.query(`
      ALTER TABLE ${schema}."workflow_executions"
        DROP COLUMN "compensated_at",
        DROP COLUMN "compensation_results"`);
    await runner.query(`ALTER TABLE ${schema}."workflow_queue" DROP COLUMN "compensating"`);
  }
}
