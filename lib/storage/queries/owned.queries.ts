import { QueueState } from '../queue-state.js';
import type { Query } from './query.js';

export interface OwnedExecution {
  readonly id: string;
  readonly epoch: number;
  /** How often others have signalled it. */
  readonly signals: number;
}

/** What the database says this worker runs. By the index on worker; at most as many rows as it has slots. */
export function ownedBy(query: Query, schema: string, workerId: string): Promise<OwnedExecution[]> {
  return query<OwnedExecution>(
    `SELECT id, epoch, signals FROM ${schema}.workflow_queue
     WHERE worker = $1 AND state = ${QueueState.running}`,
    [workerId],
  );
}

/** Queues in which an execution waits that was lost again and again. By the index on lost. */
export async function queuesWithSuspects(
  query: Query,
  schema: string,
  losses: number,
  kinds: readonly number[],
): Promise<number[]> {
  const rows = await query<{ queue: number }>(
    `SELECT DISTINCT queue FROM ${schema}.workflow_queue
     WHERE lost >= 2 AND lost >= $1 AND state = ${QueueState.ready} AND kind = ANY($2::int[])`,
    [losses, kinds],
  );
  return rows.map((row) => row.queue);
}

/**
 * Executions of workflows that this worker does not know, ready for ten seconds or more, counted by workflow. The kinds that
 * this worker knows are left out before the count, so a healthy backlog is not read.
 */
export function unknownWorkflows(
  query: Query,
  schema: string,
  knownKinds: readonly number[],
): Promise<{ workflow: string; version: number; count: number }[]> {
  return query<{ workflow: string; version: number; count: number }>(
    `SELECT k.workflow, k.version, w.count::int AS count
     FROM ${schema}.workflow_kinds k
     CROSS JOIN LATERAL (
       SELECT count(*) FROM (
         SELECT 1 FROM ${schema}.workflow_queue q, ${schema}.queues u
         WHERE q.state = ${QueueState.ready} AND q.queue = u.id AND q.kind = k.id
           AND q.rank < (extract(epoch FROM now() - interval '10 seconds') * 1000)::bigint
         LIMIT 1000
       ) AS limited
     ) w
     WHERE k.id <> ALL($1::int[]) AND w.count > 0`,
    [knownKinds],
  );
}
