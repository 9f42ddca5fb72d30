import { QueueState, rankNowSql } from '../queue-state.js';
import type { Query } from './query.js';

export interface NewWorker {
  readonly name: string;
  readonly host: string;
  readonly pid: number;
  readonly lease: number;
}

/** Registers this process. The id is its fencing token: it is never used again. */
export async function registerWorker(query: Query, schema: string, worker: NewWorker): Promise<string> {
  const rows = await query<{ id: string }>(
    `INSERT INTO ${schema}.workers (name, host, pid, lease_ms) VALUES ($1, $2, $3, $4) RETURNING id`,
    [worker.name, worker.host, worker.pid, worker.lease],
  );
  const id = rows[0]?.id;
  if (id === undefined) throw new Error('The database gave no id for the worker.');
  return String(id);
}

/**
 * A worker that says goodbye: nothing can be recorded in its name from here on. FOR UPDATE waits for transactional
 * steps that are about to commit, as a takeover does. By primary key.
 */
export async function retireWorker(query: Query, schema: string, id: string): Promise<void> {
  await query(
    `WITH locked AS (
       SELECT id FROM ${schema}.workers
       WHERE id = $1 AND set_config('lock_timeout', '5s', true) IS NOT NULL FOR UPDATE
     )
     UPDATE ${schema}.workers w SET alive = false FROM locked WHERE w.id = locked.id`,
    [id],
  );
}

/**
 * What a worker that said goodbye had not finished goes back to its queues. No loss is counted: nothing went wrong.
 * By the index on worker.
 */
export async function releaseExecutions(query: Query, schema: string, workerId: string): Promise<number[]> {
  const rows = await query<{ queueId: number }>(
    `UPDATE ${schema}.workflow_queue q
     SET state = ${QueueState.ready}, worker = NULL, due_at = NULL, rank = ${rankNowSql('q.priority')}
     WHERE q.worker = $1
     RETURNING q.queue AS "queueId"`,
    [workerId],
  );
  return [...new Set(rows.map((row) => row.queueId))];
}

export interface SilentWorker {
  readonly id: string;
  readonly name: string;
  readonly backends: number[];
}

/**
 * Workers that have been silent for longer than their lease, by the database's clock, and dead ones that still
 * own executions (their reaper died too). `workers` holds as many rows as processes were started lately; the
 * look into the queue uses its index on worker.
 */
export function silentWorkers(query: Query, schema: string): Promise<SilentWorker[]> {
  return query<SilentWorker>(
    `SELECT id::text AS id, name, backend_pids AS backends FROM ${schema}.workers w
     WHERE (alive AND seen_at < now() - lease_ms * interval '1 millisecond')
        OR (NOT alive AND EXISTS (SELECT 1 FROM ${schema}.workflow_queue q WHERE q.worker = w.id))`,
  );
}

/**
 * Ends the connections of a silent worker: time-outs do not end a batch that was sent half. Only those that
 * began before the worker was last seen and are named as ours; the number may be another process's by now.
 */
export async function endBackends(query: Query, schema: string, id: string): Promise<void> {
  await query(
    `SELECT pg_terminate_backend(a.pid) FROM ${schema}.workers w
     JOIN pg_stat_activity a ON a.pid = ANY(w.backend_pids)
     WHERE w.id = $1 AND a.backend_start <= w.seen_at AND a.application_name LIKE 'durable %'
       AND a.pid <> pg_backend_pid()`,
    [id],
  );
}

/**
 * Declares a silent worker dead. FOR UPDATE waits for a flush of it that is under way and for its transactional
 * steps (FOR KEY SHARE), so when this is committed nothing of that worker can land any more. Whoever reads a
 * history after this reads all of it. Waits two seconds at the most: another worker may be silent too.
 */
export async function buryWorker(query: Query, schema: string, id: string): Promise<boolean> {
  const rows = await query<{ dead: boolean }>(
    `WITH locked AS (
       SELECT id, alive, seen_at < now() - lease_ms * interval '1 millisecond' AS silent
       FROM ${schema}.workers WHERE id = $1 AND set_config('lock_timeout', '2s', true) IS NOT NULL FOR UPDATE
     ), buried AS (
       UPDATE ${schema}.workers w SET alive = false FROM locked
       WHERE w.id = locked.id AND locked.alive AND locked.silent
       RETURNING w.id
     )
     SELECT (NOT locked.alive OR buried.id IS NOT NULL) AS dead FROM locked LEFT JOIN buried ON true`,
    [id],
  );
  return rows[0]?.dead === true;
}

export interface FreedExecution {
  readonly id: string;
  readonly queueId: number;
  readonly lost: number;
}

