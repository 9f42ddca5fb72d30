const LONGEST_NAME = 63;

/** What is wrong with a schema's name, one sentence each. TypeORM joins names with dots and does not escape them. */
export function schemaFaults(schema: string): string[] {
  const shown = `schema ${JSON.stringify(schema)}`;
  if (schema === '') return ['schema is empty'];
  const faults: string[] = [];
  if (/[.'"\0]/.test(schema)) faults.push(`${shown} contains a dot, a quote or a NUL`);
  if (schema.startsWith('pg_')) faults.push(`${shown} starts with "pg_", which PostgreSQL keeps for itself`);
  if (Buffer.byteLength(schema) > LONGEST_NAME) faults.push(`${shown} is longer than ${LONGEST_NAME} bytes`);
  return faults;
}

/** A name as SQL writes it, whatever is in it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
