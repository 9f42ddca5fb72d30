import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from '../../../lib/storage/database.js';
import { WorkerEntity } from '../../../lib/storage/entities/worker.entity.js';
import { Migrator } from '../../../lib/storage/migrator.js';
import { openDatabase } from '../../../lib/storage/open-database.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

/** What the entities still ask of the tables that the migrations have made. */
async function drift(database: Database): Promise<string[]> {
  const { upQueries } = await database.dataSource.driver.createSchemaBuilder().log();
  return upQueries.map(({ query }) => query);
}

describe.each(['durable', 'Other schema'])('The tables in the schema "%s"', (schema) => {
  let test: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    test = await createTestDatabase({ schema });
    database = await openDatabase({ url: test.url }, { schema });
  });

  afterAll(async () => {
    await database.close();
    await test.drop();
  });

  it('are those that the entities describe', async () => {
    expect(await drift(database)).toEqual([]);
  });

  it('have the indexes that the hot statements count on', async () => {
    const rows = await database.query<{ definition: string }>(
      `SELECT tablename || ': ' || regexp_replace(indexdef, '^.* USING ', '') AS definition
       FROM pg_indexes WHERE schemaname = $1 AND tablename <> 'migrations' ORDER BY 1`,
      [schema],
    );
    expect(rows.map(({ definition }) => definition)).toEqual([
      'broadcasts: btree (expires_at) WHERE (expires_at IS NOT NULL)',
      'broadcasts: btree (name, scope)',
      'broadcasts: btree (name, scope) WHERE (NOT announced)',
      'pending_events: btree (broadcast, scope) WHERE ((broadcast IS NOT NULL) AND (NOT notified))',
      'pending_events: btree (due_at) WHERE (due_at IS NOT NULL)',
      'pending_events: btree (execution_id, seq)',
      'pending_events: btree (workflow, execution_id, seq)',
      'pending_events: gin (names) WITH (fastupdate=off)',
      'pending_inputs: btree (due_at) WHERE ((outcome IS NULL) AND (due_at IS NOT NULL))',
      'pending_inputs: btree (execution_id, seq)',
      'pending_inputs: btree (execution_id, seq) WHERE (outcome IS NULL)',
      'pending_inputs: btree (workflow, execution_id, seq) WHERE (outcome IS NULL)',
      'pending_inputs: gin (assignees) WITH (fastupdate=off) WHERE (outcome IS NULL)',
      'queues: btree (id)',
      'queues: btree (name)',
      'step_executions: btree (execution_id, seq)',
      'workers: btree (id)',
      'workflow_events: btree (execution_id, id) WHERE (NOT taken)',
      'workflow_events: btree (execution_id, idempotency_key) WHERE (idempotency_key IS NOT NULL)',
      'workflow_events: btree (id)',
      'workflow_events: btree (id) WHERE (NOT delivered)',
      'workflow_executions: btree (id)',
      'workflow_executions: btree (outcome, id) WHERE (outcome IS NOT NULL)',
      'workflow_executions: btree (parent_id, id) WHERE (parent_id IS NOT NULL)',
      'workflow_executions: btree (workflow, id)',
      'workflow_executions: btree (workflow, key) WHERE (key IS NOT NULL)',
      "workflow_executions: btree (workflow, outcome, id) WHERE (outcome <> 'completed'::text)",
      'workflow_executions: gin (attributes jsonb_path_ops) WHERE (attributes IS NOT NULL)',
      'workflow_kinds: btree (id)',
      'workflow_kinds: btree (workflow, version)',
      'workflow_queue: btree (deadline_at) WHERE (deadline_at IS NOT NULL)',
      'workflow_queue: btree (due_at) WHERE ((state = 2) AND (due_at IS NOT NULL))',
      'workflow_queue: btree (expires_at) WHERE (expires_at IS NOT NULL)',
      'workflow_queue: btree (id)',
      'workflow_queue: btree (id) WHERE compensating',
      'workflow_queue: btree (lost) WHERE (lost >= 2)',
      'workflow_queue: btree (queue, kind, rank) WHERE (state = 0)',
      'workflow_queue: btree (worker) WHERE (worker IS NOT NULL)',
    ]);
  });

  it('leave room on the pages of rows that are updated all the time', async () => {
    const rows = await database.query<{ name: string; options: string[] }>(
      `SELECT c.relname AS name, c.reloptions AS options FROM pg_class c
       WHERE c.relnamespace = quote_ident($1)::regnamespace AND c.reloptions IS NOT NULL AND c.relkind = 'r'
       ORDER BY 1`,
      [schema],
    );
    expect(rows).toEqual([
      {
        name: 'pending_events',
        options: [
          'autovacuum_vacuum_scale_factor=0.02',
          'autovacuum_vacuum_threshold=500',
          'autovacuum_vacuum_cost_delay=0',
        ],
      },
      { name: 'workers', options: ['fillfactor=50'] },
      {
        name: 'workflow_events',
        options: [
          'fillfactor=90',
          'autovacuum_vacuum_scale_factor=0.05',
          'autovacuum_vacuum_threshold=500',
          'autovacuum_vacuum_cost_delay=0',
        ],
      },
      {
        name: 'workflow_queue',
        options: [
          'fillfactor=70',
          'autovacuum_vacuum_scale_factor=0.02',
          'autovacuum_vacuum_threshold=500',
          'autovacuum_vacuum_insert_scale_factor=0.05',
          'autovacuum_vacuum_cost_delay=0',
        ],
      },
    ]);
  });

  it('have no foreign keys, triggers or enums', async () => {
    const [found] = await database.query<{ keys: string; triggers: string; enums: string }>(
      `SELECT (SELECT count(*) FROM pg_constraint WHERE contype = 'f') AS keys,
              (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal) AS triggers,
              (SELECT count(*) FROM pg_enum) AS enums`,
    );
    expect(found).toEqual({ keys: '0', triggers: '0', enums: '0' });
  });

  it('can be read and written through the entities', async () => {
    const workers = database.dataSource.getRepository(WorkerEntity);
    const { id } = await workers.save({ name: 'worker', host: 'here', pid: 7, leaseMs: 30_000 });
    expect(await workers.findOneByOrFail({ id })).toMatchObject({
      id: expect.stringMatching(/^\d+$/),
      alive: true,
      flushNo: '0',
      backendPids: [],
      startedAt: expect.any(Date),
    });
  });

  it('are seen to differ when they do', async () => {
    await database.query(`ALTER TABLE "${schema}"."workflow_queue" ALTER COLUMN lost DROP DEFAULT`);
    expect(await drift(database)).toHaveLength(1);
  });
});

describe('The tables of an embedded database', () => {
  it('are those that the entities describe', async () => {
    const database = await openDatabase({ embedded: ':memory:' });
    await new Migrator(database).run();
    expect(await drift(database)).toEqual([]);
    await database.close();
  });
});
