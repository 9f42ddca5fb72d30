/** One statement on an ordinary connection. Names of schemas are passed quoted. */
export type Query = <Row>(sql: string, parameters?: readonly unknown[]) => Promise<Row[]>;
