import { blockKindsThatAnswer } from '../../identity/operation-kinds.js';
import { milliseconds } from './milliseconds.js';
import type { StoredLine } from './history.query.js';
import type { Query } from './query.js';

/** A line of history as far as a graph shows it. */
export interface StoredGraphLine extends Omit<StoredLine, 'executionId' | 'hash' | 'dueAt'> {
  /** Of the question of a `@ForEach`, in place of its output. */
  readonly itemCount: number | null;
}

export interface GraphLinesOptions {
  /**
   * Whether arrays and objects are stored as those of JSON, so that the database can look into them. What another
   * serializer wrote is read whole.
   */
  readonly isPlainJson: boolean;
}

const answered = literals(blockKindsThatAnswer('clause', 'condition'));
const listed = literals(blockKindsThatAnswer('items'));
const led = literals(blockKindsThatAnswer('lead'));

/**
 * The history of one execution without what its steps returned, which is most of it. Only what says where the
 * execution went on is read: of items how many there are, of a lead where to, of errors their first words.
 * `step_executions` by primary key.
 */
export function graphLinesOf(
  query: Query,
  schema: string,
  id: string,
  { isPlainJson }: GraphLinesOptions,
): Promise<StoredGraphLine[]> {
  return query<StoredGraphLine>(
    `SELECT seq, path, kind, attempt, outcome,
       ${milliseconds('started_at')} AS "startedAt",
       ${milliseconds('ended_at')} AS "endedAt",
       CASE
         WHEN kind IN (${answered}) THEN output::text
         WHEN kind IN (${led}) THEN
           CASE WHEN $2 THEN json_build_object('goto', output->'goto')::text ELSE output::text END
         WHEN kind IN (${listed}) THEN
           CASE WHEN $2 AND json_typeof(output) = 'array' THEN NULL ELSE output::text END
       END AS output,
       CASE WHEN kind IN (${listed}) AND $2 AND json_typeof(output) = 'array' THEN json_array_length(output) END
         AS "itemCount",
       left(error->>'message', 300) AS error
     FROM ${schema}.step_executions WHERE execution_id = $1 ORDER BY seq`,
    [id, isPlainJson],
  );
}

function literals(kinds: readonly string[]): string {
  return kinds.map((kind) => `'${kind}'`).join(', ');
}
