import { QueueState, rank } from '../../storage/queue-state.js';
import { encodeColumn } from '../binary-arrays.js';
import type { StartRecord } from '../records.js';
import type { BoundStatement, PreparedStatement } from '../statement-pipeline.js';

/**
 * New executions. Their ids are made by this process, so nothing can conflict: starts with a caller's key may
 * wait for somebody's open transaction and go through ordinary connections instead.
 */
export class StartStatements {
  readonly #execution: PreparedStatement;
  readonly #queue: PreparedStatement;

  constructor(schema: string) {
    this.#execution = {
      name: 'durable_start_execution',
      text: `
        INSERT INTO ${schema}.workflow_executions
          (id, workflow, version, queue, priority, input, attributes, created_at, timeout_ms, retry_no, origin_id)
        SELECT d.* FROM unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::int[], $6::json[], $7::jsonb[],
          $8::timestamptz[], $9::bigint[], $10::int[], $11::uuid[]) AS d`,
    };
    this.#queue = {
      name: 'durable_start_queue',
      text: `
        INSERT INTO ${schema}.workflow_queue
          (id, kind, queue, rank, state, priority, due_at, deadline_at, expires_at, worker, epoch, started_at)
        SELECT d.id, d.kind, d.queue, d.rank, d.state, d.priority, d.due_at, d.deadline_at, d.expires_at,
          CASE WHEN d.state = 1 THEN $10::bigint END, CASE WHEN d.state = 1 THEN 1 ELSE 0 END, d.started_at
        FROM unnest($1::uuid[], $2::int[], $3::int[], $4::bigint[], $5::int[], $6::int[], $7::timestamptz[],
          $8::timestamptz[], $9::timestamptz[], $11::timestamptz[])
          AS d(id, kind, queue, rank, state, priority, due_at, deadline_at, expires_at, started_at)`,
    };
  }

  bind(records: readonly StartRecord[], workerId: string): BoundStatement[] {
    return [
      {
        statement: this.#execution,
        values: [
          encodeColumn('uuid', records, (r) => r.executionId),
          encodeColumn('text', records, (r) => r.workflow),
          encodeColumn('int4', records, (r) => r.version),
          encodeColumn('text', records, (r) => r.queue),
          encodeColumn('int4', records, (r) => r.priority),
          encodeColumn('json', records, (r) => r.input),
          encodeColumn('jsonb', records, (r) => r.attributes),
          encodeColumn('timestamptz', records, (r) => r.createdAt),
          encodeColumn('int8', records, (r) => r.timeout),
          encodeColumn('int4', records, (r) => r.retryNo),
          encodeColumn('uuid', records, (r) => r.originId),
        ],
      },
      {
        statement: this.#queue,
        values: [
          encodeColumn('uuid', records, (r) => r.executionId),
          encodeColumn('int4', records, (r) => r.kind),
          encodeColumn('int4', records, (r) => r.queueId),
          encodeColumn('int8', records, rankOf),
          encodeColumn('int4', records, stateOf),
          encodeColumn('int4', records, (r) => r.priority),
          encodeColumn('timestamptz', records, (r) => r.dueAt),
          encodeColumn('timestamptz', records, (r) => r.deadlineAt),
          encodeColumn('timestamptz', records, (r) => r.expiresAt),
          workerId,
          encodeColumn('timestamptz', records, (r) => (r.eager ? r.createdAt : null)),
        ],
      },
    ];
  }
}

function rankOf(record: StartRecord): number {
  return rank(record.dueAt ?? record.createdAt, record.priority);
}

function stateOf(record: StartRecord): number {
  if (record.eager) return QueueState.running;
  return record.dueAt === null ? QueueState.ready : QueueState.waiting;
}
