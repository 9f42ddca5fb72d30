import type { BoundStatement, PreparedStatement } from '../statement-pipeline.js';

/** Its name among the prepared statements. */
export const FENCE = 'durable_fence';

/**
 * The first statement of every flush: proof that this worker still has its lease, its heartbeat, and the
 * number that settles a flush whose answer was lost.
 *
 * Zero rows alone would refuse nothing, because the other statements of the pipeline are already on their
 * way: the division by their count raises 22012 and takes the whole transaction down.
 *
 * `workers` by primary key. The row lock is what a takeover waits for. `lock_timeout` rides along in the
 * WHERE, which is evaluated before the row is locked.
 */
export class FenceStatement {
  readonly #statement: PreparedStatement;

  constructor(schema: string) {
    this.#statement = {
      name: FENCE,
      text: `
        WITH beat AS (
          UPDATE ${schema}.workers SET flush_no = $2, seen_at = now()
          WHERE id = $1 AND alive AND flush_no = $2 - 1
            AND set_config('lock_timeout', '150ms', true) IS NOT NULL
          RETURNING 1
        )
        SELECT (extract(epoch FROM now()) * 1000)::bigint / (SELECT count(*) FROM beat)`,
    };
  }

  bind(workerId: string, flushNo: number): BoundStatement {
    return { statement: this.#statement, values: [workerId, String(flushNo)] };
  }
}
