import type { Query } from './query.js';

/**
 * The small number that stands for a queue's name, made if there is none. Both find the row by its unique
 * index; who loses the race to insert finds the winner's row with the second look.
 */
export async function queueIdOf(query: Query, schema: string, name: string): Promise<number> {
  const select = `SELECT id FROM ${schema}.queues WHERE name = $1`;
  const insert = `INSERT INTO ${schema}.queues (name) VALUES ($1) ON CONFLICT DO NOTHING RETURNING id`;
  return await findOrInsert(query, select, insert, [name]);
}

/** The small number that stands for a workflow and its version, made if there is none. */
export async function kindIdOf(
  query: Query,
  schema: string,
  workflow: string,
  version: number,
): Promise<number> {
  const select = `SELECT id FROM ${schema}.workflow_kinds WHERE workflow = $1 AND version = $2`;
  const insert = `INSERT INTO ${schema}.workflow_kinds (workflow, version) VALUES ($1, $2)
    ON CONFLICT DO NOTHING RETURNING id`;
  return await findOrInsert(query, select, insert, [workflow, version]);
}

/** What a workflow says of itself where it is registered; a time-out in milliseconds. */
export interface KindDefaults {
  readonly version: number;
  readonly queue: string;
  readonly priority: number;
  readonly timeout: number | null;
}

/** A worker tells what it knows of a workflow, for processes that start it by its name. By the unique index. */
export async function describeKind(
  query: Query,
  schema: string,
  workflow: string,
  { version, queue, priority, timeout }: KindDefaults,
): Promise<void> {
  await query(
    `UPDATE ${schema}.workflow_kinds SET queue = $3, priority = $4, timeout_ms = $5
     WHERE workflow = $1 AND version = $2 AND (queue, priority, timeout_ms) IS DISTINCT FROM ($3, $4::smallint, $5::bigint)`,
    [workflow, version, queue, priority, timeout],
  );
}

/** The highest version of a workflow that any worker has ever known, with what it says of itself. */
export async function latestKindOf(
  query: Query,
  schema: string,
  workflow: string,
): Promise<KindDefaults | undefined> {
  const rows = await query<{
    version: number;
    queue: string | null;
    priority: number | null;
    timeout: number | null;
  }>(
    `SELECT version, queue, priority, timeout_ms::float8 AS timeout FROM ${schema}.workflow_kinds
     WHERE workflow = $1 ORDER BY version DESC LIMIT 1`,
    [workflow],
  );
  const row = rows[0];
  return row && { ...row, queue: row.queue ?? 'default', priority: row.priority ?? 0 };
}

async function findOrInsert(
  query: Query,
  select: string,
  insert: string,
  parameters: readonly unknown[],
): Promise<number> {
  for (;;) {
    for (const sql of [select, insert]) {
      const rows = await query<{ id: number }>(sql, parameters);
      const row = rows[0];
      if (row !== undefined) return row.id;
    }
  }
}

/** The name of a queue. By primary key. */
export async function queueNameOf(query: Query, schema: string, id: number): Promise<string | undefined> {
  const rows = await query<{ name: string }>(`SELECT name FROM ${schema}.queues WHERE id = $1`, [id]);
  return rows[0]?.name;
}
