import pg from 'pg';
import {
  historyOfFinished,
  finishedExecutions,
  historyOfWaiting,
  waitingExecutions,
  waitingInQueue,
} from './rows.js';

/** How much lies in our tables before anything is measured. */
export interface Preload {
  readonly finished: number;
  readonly waiting: number;
}

const KIND = `INSERT INTO durable.workflow_kinds (workflow, version) VALUES ('three_step', 1)
              ON CONFLICT (workflow, version) DO UPDATE SET version = excluded.version RETURNING id`;
const QUEUE = `INSERT INTO durable.queues (name) VALUES ('default')
               ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id`;

/** Fills tables that our engine has created: three-step workflows of the last 30 days, and sleepers. */
export async function preload(url: string, { finished, waiting }: Preload): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const kind = await idOf(client, KIND);
  const queue = await idOf(client, QUEUE);
  await client.query(finishedExecutions, [finished]);
  await client.query(historyOfFinished, [finished]);
  await client.query(waitingExecutions, [waiting]);
  await client.query(waitingInQueue, [waiting, kind, queue]);
  await client.query(historyOfWaiting, [waiting]);
  await client.query('VACUUM (ANALYZE)');
  await client.end();
}

async function idOf(client: pg.Client, statement: string): Promise<number> {
  const found = await client.query<{ id: number }>(statement);
  const id = found.rows[0]?.id;
  if (id === undefined) throw new Error(`No id came back from: ${statement}`);
  return id;
}
