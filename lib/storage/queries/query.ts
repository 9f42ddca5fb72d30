import type { EntityManager } from 'typeorm';

/** One statement on an ordinary connection. Names of schemas are passed quoted. */
export type Query = <Row>(sql: string, parameters?: readonly unknown[]) => Promise<Row[]>;

/** Statements in somebody's transaction. Those that return rows begin with SELECT, WITH or INSERT. */
export function queryOf(manager: EntityManager): Query {
  return (sql, parameters) => manager.query(sql, [...(parameters ?? [])]);
}
