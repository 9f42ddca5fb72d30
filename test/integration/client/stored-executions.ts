import { firstIdAt } from '../../../lib/identity/uuid7.js';
import type { Query } from '../../../lib/storage/queries/query.js';

/** When the first of the rows was created; each further one a millisecond later. */
export const BEGIN = Date.UTC(2026, 0, 1);

/** The id of the execution that was created so many milliseconds after the first. */
export const idAt = (offset: number): string => firstIdAt(BEGIN + offset);

export interface StoredRow {
  readonly at: number;
  readonly workflow?: string;
  readonly queue?: string;
  /** Absent: it lives. */
  readonly outcome?: string;
  readonly state?: number;
  readonly epoch?: number;
  readonly compensating?: boolean;
  readonly parent?: number;
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** The paths of its history. */
  readonly steps?: readonly string[];
}

/** Writes executions as the engine leaves them, without running any. */
export async function store(query: Query, rows: readonly StoredRow[]): Promise<void> {
  for (const row of rows) {
    const { at, workflow = 'order', queue = 'default', outcome, parent, attributes, steps = [] } = row;
    const { state = 2, epoch = 1, compensating = false } = row;
    const id = idAt(at);
    await query(
      `INSERT INTO durable.workflow_executions (id, workflow, version, queue, outcome, parent_id, attributes, created_at)
       VALUES ($1, $2, 1, $3, $4, $5, $6, $7)`,
      [
        id,
        workflow,
        queue,
        outcome ?? null,
        parent === undefined ? null : idAt(parent),
        attributes ?? null,
        new Date(BEGIN + at),
      ],
    );
    await query(
      `INSERT INTO durable.workflow_kinds (workflow, version) VALUES ($1, 1) ON CONFLICT DO NOTHING`,
      [workflow],
    );
    await query(`INSERT INTO durable.queues (name) VALUES ($1) ON CONFLICT DO NOTHING`, [queue]);
    if (outcome === undefined) {
      await query(
        `INSERT INTO durable.workflow_queue (id, kind, queue, rank, state, epoch, worker, compensating)
         SELECT $1, k.id, u.id, 0, $4::int, $5, CASE WHEN $4::int = 1 THEN 7 END, $6
         FROM durable.workflow_kinds k, durable.queues u WHERE k.workflow = $2 AND u.name = $3`,
        [id, workflow, queue, state, epoch, compensating],
      );
    }
    for (const [index, path] of steps.entries()) {
      await query(
        `INSERT INTO durable.step_executions (execution_id, seq, path, kind, outcome, ended_at, worker)
         VALUES ($1, $2, $3, 'step', 'completed', now(), 7)`,
        [id, index + 1, path],
      );
    }
  }
}

/** An execution that lived ends, as the engine ends it. */
export async function end(query: Query, at: number, outcome: string): Promise<void> {
  await query(
    `WITH gone AS (DELETE FROM durable.workflow_queue WHERE id = $1 RETURNING id)
     UPDATE durable.workflow_executions e SET outcome = $2, completed_at = now() FROM gone WHERE e.id = gone.id`,
    [idAt(at), outcome],
  );
}

/**
 * Many executions at once: of every 5 three are orders and two mails. A hundredth of the mails and the 5 oldest
 * orders failed, nobody ever cancelled an order, and one in 200 lives.
 */
export async function storeMany(query: Query, count: number): Promise<void> {
  // `idAt()` in SQL.
  await query(
    `CREATE FUNCTION durable.test_id_at(i int) RETURNS uuid LANGUAGE sql IMMUTABLE AS
     $$ SELECT (lpad(to_hex(${BEGIN} + i::bigint), 12, '0') || '70008000000000000000')::uuid $$`,
  );
  await query(`INSERT INTO durable.workflow_kinds (workflow, version) VALUES ('order', 1), ('mail', 1)`);
  await query(`INSERT INTO durable.queues (name) VALUES ('default')`);
  await query(
    `INSERT INTO durable.workflow_executions
       (id, workflow, version, queue, outcome, parent_id, attributes, created_at, completed_at)
     SELECT durable.test_id_at(i), CASE WHEN i % 5 < 3 THEN 'order' ELSE 'mail' END, 1, 'default',
       CASE WHEN i % 200 = 199 THEN NULL WHEN i < 5 OR i % 500 = 3 THEN 'failed'
         WHEN i % 5 = 4 THEN 'cancelled' ELSE 'completed' END,
       CASE WHEN i % 10 = 9 THEN durable.test_id_at(i - i % 100) END,
       jsonb_build_object('customer', 'c' || i % 5000, 'region', 'r' || i % 4, 'old', i < 2000),
       to_timestamp($2::float8 / 1000) + i * interval '1 ms', now()
     FROM generate_series(0, $1 - 1) i`,
    [count, BEGIN],
  );
  await query(
    `INSERT INTO durable.workflow_queue (id, kind, queue, rank, state, epoch, worker)
     SELECT e.id, k.id, 1, 0, n % 3, CASE WHEN n % 3 = 0 THEN 0 ELSE 1 END, CASE WHEN n % 3 = 1 THEN 7 END
     FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM durable.workflow_executions WHERE outcome IS NULL) e
     JOIN durable.workflow_kinds k ON k.workflow = e.workflow`,
  );
  await query(
    `INSERT INTO durable.step_executions (execution_id, seq, path, kind, outcome, ended_at, worker)
     SELECT id, 1, CASE WHEN workflow = 'order' THEN 'charge' ELSE 'send' END, 'step', 'completed', now(), 7
     FROM durable.workflow_executions`,
  );
  await query('VACUUM ANALYZE durable.workflow_executions');
  await query('VACUUM ANALYZE durable.workflow_queue');
  await query('VACUUM ANALYZE durable.step_executions');
}