/**
 * Frees what a dead worker owned. A loss counts one up; where the worker had recorded something of the
 * execution since it took it, the count begins anew, for then it is no execution that kills at once. Queue rows
 * by the index on worker, the last line of each history by primary key.
 */
export function freeExecutions(query: Query, schema: string, workerId: string): Promise<FreedExecution[]> {
  return query<FreedExecution>(
    `UPDATE ${schema}.workflow_queue q
     SET state = ${QueueState.ready}, worker = NULL, due_at = NULL, rank = ${rankNowSql('q.priority')},
       lost = 1 + CASE WHEN (
         SELECT s.worker FROM ${schema}.step_executions s
         WHERE s.execution_id = q.id AND s.outcome <> 'opened' ORDER BY s.seq DESC LIMIT 1
       ) = $1 THEN 0 ELSE q.lost END
     WHERE q.worker = $1
     RETURNING q.id, q.queue AS "queueId", q.lost`,
    [workerId],
  );
}

/** Executions that nobody owns and that were lost so often. By the index on lost. */
export function lostAtLeast(
  query: Query,
  schema: string,
  losses: number,
): Promise<{ id: string; lost: number }[]> {
  return query<{ id: string; lost: number }>(
    `SELECT id, lost FROM ${schema}.workflow_queue WHERE lost >= 2 AND lost >= $1 AND worker IS NULL`,
    [losses],
  );
}

export interface EndedWithout {
  readonly id: string;
  /** Serialized. */
  readonly error: string;
}

/** Fails executions that nobody owns. Returns the ids of those that were ended. */
export function failUnowned(
  query: Query,
  schema: string,
  executions: readonly EndedWithout[],
): Promise<string[]> {
  return endWithoutOwner(query, schema, executions, 'failed', 'q.worker IS NULL');
}

/** Ends executions that were never begun: they may have been since somebody looked. */
export function endUnbegun(
  query: Query,
  schema: string,
  executions: readonly EndedWithout[],
  outcome: 'failed' | 'cancelled',
): Promise<string[]> {
  return endWithoutOwner(query, schema, executions, outcome, 'q.epoch = 0');
}

/**
 * The queue row goes first, and only what went is written, so an end is given once. What was being undone was not
 * undone completely, whatever ends it. What it waited for is out of sight. By primary key.
 */
async function endWithoutOwner(
  query: Query,
  schema: string,
  executions: readonly EndedWithout[],
  outcome: 'failed' | 'cancelled',
  condition: string,
): Promise<string[]> {
  const rows = await query<{ id: string }>(
    `WITH gone AS (
       DELETE FROM ${schema}.workflow_queue q USING unnest($1::uuid[], $2::text[]) AS d(id, error)
       WHERE q.id = d.id AND ${condition}
       RETURNING q.id, q.started_at, q.compensating, d.error
     ), events AS (
       DELETE FROM ${schema}.pending_events p USING gone WHERE p.execution_id = gone.id
     ), inputs AS (
       UPDATE ${schema}.pending_inputs p SET outcome = 'withdrawn', settled_at = now()
       FROM gone WHERE p.execution_id = gone.id AND p.outcome IS NULL
     )
     UPDATE ${schema}.workflow_executions e
     SET outcome = CASE WHEN gone.compensating THEN 'compensation_failed' ELSE $3 END, error = gone.error::json, started_at = gone.started_at, completed_at = now()
     FROM gone WHERE e.id = gone.id
     RETURNING e.id`,
    [executions.map(({ id }) => id), executions.map(({ error }) => error), outcome],
  );
  return rows.map((row) => row.id);
}

/** Every other worker is dead: the embedded database has one process, and this is it. */
export async function buryAllWorkers(query: Query, schema: string): Promise<void> {
  await query(`UPDATE ${schema}.workers SET alive = false WHERE alive`);
}

/** How many other processes are there to be told things. */
export async function countPeers(query: Query, schema: string, self: string): Promise<number> {
  const rows = await query<{ count: string }>(
    `SELECT count(*) FROM ${schema}.workers
     WHERE alive AND id <> $1 AND seen_at > now() - lease_ms * interval '1 millisecond'`,
    [self],
  );
  return Number(rows[0]?.count ?? 0);
}

/** Forgets workers that died long ago. */
export async function forgetDeadWorkers(query: Query, schema: string): Promise<void> {
  await query(
    `DELETE FROM ${schema}.workers w WHERE NOT alive AND seen_at < now() - interval '1 day'
       AND NOT EXISTS (SELECT 1 FROM ${schema}.workflow_queue q WHERE q.worker = w.id)`,
  );
}
