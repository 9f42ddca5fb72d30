import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openDatabase } from '../../lib/storage/open-database.js';
import { Migrator } from '../../lib/storage/migrator.js';
import { audit, installWatch } from './support/audit.js';
import { readEffects } from './support/effects.js';
import { WorkerProcess } from './support/worker-process.js';

const KILLS = 2;

describe('the only process of an embedded database', () => {
  let directory: string;
  let worker: WorkerProcess;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'durable-crash-'));
    writeFileSync(join(directory, 'effects'), '');
  });
  afterEach(async () => {
    await worker.kill();
    rmSync(directory, { recursive: true, force: true });
  });

  it('is killed in the middle of steps, and goes on at once when it is there again', async () => {
    const embedded = join(directory, 'database');
    const effects = join(directory, 'effects');
    const database = { embedded };
    await withDatabase(embedded, async (query) => {
      await installWatch({ query });
      await query('CREATE TABLE bookings (execution uuid, token text)');
    });
    // With such a lease, whoever waited for its end would not be done in time.
    const boot = async (): Promise<WorkerProcess> => {
      const process = new WorkerProcess({ database, effects, lease: '120s' }, join(directory, 'log'));
      await process.ready;
      return process;
    };
    worker = await boot();
    const acknowledged = new Set<string>();

    for (let kill = 1; kill <= KILLS; kill += 1) {
      const ids = await Promise.all(
        Array.from({ length: 10 }, (_, n) =>
          worker.start(n % 2 === 0 ? 'long' : 'fan_out', { n, bodyMs: 300 }),
        ),
      );
      for (const id of ids) if (id !== undefined) acknowledged.add(id);
      await worker.kill();
      worker = await boot();
    }
    const results = await Promise.all([...acknowledged].map((id) => worker.result(id)));
    worker.signal('SIGTERM');
    await worker.exited;

    expect(acknowledged.size).toBe(KILLS * 10);
    expect(results).toHaveLength(KILLS * 10);
    expect(readEffects(effects).length).toBeGreaterThan(results.length);
    await withDatabase(embedded, async (query) => {
      expect(await audit({ effects, acknowledged, query })).toEqual([]);
    });
  }, 180_000);
});

type Ask = <Row extends object>(sql: string) => Promise<Row[]>;

async function withDatabase(embedded: string, work: (query: Ask) => Promise<void>): Promise<void> {
  const database = await openDatabase({ embedded });
  try {
    await new Migrator(database).run();
    await work((sql) => database.query(sql));
  } finally {
    await database.close();
  }
}
