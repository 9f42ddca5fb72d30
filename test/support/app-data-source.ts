import { DataSource } from 'typeorm';

/** The application's own connection to its database, with a table of its own in it. */
export async function openAppDataSource(url: string): Promise<DataSource> {
  const dataSource = await new DataSource({ type: 'postgres', url }).initialize();
  await dataSource.query('CREATE TABLE IF NOT EXISTS notes (id serial PRIMARY KEY, text text NOT NULL)');
  return dataSource;
}

export async function notesIn(dataSource: DataSource): Promise<string[]> {
  const rows: { text: string }[] = await dataSource.query('SELECT text FROM notes ORDER BY id');
  return rows.map(({ text }) => text);
}
