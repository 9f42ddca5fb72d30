import { encodeColumn } from '../binary-arrays.js';
import type { HistoryRecord } from '../records.js';
import type { BoundStatement, PreparedStatement } from '../statement-pipeline.js';

/**
 * Lines of history. A plain insert without RETURNING or a check of the owner: the fence has already proven
 * that nobody else can own what this worker runs, and this is the hottest statement of all.
 */
export class HistoryStatement {
  readonly #statement: PreparedStatement;

  constructor(schema: string) {
    this.#statement = {
      name: 'durable_history',
      text: `
        INSERT INTO ${schema}.step_executions
          (execution_id, seq, path, kind, attempt, outcome, started_at, ended_at, due_at, output, error, hash, worker)
        SELECT d.*, $13::bigint FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::int[], $6::text[],
          $7::timestamptz[], $8::timestamptz[], $9::timestamptz[], $10::json[], $11::json[], $12::int[]) AS d`,
    };
  }

  bind(records: readonly HistoryRecord[], workerId: string): BoundStatement {
    return {
      statement: this.#statement,
      values: [
        encodeColumn('uuid', records, (r) => r.executionId),
        encodeColumn('int4', records, (r) => r.seq),
        encodeColumn('text', records, (r) => r.path),
        encodeColumn('text', records, (r) => r.kind),
        encodeColumn('int4', records, (r) => r.attempt),
        encodeColumn('text', records, (r) => r.outcome),
        encodeColumn('timestamptz', records, (r) => r.startedAt),
        encodeColumn('timestamptz', records, (r) => r.endedAt),
        encodeColumn('timestamptz', records, (r) => r.dueAt),
        encodeColumn('json', records, (r) => r.output),
        encodeColumn('json', records, (r) => r.error),
        encodeColumn('int4', records, (r) => r.hash),
        workerId,
      ],
    };
  }
}
