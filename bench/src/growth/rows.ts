import { PAYLOAD } from '../engines/payload.js';

const JSON_PAYLOAD = `'${JSON.stringify(PAYLOAD)}'::json`;

/**
 * The n-th of $1 executions spread over `days`, ending now: UUIDv7s whose first 48 bits are the time and whose
 * rest is derived from n, so that every statement about the n-th execution names the same one.
 */
const spread = (family: string, days: number): string => `
  (SELECT n, born, (lpad(to_hex((extract(epoch FROM born) * 1000)::bigint), 12, '0') || '7' ||
          substr(noise, 1, 3) || '8' || substr(noise, 4, 15))::uuid AS id
     FROM generate_series(1, $1::integer) AS n,
          LATERAL (SELECT md5('${family}' || n) AS noise) AS hashed,
          LATERAL (SELECT date_trunc('day', now()) - interval '${days} days' * (1 - n / $1::float8) AS born) AS timed
  ) AS execution`;

const finished = spread('finished', 30);
const waiting = spread('waiting', 7);

export const finishedExecutions = `
  INSERT INTO durable.workflow_executions
         (id, workflow, version, queue, input, output, outcome, created_at, started_at, completed_at)
  SELECT id, 'three_step', 1, 'default', ${JSON_PAYLOAD}, ${JSON_PAYLOAD}, 'completed', born, born, born
    FROM ${finished}`;

export const historyOfFinished = `
  INSERT INTO durable.step_executions
         (execution_id, seq, path, kind, outcome, started_at, ended_at, output, worker)
  SELECT id, seq, (ARRAY['first', 'second', 'third'])[seq], 'step', 'completed', born, born, ${JSON_PAYLOAD}, 0
    FROM ${finished}, generate_series(1, 3) AS seq`;

export const waitingExecutions = `
  INSERT INTO durable.workflow_executions (id, workflow, version, queue, input, created_at, started_at)
  SELECT id, 'three_step', 1, 'default', ${JSON_PAYLOAD}, born, born
    FROM ${waiting}`;

/** Due a year from now, so that nothing of it wakes while a run is measured. */
export const waitingInQueue = `
  INSERT INTO durable.workflow_queue (id, kind, queue, rank, state, due_at, epoch, started_at)
  SELECT id, $2::integer, $3::integer, (extract(epoch FROM born) * 1000)::bigint, 2, born + interval '1 year', 1, born
    FROM ${waiting}`;

export const historyOfWaiting = `
  INSERT INTO durable.step_executions
         (execution_id, seq, path, kind, outcome, started_at, ended_at, due_at, worker)
  SELECT id, 1, 'sleep', 'sleep', 'opened', born, born, born + interval '1 year', 0
    FROM ${waiting}`;
