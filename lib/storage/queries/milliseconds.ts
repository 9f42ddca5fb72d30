/** A column with a time, as a query gives it to the engine: milliseconds since 1970. */
export function milliseconds(column: string): string {
  return `(extract(epoch FROM ${column}) * 1000)::float8`;
}
