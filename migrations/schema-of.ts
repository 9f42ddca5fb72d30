import type { QueryRunner } from 'typeorm';

/** The schema that a migration works in, quoted. TypeORM's `schema` option has no effect on plain SQL. */
export function schemaOf(runner: QueryRunner): string {
  const { options } = runner.dataSource;
  const schema = options.type === 'postgres' ? options.schema : undefined;
  if (schema === undefined)
    throw new Error('These migrations need a DataSource of PostgreSQL with a `schema`.');
  return `"${schema.replaceAll('"', '""')}"`;
}
