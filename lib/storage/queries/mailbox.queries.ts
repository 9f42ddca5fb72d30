import type { LetterType } from '../entities/workflow-event.entity.js';
import { CancelRequest, QueueState, signalSql } from '../queue-state.js';
import { type InTransaction, PATIENT_FOR_OTHERS } from './lock-timeout.js';
import { milliseconds } from './milliseconds.js';
import type { Query } from './query.js';

/** An execution that was signalled: the queue that it lies in, and whether somebody has it, or it lies ready. */
export interface Signalled {
  readonly id: string;
  readonly queueId: number;
  readonly isReady: boolean;
  readonly isRunning: boolean;
}

export interface NewLetter {
  readonly executionId: string;
  readonly type: LetterType;
  readonly name: string;
  /** Serialized. */
  readonly payload: string | null;
  readonly waitSeq: number | null;
}

/** Of a queue row `q` that was signalled. */
export const signalledColumns = `q.id, q.queue AS "queueId", q.state = ${QueueState.ready} AS "isReady",
  q.state = ${QueueState.running} AS "isRunning"`;

/** How many are delivered at a time. */
export const DELIVERY_BATCH = 1_000;

/**
 * Puts a letter into the mailbox of a living execution, and signals it; undefined where it does not live.
 *
 * The queue row goes first, and the letter comes from its RETURNING: that one row orders the letters of an execution
 * against each other and against its suspension, so none is lost and none comes twice. By primary key.
 */
export async function sendLetter(
  query: Query,
  schema: string,
  letter: NewLetter,
): Promise<Signalled | undefined> {
  const rows = await query<Signalled>(
    `WITH q AS (
       UPDATE ${schema}.workflow_queue q SET ${signalSql} WHERE q.id = $1 RETURNING q.id, q.queue, q.state
     ), sent AS (
       INSERT INTO ${schema}.workflow_events (execution_id, type, name, payload, wait_seq)
       SELECT q.id, $2, $3, $4::json, $5::int FROM q
     )
     SELECT ${signalledColumns} FROM q`,
    [letter.executionId, letter.type, letter.name, letter.payload, letter.waitSeq],
  );
  return rows[0];
}

export interface NewEvent {
  readonly executionId: string;
  readonly name: string;
  /** Serialized. */
  readonly payload: string | null;
  readonly idempotencyKey: string | null;
}

/**
 * Writes an event without telling its receiver: in somebody's transaction, or with a key of the sender's, which may
 * have to wait for somebody's transaction. Neither may happen with the receiver's queue row in hand. Returns its id;
 * undefined where the key is there already (unique index on execution and key).
 *
 * @throws a lock time-out where the transaction is ours, and somebody else's holds the key
 */
export async function writeEvent(
  query: Query,
  schema: string,
  event: NewEvent,
  { isOurs }: InTransaction,
): Promise<string | undefined> {
  const rows = await query<{ id: string }>(
    `INSERT INTO ${schema}.workflow_events (execution_id, type, name, payload, idempotency_key, delivered)
     SELECT $1::uuid, 'event', $2::text, $3::json, $4::text, false ${isOurs ? `WHERE ${PATIENT_FOR_OTHERS}` : ''}
     ON CONFLICT (execution_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
     RETURNING id`,
    [event.executionId, event.name, event.payload, event.idempotencyKey],
  );
  return rows[0]?.id;
}

/** Whether an event with this key of the sender's was written for the execution. By the unique index on both. */
export async function isEventKnown(
  query: Query,
  schema: string,
  executionId: string,
  idempotencyKey: string,
): Promise<boolean> {
  const rows = await query(
    `SELECT 1 FROM ${schema}.workflow_events WHERE execution_id = $1 AND idempotency_key = $2`,
    [executionId, idempotencyKey],
  );
  return rows.length > 0;
}

/**
 * Tells the receivers of events that were written without telling them: those of some ids, or all that are found. By
 * the index on undelivered events. SKIP LOCKED on both tables, so that nobody waits here with something in hand; what
 * was skipped is still undelivered, and comes with the next round.
 */
