import { QueueState, signalSql } from '../queue-state.js';
import type { Query } from './query.js';
import { DELIVERY_BATCH, type Signalled } from './mailbox.queries.js';

export interface NewBroadcast {
  readonly name: string;
  /** The empty text where it has none. */
  readonly scope: string;
  /** Serialized. */
  readonly payload: string | null;
  /** For how long it holds, in milliseconds. */
  readonly expiresIn: number | null;
}

/**
 * Keeps a broadcast, unless there is one of this name and scope that has not expired: false then, because the first
 * value holds. By primary key, which makes two senders of the same wait for each other.
 */
export async function keepBroadcast(query: Query, schema: string, broadcast: NewBroadcast): Promise<boolean> {
  const rows = await query(
    `INSERT INTO ${schema}.broadcasts AS b (name, scope, payload, expires_at)
     VALUES ($1, $2, $3::json, clock_timestamp() + $4::float8 * interval '1 millisecond')
     ON CONFLICT (name, scope) DO UPDATE
       SET payload = EXCLUDED.payload, created_at = EXCLUDED.created_at, expires_at = EXCLUDED.expires_at,
         announced = false
       WHERE b.expires_at <= clock_timestamp()
     RETURNING 1`,
    [broadcast.name, broadcast.scope, broadcast.payload, broadcast.expiresIn],
  );
  return rows.length > 0;
}

/** A broadcast `b` ends an open wait `p` for it: it held when the wait began, or has come since. */
const ENDS_WAIT = `b.name = p.broadcast AND b.scope = p.scope
  AND (b.expires_at IS NULL OR b.expires_at > p.opened_at)`;

/**
 * Signals executions that wait for broadcasts which were not yet announced to all. By the index on those, and by that
 * on waits which were not notified. Locks skip what others hold; what was skipped comes with the next round.
 */
export function announceBroadcasts(query: Query, schema: string): Promise<Signalled[]> {
  return query<Signalled>(
    `WITH hit AS (
       SELECT p.execution_id, p.seq FROM ${schema}.broadcasts b
       JOIN ${schema}.pending_events p ON ${ENDS_WAIT}
       JOIN ${schema}.workflow_queue q ON q.id = p.execution_id
       WHERE NOT b.announced AND p.broadcast IS NOT NULL AND NOT p.notified
       LIMIT ${DELIVERY_BATCH} FOR UPDATE OF p, q SKIP LOCKED
     ), noted AS (
       UPDATE ${schema}.pending_events p SET notified = true FROM hit
       WHERE p.execution_id = hit.execution_id AND p.seq = hit.seq
     )
     UPDATE ${schema}.workflow_queue q SET ${signalSql}
     WHERE q.id = ANY(ARRAY(SELECT hit.execution_id FROM hit))
     RETURNING q.id, q.queue AS "queueId", q.state = ${QueueState.ready} AS "isReady",
       q.state = ${QueueState.running} AS "isRunning"`,
  );
}

/**
 * A broadcast is announced when nobody waits for it untold. A statement of its own, after the signals are committed;
 * a wait that opens later looks for itself. By the index on broadcasts that are not announced.
 */
export async function closeAnnouncements(query: Query, schema: string): Promise<void> {
  await query(
    `UPDATE ${schema}.broadcasts b SET announced = true
     WHERE NOT b.announced AND NOT EXISTS (
       SELECT 1 FROM ${schema}.pending_events p
       WHERE ${ENDS_WAIT} AND p.broadcast IS NOT NULL AND NOT p.notified)`,
  );
}

/** A broadcast that ends an open wait; the value still serialized. */
export interface HeardBroadcast {
  readonly executionId: string;
  readonly seq: number;
  readonly payload: string | null;
  readonly at: number;
}

/** What the broadcasts have for the open waits of some executions. Both tables by primary key. */
export function broadcastsFor(
  query: Query,
  schema: string,
  ids: readonly string[],
): Promise<HeardBroadcast[]> {
  return query<HeardBroadcast>(
    `SELECT p.execution_id AS "executionId", p.seq, b.payload::text AS payload,
       (extract(epoch FROM b.created_at) * 1000)::float8 AS at
     FROM ${schema}.pending_events p JOIN ${schema}.broadcasts b ON ${ENDS_WAIT}
     WHERE p.execution_id = ANY($1::uuid[]) AND p.broadcast IS NOT NULL`,
    [ids],
  );
}

/** Forgets what expired a day ago: whoever waited for it has been answered. By the index on expires_at. */
export async function forgetExpiredBroadcasts(query: Query, schema: string): Promise<void> {
  await query(
    `DELETE FROM ${schema}.broadcasts b WHERE (b.name, b.scope) IN (
       SELECT name, scope FROM ${schema}.broadcasts
       WHERE expires_at < now() - interval '1 day' LIMIT ${DELIVERY_BATCH})`,
  );
}
