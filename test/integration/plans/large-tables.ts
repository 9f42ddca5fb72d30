import { derivedUuid } from '../../../lib/identity/derived.js';
import type { Database } from '../../../lib/storage/database.js';

/** What the tables of `fillLargeTables` hold, for statements that are to find something in them. */
export const large = {
  workers: 20,
  queues: 8,
  kinds: 50,
  running: 400,
  ready: 9_600,
  waiting: 90_000,
  ended: 120_000,
  linesEach: 3,
} as const;

/** The id of the nth execution. The first ones are alive, the others have ended. */
export function idOf(place: number): string {
  const hex = place.toString(16).padStart(12, '0');
  return `018f0000-${hex.slice(0, 4)}-7${hex.slice(4, 7)}-8000-${hex.slice(7).padStart(12, '0')}`;
}

const ID = `(SELECT ('018f0000-' || substr(h, 1, 4) || '-7' || substr(h, 5, 3) || '-8000-' || lpad(substr(h, 8), 12, '0'))::uuid
  FROM lpad(to_hex(n), 12, '0') AS h)`;

/**
 * Fills the tables as a busy installation has them: most of the queue waits, a part is ready in several queues
 * and kinds, a little runs, a little is being undone, and behind it lies a history many times as long. Small statistics mislead nobody:
 * everything is analyzed, unless the test is about that.
 */
export async function fillLargeTables(
  database: Database,
  { analyze = true }: { readonly analyze?: boolean } = {},
): Promise<void> {
  const { workers, queues, kinds, running, ready, waiting, ended, linesEach } = large;
  const alive = running + ready + waiting;
  await database.query(
    `INSERT INTO durable.workers (name, host, pid, lease_ms, alive)
     SELECT 'worker ' || n, 'host', n, 30000, n > 15 FROM generate_series(1, ${workers}) n`,
  );
  await database.query(
    `INSERT INTO durable.queues (name) SELECT 'queue ' || n FROM generate_series(1, ${queues}) n`,
  );
  await database.query(
    `INSERT INTO durable.workflow_kinds (workflow, version)
     SELECT 'workflow ' || (n + 1) / 2, 1 + n % 2 FROM generate_series(1, ${kinds}) n`,
  );
  await database.query(
    `INSERT INTO durable.workflow_executions
       (id, key, workflow, version, queue, priority, input, outcome, parent_id, attributes, created_at, completed_at)
     SELECT ${ID}, CASE WHEN n % 4 = 0 THEN 'key ' || n END, 'workflow ' || 1 + n % ${kinds / 2}, 1,
       'queue ' || 1 + n % ${queues}, 0, '{"amount":7}',
       CASE WHEN n > ${alive} THEN CASE n % 40 WHEN 0 THEN 'failed' WHEN 1 THEN 'cancelled' ELSE 'completed' END END,
       CASE WHEN n % 20 = 0 THEN '${derivedUuid('parent')}'::uuid END,
       CASE WHEN n % 5 = 0 THEN jsonb_build_object('customer', 'c' || n % 5000) END,
       now() - n * interval '1 second', CASE WHEN n > ${alive} THEN now() END
     FROM generate_series(1, ${alive + ended}) n`,
  );
  await database.query(
    `INSERT INTO durable.workflow_queue
       (id, kind, queue, rank, state, due_at, deadline_at, expires_at, worker, epoch, lost, compensating)
     SELECT ${ID}, 1 + n % ${kinds}, 1 + n % ${queues}, 1700000000000 + n,
       CASE WHEN n <= ${running} THEN 1 WHEN n <= ${running + ready} THEN 0 ELSE 2 END,
       CASE WHEN n > ${running + ready} AND n % 10 > 0 THEN now() + (n - 11000) * interval '1 second' END,
       CASE WHEN n % 10 = 0 THEN now() + n * interval '1 minute' END,
       CASE WHEN n > ${running} AND n % 50 = 0 THEN now() + n * interval '1 minute' END,
       CASE WHEN n <= ${running} THEN 1 + n % ${workers} END,
       CASE WHEN n % 3 = 0 OR n <= ${running} THEN 1 ELSE 0 END, CASE WHEN n % 2000 = 0 THEN 2 ELSE 0 END,
       n % 300 = 0
     FROM generate_series(1, ${alive}) n`,
  );
  await database.query(
    `INSERT INTO durable.step_executions (execution_id, seq, path, kind, outcome, ended_at, output, worker)
     SELECT ${ID}, seq, 'step-' || seq, 'step', 'completed', now(), '{"done":true}', 1 + n % ${workers}
     FROM generate_series(1, ${alive + ended}, 2) n, generate_series(1, ${linesEach}) seq`,
  );
  if (analyze) await database.query('ANALYZE');
}
