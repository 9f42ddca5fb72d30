import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { Observer } from './observer.js';

const LOOK_AGAIN_MS = 20;
const PATIENCE_MS = 15_000;
/** A backend hands its counts over as it ends, but before PostgreSQL 15 through a collector that takes half a second. */
const COLLECTOR_MS = 600;

/**
 * Transactions of one database so far. Backends report theirs late while they live, so this first waits until
 * nobody is connected: it is asked before an engine opens and after it has closed.
 */
export async function commitsOf(admin: pg.Client, database: string): Promise<number> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const connected = await admin.query(
      `SELECT 1 FROM pg_stat_activity
        WHERE datname = $1 AND backend_type = 'client backend' AND application_name <> $2`,
      [database, Observer.applicationName],
    );
    if (connected.rowCount === 0) break;
    if (performance.now() > deadline) throw new Error('The engine was closed and left connections open.');
    await pause(LOOK_AGAIN_MS);
  }
  await pause(COLLECTOR_MS);
  const found = await admin.query<{ commits: string }>(
    'SELECT xact_commit AS commits FROM pg_stat_database WHERE datname = $1',
    [database],
  );
  return Number(found.rows[0]?.commits ?? Number.NaN);
}
