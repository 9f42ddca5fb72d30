import { signalSql } from '../queue-state.js';
import { type InTransaction, PATIENT_FOR_OTHERS } from './lock-timeout.js';
import { milliseconds } from './milliseconds.js';
import type { Query } from './query.js';
import { DELIVERY_BATCH, type Signalled, signalledColumns } from './mailbox.queries.js';

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
 *
 * @throws a lock time-out where the transaction is ours, and somebody else's holds the name and scope
 */
export async function keepBroadcast(
  query: Query,
  schema: string,
  broadcast: NewBroadcast,
  { isOurs }: InTransaction,
): Promise<boolean> {
  const rows = await query(
    `INSERT INTO ${schema}.broadcasts AS b (name, scope, payload, expires_at)
     SELECT $1::text, $2::text, $3::json, clock_timestamp() + $4::float8 * interval '1 millisecond'
     ${isOurs ? `WHERE ${PATIENT_FOR_OTHERS}` : ''}
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
 * Signals executions that wait for broadcasts which were not yet announced to all. By the index on those, and for each
 * by that on waits which were not notified (a join of its own choice may read all of these). Locks skip what others
 * hold; what was skipped comes with the next round.
 */
export function announceBroadcasts(query: Query, schema: string): Promise<Signalled[]> {
  return query<Signalled>(
    `WITH hit AS (
       SELECT untold.execution_id, untold.seq FROM ${schema}.broadcasts b CROSS JOIN LATERAL (
         SELECT p.execution_id, p.seq FROM ${schema}.pending_events p
         JOIN ${schema}.workflow_queue q ON q.id = p.execution_id
         WHERE ${ENDS_WAIT} AND p.broadcast IS NOT NULL AND NOT p.notified
         LIMIT ${DELIVERY_BATCH} FOR UPDATE OF p, q SKIP LOCKED) untold
       WHERE NOT b.announced LIMIT ${DELIVERY_BATCH}
     ), noted AS (
       UPDATE ${schema}.pending_events p SET notified = true FROM hit
       WHERE p.execution_id = hit.execution_id AND p.seq = hit.seq
     )
     UPDATE ${schema}.workflow_queue q SET ${signalSql}
     WHERE q.id = ANY(ARRAY(SELECT hit.execution_id FROM hit))
     RETURNING ${signalledColumns}`,
  );
}

/**
 * A broadcast is announced when nobody waits for it untold. A statement of its own, after the signals are committed;
 * a wait that opens later looks for itself. By the index on broadcasts that are not announced.
 *
 * Locks skip what others hold, and only the value that was looked at is closed: another that has just taken its place
 * is announced by whoever sent that.
 */
export async function closeAnnouncements(query: Query, schema: string): Promise<void> {
  await query(
    `WITH told AS MATERIALIZED (
       SELECT b.name, b.scope, b.created_at FROM ${schema}.broadcasts b
       WHERE NOT b.announced AND NOT (SELECT EXISTS (
         SELECT 1 FROM ${schema}.pending_events p
         WHERE ${ENDS_WAIT} AND p.broadcast IS NOT NULL AND NOT p.notified))
     ), locked AS (
       SELECT same.name, same.scope FROM told CROSS JOIN LATERAL (
         SELECT b.name, b.scope FROM ${schema}.broadcasts b
         WHERE b.name = told.name AND b.scope = told.scope AND b.created_at = told.created_at AND NOT b.announced
         FOR UPDATE SKIP LOCKED) same
     )
     UPDATE ${schema}.broadcasts b SET announced = true FROM locked
     WHERE b.name = locked.name AND b.scope = locked.scope`,
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
       ${milliseconds('b.created_at')} AS at
     FROM ${schema}.pending_events p JOIN ${schema}.broadcasts b ON ${ENDS_WAIT}
     WHERE p.execution_id = ANY($1::uuid[]) AND p.broadcast IS NOT NULL`,
    [ids],
  );
}

/**
 * Forgets what expired a day ago, unless somebody was told of it who has yet to come for it, or nobody was told yet. By
 * the index on expires_at, open waits by that on their names (as a value: as a condition the planner reads all of
 * them). Locks skip what others hold, and look at what they lock again: a value that has just taken the place of an
 * expired one stays.
 */
export async function forgetExpiredBroadcasts(query: Query, schema: string): Promise<void> {
  await query(
    `WITH old AS (
       SELECT b.name, b.scope FROM ${schema}.broadcasts b
       WHERE b.expires_at < now() - interval '1 day' AND b.announced AND NOT (SELECT EXISTS (
         SELECT 1 FROM ${schema}.pending_events p
         WHERE p.names @> ARRAY[b.name] AND p.broadcast = b.name AND p.scope = b.scope AND p.notified))
       LIMIT ${DELIVERY_BATCH} FOR UPDATE OF b SKIP LOCKED
     )
     DELETE FROM ${schema}.broadcasts b USING old WHERE b.name = old.name AND b.scope = old.scope`,
  );
}
