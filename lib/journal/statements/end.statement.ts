import { encodeColumn } from '../binary-arrays.js';
import type { EndRecord } from '../records.js';
import type { BoundStatement, PreparedStatement } from '../statement-pipeline.js';

/**
 * The end of executions: the queue row goes, and only what went is written into the execution, so a terminal
 * status is given exactly once, by the owner.
 *
 * Both tables by primary key (about IS NOT DISTINCT FROM see the ownership statements). The values ride through the
 * DELETE's RETURNING: joining them a second time would be a nested loop of the batch with itself, quadratic in its
 * size.
 */
export class EndStatement {
  readonly #statement: PreparedStatement;

  constructor(schema: string) {
    this.#statement = {
      name: 'durable_end',
      text: `
        WITH gone AS (
          DELETE FROM ${schema}.workflow_queue q
          USING unnest($1::uuid[], $2::int[], $3::text[], $4::json[], $5::json[], $6::timestamptz[],
            $7::timestamptz[], $8::uuid[])
            AS d(id, epoch, outcome, output, error, started_at, ended_at, retried_as)
          WHERE q.id = d.id AND q.worker IS NOT DISTINCT FROM $9::bigint AND q.epoch = d.epoch
          RETURNING d.*
        )
        UPDATE ${schema}.workflow_executions e
        SET outcome = gone.outcome, output = gone.output, error = gone.error, started_at = gone.started_at,
          completed_at = gone.ended_at, retried_as = gone.retried_as
        FROM gone WHERE e.id = gone.id
        RETURNING e.id`,
    };
  }

  bind(records: readonly EndRecord[], workerId: string): BoundStatement {
    return {
      statement: this.#statement,
      values: [
        encodeColumn('uuid', records, (r) => r.executionId),
        encodeColumn('int4', records, (r) => r.epoch),
        encodeColumn('text', records, (r) => r.outcome),
        encodeColumn('json', records, (r) => r.output),
        encodeColumn('json', records, (r) => r.error),
        encodeColumn('timestamptz', records, (r) => r.startedAt),
        encodeColumn('timestamptz', records, (r) => r.endedAt),
        encodeColumn('uuid', records, (r) => r.retry?.executionId ?? null),
        workerId,
      ],
    };
  }
}
