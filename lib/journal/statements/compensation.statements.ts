import { encodeColumn } from '../binary-arrays.js';
import type { CompensationRecord } from '../records.js';
import type { BoundStatement, PreparedStatement } from '../statement-pipeline.js';

/**
 * The two ends of undoing an execution: from the first on everybody sees that it is being undone, and no deadline
 * interrupts it; the second says what became of each undo.
 *
 * Each table by primary key. Neither asks who owns the execution: the fence has proven that nobody else does, and
 * where parked code takes its execution back in the same flush, the row gets its owner only after these.
 */
export class CompensationStatements {
  readonly #begin: PreparedStatement;
  readonly #finish: PreparedStatement;

  constructor(schema: string) {
    this.#begin = {
      name: 'durable_compensate',
      text: `
        UPDATE ${schema}.workflow_queue q SET compensating = true, deadline_at = NULL
        FROM unnest($1::uuid[]) AS d(id)
        WHERE q.id = d.id`,
    };
    this.#finish = {
      name: 'durable_compensated',
      text: `
        UPDATE ${schema}.workflow_executions e SET compensation_results = d.results, compensated_at = d.ended_at
        FROM unnest($1::uuid[], $2::json[], $3::timestamptz[]) AS d(id, results, ended_at)
        WHERE e.id = d.id`,
    };
  }

  bind(records: readonly CompensationRecord[]): BoundStatement[] {
    const begun = records.filter(({ results }) => results === null);
    const finished = records.filter(({ results }) => results !== null);
    const statements: BoundStatement[] = [];
    if (begun.length > 0) {
      statements.push({
        statement: this.#begin,
        values: [encodeColumn('uuid', begun, (r) => r.executionId)],
      });
    }
    if (finished.length > 0) {
      statements.push({
        statement: this.#finish,
        values: [
          encodeColumn('uuid', finished, (r) => r.executionId),
          encodeColumn('json', finished, (r) => r.results),
          encodeColumn('timestamptz', finished, (r) => r.at),
        ],
      });
    }
    return statements;
  }
}
