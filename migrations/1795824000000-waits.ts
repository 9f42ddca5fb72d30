import type { MigrationInterface, QueryRunner } from 'typeorm';
import { schemaOf } from './schema-of.js';

/** Mailboxes, open waits, questions to people, and broadcasts. */
export class Waits1795824000000 implements MigrationInterface {
  /** Said here because a bundler may rename the class. */
  readonly name = 'Waits1795824000000';

  async up(runner: QueryRunner): Promise<void> {
    const schema = schemaOf(runner);
    await runner.query(
      `ALTER TABLE ${schema}."workflow_queue" ADD COLUMN "listening" boolean NOT NULL DEFAULT false`,
    );

    // Mailboxes are read by their rows that nobody has taken; those that were taken stay behind as long as their
    // execution, and only keep their idempotency key.
    await runner.query(`
      CREATE TABLE ${schema}."workflow_events" (
        "id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
        "execution_id" uuid NOT NULL,
        "type" text NOT NULL,
        "name" text NOT NULL,
        "payload" json,
        "wait_seq" integer,
        "idempotency_key" text,
        "delivered" boolean NOT NULL DEFAULT true,
        "taken" boolean NOT NULL DEFAULT false,
        "created_at" timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT "PK_f269c47134b892d9938e4c21e6f" PRIMARY KEY ("id")
      ) WITH (
        fillfactor = 90,
        autovacuum_vacuum_scale_factor = 0.05,
        autovacuum_vacuum_threshold = 500,
        autovacuum_vacuum_cost_delay = 0
      )`);
    await runner.query(`
      CREATE INDEX "IDX_510988d23b04454355009b7343"
        ON ${schema}."workflow_events" ("execution_id", "id") WHERE NOT taken`);
    await runner.query(`
      CREATE UNIQUE INDEX "IDX_2d9a73c2bc6d68f300c02441e4"
        ON ${schema}."workflow_events" ("execution_id", "idempotency_key") WHERE idempotency_key IS NOT NULL`);
    await runner.query(`
      CREATE INDEX "IDX_a012ec7eb942b2a0038f2906ee"
        ON ${schema}."workflow_events" ("id") WHERE NOT delivered`);

    await runner.query(`
      CREATE TABLE ${schema}."pending_events" (
        "execution_id" uuid NOT NULL,
        "seq" integer NOT NULL,
        "workflow" text NOT NULL,
        "path" text NOT NULL,
        "kind" text NOT NULL,
        "names" text array NOT NULL,
        "broadcast" text,
        "scope" text,
        "notified" boolean NOT NULL DEFAULT false,
        "opened_at" timestamptz(3) NOT NULL,
        "due_at" timestamptz(3),
        CONSTRAINT "PK_fc2afd972e105bcca2f6e4c1f22" PRIMARY KEY ("execution_id", "seq")
      ) WITH (
        autovacuum_vacuum_scale_factor = 0.02,
        autovacuum_vacuum_threshold = 500,
        autovacuum_vacuum_cost_delay = 0
      )`);
    await runner.query(`
      CREATE INDEX "IDX_0b1c7a34d3dc0112a9edde685b"
        ON ${schema}."pending_events" ("workflow", "execution_id", "seq")`);
    await runner.query(`
      CREATE INDEX "IDX_95004344c3899702d2199ccebe"
        ON ${schema}."pending_events" ("due_at") WHERE due_at IS NOT NULL`);
    await runner.query(`
      CREATE INDEX "IDX_b1303c8e3c9e4a72ca5684935b"
        ON ${schema}."pending_events" ("broadcast", "scope") WHERE broadcast IS NOT NULL AND NOT notified`);
    // With fastupdate a wait would be looked for in a list that is read from end to end.
    await runner.query(`
      CREATE INDEX "IDX_6a0f3a4b1c7d2e5f8091a2b3c4"
        ON ${schema}."pending_events" USING gin ("names") WITH (fastupdate = off)`);

    await runner.query(`
      CREATE TABLE ${schema}."pending_inputs" (
        "execution_id" uuid NOT NULL,
        "seq" integer NOT NULL,
        "workflow" text NOT NULL,
        "path" text NOT NULL,
        "name" text NOT NULL,
        "question" json NOT NULL,
        "metadata" json,
        "assignees" text array NOT NULL DEFAULT '{}',
        "opened_at" timestamptz(3) NOT NULL,
        "due_at" timestamptz(3),
        "outcome" text,
        "settled_by" text,
        "settled_at" timestamptz(3),
        CONSTRAINT "PK_00a92f40c16588eae9151ea9fb6" PRIMARY KEY ("execution_id", "seq")
      )`);
    await runner.query(`
      CREATE INDEX "IDX_6f6095467bb6d7e582288c87a6"
        ON ${schema}."pending_inputs" ("execution_id", "seq") WHERE outcome IS NULL`);
    await runner.query(`
      CREATE INDEX "IDX_85b50ef767297964a17f71d8db"
        ON ${schema}."pending_inputs" ("workflow", "execution_id", "seq") WHERE outcome IS NULL`);
    await runner.query(`
      CREATE INDEX "IDX_c0fee2644e2a12ffd77c3298c6"
        ON ${schema}."pending_inputs" ("due_at") WHERE outcome IS NULL AND due_at IS NOT NULL`);
    await runner.query(`
      CREATE INDEX "IDX_7b1e4c5d2f8a3069b4c1d2e3f5"
        ON ${schema}."pending_inputs" USING gin ("assignees") WITH (fastupdate = off) WHERE outcome IS NULL`);

    await runner.query(`
      CREATE TABLE ${schema}."broadcasts" (
        "name" text NOT NULL,
        "scope" text NOT NULL,
        "payload" json,
        "announced" boolean NOT NULL DEFAULT false,
        "created_at" timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
        "expires_at" timestamptz(3),
        CONSTRAINT "PK_a647a2feba7a03483a4c8978bed" PRIMARY KEY ("name", "scope")
      )`);
    await runner.query(`
      CREATE INDEX "IDX_a4db052a3ad15dae7dc6cf2e1d"
        ON ${schema}."broadcasts" ("name", "scope") WHERE NOT announced`);
    await runner.query(`
      CREATE INDEX "IDX_3de2be1663370e056f7270b007"
        ON ${schema}."broadcasts" ("expires_at") WHERE expires_at IS NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    const schema = schemaOf(runner);
    await runner.query(`DROP TABLE ${schema}."broadcasts"`);
    await runner.query(`DROP TABLE ${schema}."pending_inputs"`);
    await runner.query(`DROP TABLE ${schema}."pending_events"`);
    await runner.query(`DROP TABLE ${schema}."workflow_events"`);
    await runner.query(`ALTER TABLE ${schema}."workflow_queue" DROP COLUMN "listening"`);
  }
}
