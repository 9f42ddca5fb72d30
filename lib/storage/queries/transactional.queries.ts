import type { EntityManager } from 'typeorm';
import type { HistoryLine } from '../history-line.js';
import type { Query } from './query.js';

/** A line of history as a transactional step writes it. */
export interface WrittenLine extends Omit<HistoryLine, 'dueAt'> {
  readonly executionId: string;
  readonly workerId: string;
}

/** In whose name a transaction commits a line, and for which turn of the execution. */
export interface TransactionOwner {
  readonly workerId: string;
  readonly lease: number;
  readonly executionId: string;
  readonly epoch: number;
}

/**
 * Whether the worker still lives and runs the execution, and if so, keeps it from being declared dead until the caller's transaction
 * ends. Both rows by primary key; FOR KEY SHARE lets heartbeats (FOR NO KEY UPDATE) pass and makes the
 * reaper (FOR UPDATE) and the end of the execution (DELETE) wait. After this only one insert and the COMMIT are left: a transaction that idles here for a
 * whole lease belongs to a process that is gone or stopped, and the server ends it, or it would keep the reaper out
 * for ever.
 */
export async function fenceTransaction(
  manager: EntityManager,
  schema: string,
  owner: TransactionOwner,
): Promise<boolean> {
  const rows: unknown[] = await manager.query(
    `SELECT set_config('idle_in_transaction_session_timeout', $2, true)
     FROM ${schema}.workers w JOIN ${schema}.workflow_queue q ON q.id = $3
     WHERE w.id = $1 AND w.alive AND q.worker = w.id AND q.epoch = $4 FOR KEY SHARE`,
    [owner.workerId, String(owner.lease), owner.executionId, owner.epoch],
  );
  return rows.length === 1;
}

/** Writes a line inside the caller's transaction. The primary key refuses a second line of that number. */
export async function insertLine(manager: EntityManager, schema: string, line: WrittenLine): Promise<void> {
  await manager.query(insertSql(schema, 'VALUES (', ')'), parametersOf(line));
}

/**
 * Takes the number of a line, if nobody has it (`inserted`) and the worker lives; else it is `taken`, or the
 * worker is dead (`fenced`). Waits for a transaction that is about to write the line, because the primary key
 * makes it wait, so the answer is final.
 */
export async function insertTombstone(
  query: Query,
  schema: string,
  line: WrittenLine,
): Promise<'inserted' | 'taken' | 'fenced'> {
  const rows = await query<{ alive: boolean; inserted: boolean }>(
    `WITH fence AS (
       SELECT 1 FROM ${schema}.workers WHERE id = $12 AND alive FOR KEY SHARE
     ), inserted AS (
       ${insertSql(schema, 'SELECT', 'FROM fence')} ON CONFLICT (execution_id, seq) DO NOTHING RETURNING seq
     )
     SELECT EXISTS (SELECT FROM fence) AS alive, EXISTS (SELECT FROM inserted) AS inserted`,
    parametersOf(line),
  );
  const row = rows[0];
  if (row?.inserted === true) return 'inserted';
  return row?.alive === true ? 'taken' : 'fenced';
}

function insertSql(schema: string, select: 'VALUES (' | 'SELECT', end: ')' | 'FROM fence'): string {
  return `
    INSERT INTO ${schema}.step_executions
      (execution_id, seq, path, kind, attempt, outcome, started_at, ended_at, output, error, hash, worker)
    ${select} $1::uuid, $2::int, $3::text, $4::text, $5::int, $6::text, to_timestamp($7::float8 / 1000),
      to_timestamp($8::float8 / 1000), $9::json, $10::json, $11::int, $12::bigint ${end}`;
}

function parametersOf(line: WrittenLine): unknown[] {
  return [
    line.executionId,
    line.seq,
    line.path,
    line.kind,
    line.attempt,
    line.outcome,
    line.startedAt,
    line.endedAt,
    line.output,
    line.error,
    line.hash,
    line.workerId,
  ];
}
