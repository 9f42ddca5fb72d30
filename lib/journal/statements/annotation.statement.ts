import { encodeColumn } from '../binary-arrays.js';
import type { AnnotationRecord } from '../records.js';
import type { BoundStatement, PreparedStatement } from '../statement-pipeline.js';

interface Annotation {
  readonly executionId: string;
  readonly attributes: string | null;
  readonly progress: string | null;
}

/**
 * Attributes and progress of running executions, by primary key. PostgreSQL applies one new value per row and
 * statement, so what one execution said several times within a batch is put together first.
 */
export class AnnotationStatement {
  readonly #statement: PreparedStatement;

  constructor(schema: string) {
    this.#statement = {
      name: 'durable_annotate',
      text: `
        UPDATE ${schema}.workflow_executions e
        SET attributes = CASE WHEN d.attributes IS NULL THEN e.attributes ELSE coalesce(e.attributes, '{}') || d.attributes END,
          progress = coalesce(d.progress, e.progress)
        FROM unnest($1::uuid[], $2::jsonb[], $3::json[]) AS d(id, attributes, progress)
        WHERE e.id = d.id AND e.outcome IS NULL`,
    };
  }

  bind(records: readonly AnnotationRecord[]): BoundStatement {
    const annotations = coalesce(records);
    return {
      statement: this.#statement,
      values: [
        encodeColumn('uuid', annotations, (a) => a.executionId),
        encodeColumn('jsonb', annotations, (a) => a.attributes),
        encodeColumn('json', annotations, (a) => a.progress),
      ],
    };
  }
}

function coalesce(records: readonly AnnotationRecord[]): Annotation[] {
  const attributes = new Map<string, Record<string, unknown> | null>();
  const progress = new Map<string, string | null>();
  for (const record of records) {
    const id = record.executionId;
    const known = attributes.get(id) ?? null;
    attributes.set(id, record.attributes === null ? known : { ...known, ...record.attributes });
    progress.set(id, record.progress ?? progress.get(id) ?? null);
  }
  return [...attributes].map(([executionId, merged]) => ({
    executionId,
    attributes: merged === null ? null : JSON.stringify(merged),
    progress: progress.get(executionId) ?? null,
  }));
}
