import type { MigrationInterface, QueryRunner } from 'typeorm';
import { schemaOf } from './schema-of.js';

/**
 * The first tables. No foreign keys, triggers or enums: the hot ones are written thousands of times a second.
 *
 * Names of constraints and indexes are those that TypeORM derives from the entities; a test compares the two.
 */
export class FirstTables1795132800000 implements MigrationInterface {
  /** Said here because a bundler may rename the class. */
  readonly name = 'FirstTables1795132800000';

  async up(runner: QueryRunner): Promise<void> {
    const schema = schemaOf(runner);

    // A worker's row is updated by each of its flushes: half of the page stays free for the next version of it.
    await runner.query(`
      CREATE TABLE ${schema}."workers" (
        "id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
        "name" text NOT NULL,
        "host" text NOT NULL,
        "pid" integer NOT NULL,
        "backend_pids" integer[] NOT NULL DEFAULT '{}',
        "alive" boolean NOT NULL DEFAULT true,
        "flush_no" bigint NOT NULL DEFAULT 0,
        "lease_ms" integer NOT NULL,
        "started_at" timestamptz(3) NOT NULL DEFAULT now(),
        "seen_at" timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT "PK_e950c9aba3bd84a4f193058d838" PRIMARY KEY ("id")
      ) WITH (fillfactor = 50)`);

    await runner.query(`
      CREATE TABLE ${schema}."workflow_kinds" (
        "id" integer GENERATED ALWAYS AS IDENTITY NOT NULL,
        "workflow" text NOT NULL,
        "version" integer NOT NULL,
        "queue" text,
        "priority" smallint,
        "timeout_ms" bigint,
        CONSTRAINT "UQ_ec19c0ba2564646c076974c343c" UNIQUE ("workflow", "version"),
        CONSTRAINT "PK_62ffa2ea5579d5de50644306cf4" PRIMARY KEY ("id")
      )`);

    await runner.query(`
      CREATE TABLE ${schema}."queues" (
        "id" integer GENERATED ALWAYS AS IDENTITY NOT NULL,
        "name" text NOT NULL,
        CONSTRAINT "UQ_a290d70c28ba7f1c5d2600da849" UNIQUE ("name"),
        CONSTRAINT "PK_d966f9eb39a9396658387071bb3" PRIMARY KEY ("id")
      )`);

    await runner.query(`
      CREATE TABLE ${schema}."workflow_executions" (
        "id" uuid NOT NULL,
        "key" text,
        "workflow" text NOT NULL,
        "version" integer NOT NULL,
        "queue" text NOT NULL,
        "priority" smallint NOT NULL DEFAULT 0,
        "input" json,
        "output" json,
        "error" json,
        "outcome" text,
        "cancel_reason" text,
        "parent_id" uuid,
        "root_id" uuid,
        "origin_id" uuid,
        "retried_as" uuid,
        "retry_no" smallint NOT NULL DEFAULT 0,
        "timeout_ms" bigint,
        "attributes" jsonb,
        "progress" json,
        "created_at" timestamptz(3) NOT NULL DEFAULT now(),
        "started_at" timestamptz(3),
        "completed_at" timestamptz(3),
        CONSTRAINT "PK_9d49b5c86c267d902145ed42c9d" PRIMARY KEY ("id")
      )`);
    await runner.query(`
      CREATE UNIQUE INDEX "IDX_93bec2f86e3c44f554565213e4"
        ON ${schema}."workflow_executions" ("workflow", "key") WHERE key IS NOT NULL`);
    await runner.query(`
      CREATE INDEX "IDX_bf51f9f565c44546a8605c2c50"
        ON ${schema}."workflow_executions" ("workflow", "id")`);
    await runner.query(`
      CREATE INDEX "IDX_fbb4b28ba349b513859af59cad"
        ON ${schema}."workflow_executions" ("outcome", "id") WHERE outcome IS NOT NULL`);
    // What went wrong in one workflow is asked for often, and is rare among what went well.
    await runner.query(`
      CREATE INDEX "IDX_51042cc4f8d9916c11c3295004"
        ON ${schema}."workflow_executions" ("workflow", "outcome", "id") WHERE outcome <> 'completed'`);
    await runner.query(`
      CREATE INDEX "IDX_3465574d431f443dbe2dec600a"
        ON ${schema}."workflow_executions" ("parent_id", "id") WHERE parent_id IS NOT NULL`);
    await runner.query(`
      CREATE INDEX "IDX_b7d04879f677246b6fbf5c2a9b"
        ON ${schema}."workflow_executions" USING gin ("attributes" jsonb_path_ops) WHERE attributes IS NOT NULL`);

    // Rows come and go all day: vacuum has to follow closely and at full speed, or claims wade through dead ones.
    await runner.query(`
      CREATE TABLE ${schema}."workflow_queue" (
        "id" uuid NOT NULL,
        "kind" integer NOT NULL,
        "queue" integer NOT NULL,
        "rank" bigint NOT NULL,
        "state" smallint NOT NULL,
        "cancel" smallint NOT NULL DEFAULT 0,
        "priority" smallint NOT NULL DEFAULT 0,
        "due_at" timestamptz(3),
        "deadline_at" timestamptz(3),
        "expires_at" timestamptz(3),
        "worker" bigint,
        "epoch" integer NOT NULL DEFAULT 0,
        "signals" integer NOT NULL DEFAULT 0,
        "lost" smallint NOT NULL DEFAULT 0,
        "started_at" timestamptz(3),
        CONSTRAINT "PK_6b2cfc6622f8bed8810354336d4" PRIMARY KEY ("id")
      ) WITH (
        fillfactor = 70,
        autovacuum_vacuum_scale_factor = 0.02,
        autovacuum_vacuum_threshold = 500,
        autovacuum_vacuum_insert_scale_factor = 0.05,
        autovacuum_vacuum_cost_delay = 0
      )`);
    await runner.query(`
      CREATE INDEX "IDX_0aa823d986cfc14a7fd8c5af3a"
        ON ${schema}."workflow_queue" ("queue", "kind", "rank") WHERE state = 0`);
    await runner.query(`
      CREATE INDEX "IDX_744ee3756d227dbafddec6b4fa"
        ON ${schema}."workflow_queue" ("due_at") WHERE state = 2 AND due_at IS NOT NULL`);
    await runner.query(`
      CREATE INDEX "IDX_e2d31b76d57d48ca3ed43a2208"
        ON ${schema}."workflow_queue" ("worker") WHERE worker IS NOT NULL`);
    await runner.query(`
      CREATE INDEX "IDX_838dbcb955e27043de6fba24c9"
        ON ${schema}."workflow_queue" ("deadline_at") WHERE deadline_at IS NOT NULL`);
    await runner.query(`
      CREATE INDEX "IDX_f1a8410a801d07874bcd54684d"
        ON ${schema}."workflow_queue" ("expires_at") WHERE expires_at IS NOT NULL`);
    await runner.query(`
      CREATE INDEX "IDX_8b64955c4882091981c4417089"
        ON ${schema}."workflow_queue" ("lost") WHERE lost >= 2`);

    await runner.query(`
      CREATE TABLE ${schema}."step_executions" (
        "execution_id" uuid NOT NULL,
        "seq" integer NOT NULL,
        "path" text NOT NULL,
        "kind" text NOT NULL,
        "attempt" smallint NOT NULL DEFAULT 1,
        "outcome" text NOT NULL,
        "started_at" timestamptz(3),
        "ended_at" timestamptz(3) NOT NULL,
        "due_at" timestamptz(3),
        "output" json,
        "error" json,
        "worker" bigint NOT NULL,
        "hash" integer,
        CONSTRAINT "PK_8ec81e91523748dfc993effc25e" PRIMARY KEY ("execution_id", "seq")
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    const schema = schemaOf(runner);
    await runner.query(`DROP TABLE ${schema}."step_executions"`);
    await runner.query(`DROP TABLE ${schema}."workflow_queue"`);
    await runner.query(`DROP TABLE ${schema}."workflow_executions"`);
    await runner.query(`DROP TABLE ${schema}."queues"`);
    await runner.query(`DROP TABLE ${schema}."workflow_kinds"`);
    await runner.query(`DROP TABLE ${schema}."workers"`);
  }
}