export function deliverEvents(query: Query, schema: string, ids?: readonly string[]): Promise<Signalled[]> {
  const some = ids === undefined ? '' : 'AND e.id = ANY($1::bigint[])';
  return query<Signalled>(
    `WITH due AS (
       SELECT e.id, e.execution_id FROM ${schema}.workflow_events e
       JOIN ${schema}.workflow_queue q ON q.id = e.execution_id
       WHERE NOT e.delivered ${some}
       ORDER BY e.id LIMIT ${DELIVERY_BATCH} FOR UPDATE OF e, q SKIP LOCKED
     ), delivered AS (
       UPDATE ${schema}.workflow_events e SET delivered = true FROM due WHERE e.id = due.id
     )
     UPDATE ${schema}.workflow_queue q SET ${signalSql}
     WHERE q.id = ANY(ARRAY(SELECT due.execution_id FROM due))
     RETURNING ${signalledColumns}`,
    ids === undefined ? [] : [ids],
  );
}

/** Events whose receivers have ended before they were told are told to nobody. By the index on undelivered events. */
export async function dropUndeliverable(query: Query, schema: string): Promise<void> {
  await query(
    `UPDATE ${schema}.workflow_events e SET delivered = true
     WHERE e.id = ANY(ARRAY(
       SELECT e.id FROM ${schema}.workflow_events e
       WHERE NOT e.delivered AND NOT EXISTS (SELECT 1 FROM ${schema}.workflow_queue q WHERE q.id = e.execution_id)
       ORDER BY e.id LIMIT ${DELIVERY_BATCH} FOR UPDATE SKIP LOCKED))`,
  );
}

/** Whether there is anything that nobody was told of. By the two indexes on just that. */
export async function undelivered(
  query: Query,
  schema: string,
): Promise<{ readonly events: boolean; readonly broadcasts: boolean }> {
  const rows = await query<{ events: boolean; broadcasts: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM ${schema}.workflow_events WHERE NOT delivered) AS events,
       EXISTS (SELECT 1 FROM ${schema}.broadcasts WHERE NOT announced) AS broadcasts`,
  );
  return rows[0] ?? { events: false, broadcasts: false };
}

/** What others have said to a living execution: a row for each letter, or one without a letter. */
export interface StoredReading {
  readonly executionId: string;
  readonly signals: number;
  readonly cancelRequested: boolean;
  readonly compensate: boolean;
  readonly cancelReason: string | null;
  readonly letterId: string | null;
  readonly type: LetterType;
  readonly name: string;
  readonly payload: string | null;
  readonly waitSeq: number | null;
  readonly at: number;
}

/**
 * The signals of living executions, and for those that want them the letters that nobody has taken, in order: one
 * snapshot, so whoever has seen that many signals has seen every letter that they stand for. Queue and executions by
 * primary key, letters by their index on what is not taken.
 */
export function readMailboxes(
  query: Query,
  schema: string,
  wanted: readonly { readonly id: string; readonly letters: boolean }[],
): Promise<StoredReading[]> {
  return query<StoredReading>(
    `SELECT q.id AS "executionId", q.signals, q.cancel <> ${CancelRequest.none} AS "cancelRequested",
       q.cancel = ${CancelRequest.compensate} AS compensate, x.cancel_reason AS "cancelReason",
       e.id AS "letterId", e.type, e.name, e.payload::text AS payload, e.wait_seq AS "waitSeq",
       ${milliseconds('e.created_at')} AS at
     FROM unnest($1::uuid[], $2::bool[]) AS wanted(id, letters)
     JOIN ${schema}.workflow_queue q ON q.id = wanted.id
     JOIN ${schema}.workflow_executions x ON x.id = q.id
     LEFT JOIN ${schema}.workflow_events e
       ON e.execution_id = CASE WHEN wanted.letters THEN q.id END AND NOT e.taken
     ORDER BY q.id, e.id`,
    [wanted.map(({ id }) => id), wanted.map(({ letters }) => letters)],
  );
}
