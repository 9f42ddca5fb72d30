import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Migrator } from '../../../lib/storage/migrator.js';
import type { Database } from '../../../lib/storage/database.js';
import { type DatabaseSource, openDatabase } from '../../../lib/storage/open-database.js';
import { cancelExecution, type CancelOutcome } from '../../../lib/storage/queries/cancel.query.js';
import { createTestDatabase } from '../../support/test-database.js';

const schema = '"durable"';
const future = new Date('2100-01-01');

interface Made {
  readonly source: DatabaseSource;
  drop(): Promise<void>;
}

async function onServer(): Promise<Made> {
  const { url, drop } = await createTestDatabase();
  return { source: { url }, drop };
}

async function embedded(): Promise<Made> {
  return { source: { embedded: ':memory:' }, drop: async () => undefined };
}

describe.each([
  ['PostgreSQL', onServer],
  ['PGlite', embedded],
])('A request to cancel, on %s,', (_, make) => {
  let made: Made;
  let database: Database;

  beforeAll(async () => {
    made = await make();
    database = await openDatabase(made.source);
    await new Migrator(database).run();
  });

  afterAll(async () => {
    await database.close();
    await made.drop();
  });

  async function execution(facts: Readonly<Record<string, unknown>>): Promise<string> {
    const id = randomUUID();
    await database.query(
      `INSERT INTO durable.workflow_executions (id, workflow, version, queue) VALUES ($1, 'order', 1, 'orders')`,
      [id],
    );
    const row: Record<string, unknown> = { id, kind: 1, queue: 7, rank: 0, state: 2, ...facts };
    const columns = Object.keys(row);
    await database.query(
      `INSERT INTO durable.workflow_queue (${columns.join(', ')})
       VALUES (${columns.map((__, place) => `$${place + 1}`).join(', ')})`,
      Object.values(row),
    );
    return id;
  }

  function cancel(
    id: string,
    { compensate, reason = 'why' }: { compensate: boolean; reason?: string | null },
  ): Promise<CancelOutcome | undefined> {
    return database.dataSource.transaction((manager) =>
      cancelExecution(manager, schema, { id, reason, compensate, error: '{"message":"cancelled"}' }),
    );
  }

  async function standing(id: string): Promise<unknown> {
    const rows = await database.query(
      `SELECT q.state, q.cancel, q.signals, q.due_at AS due, q.rank::float8 / 1000 AS rank, q.epoch,
         e.outcome, e.cancel_reason AS reason
       FROM durable.workflow_executions e LEFT JOIN durable.workflow_queue q ON q.id = e.id WHERE e.id = $1`,
      [id],
    );
    return rows[0];
  }

  it.each([{ compensate: false }, { compensate: true }])(
    'ends what has not begun: nothing is to be undone ($compensate)',
    async (asked) => {
      const id = await execution({ state: 0, epoch: 0 });
      expect(await cancel(id, asked)).toBe('ended');
      expect(await standing(id)).toMatchObject({ state: null, outcome: 'cancelled', reason: 'why' });
    },
  );

  it('ends what nobody runs, where nothing is to be undone', async () => {
    const id = await execution({ epoch: 3, due_at: future });
    expect(await cancel(id, { compensate: false })).toBe('ended');
    expect(await standing(id)).toMatchObject({ state: null, outcome: 'cancelled' });
  });

  it('wakes what nobody runs and is to be undone, at the place in the line that it has now', async () => {
    const id = await execution({ epoch: 3, due_at: future, signals: 4, priority: 2 });
    expect(await cancel(id, { compensate: true })).toEqual({ woken: 'orders' });
    expect(await standing(id)).toMatchObject({
      state: 0,
      cancel: 2,
      signals: 5,
      due: null,
      epoch: 3,
      outcome: null,
      reason: 'why',
    });
    const [row] = await database.query<{ late: number }>(
      `SELECT extract(epoch FROM now()) * 1000 - (rank + 2 * 60000) AS late FROM durable.workflow_queue WHERE id = $1`,
      [id],
    );
    expect(Number(row?.late)).toBeGreaterThanOrEqual(0);
    expect(Number(row?.late)).toBeLessThan(60_000);
  });

  it.each([
    [{ compensate: false }, 1],
    [{ compensate: true }, 2],
  ])('asks the owner of what runs (%j)', async (asked, request) => {
    const id = await execution({ state: 1, worker: 5, epoch: 1 });
    expect(await cancel(id, asked)).toBe('requested');
    expect(await standing(id)).toMatchObject({ state: 1, cancel: request, signals: 1, reason: 'why' });
  });

  it('for less takes back nothing of what was asked for before', async () => {
    const runs = await execution({ state: 1, worker: 5, epoch: 1 });
    for (const compensate of [false, true, false]) await cancel(runs, { compensate });
    expect(await standing(runs)).toMatchObject({ cancel: 2, signals: 3 });
    const waits = await execution({ epoch: 1 });
    await cancel(waits, { compensate: true });
    expect(await cancel(waits, { compensate: false, reason: null })).toEqual({ woken: 'orders' });
    expect(await standing(waits)).toMatchObject({ cancel: 2, outcome: null, reason: 'why' });
  });

  it.each([
    ['runs', { state: 1, worker: 5 }],
    ['waits', { state: 2, due_at: future }],
    ['is ready', { state: 0 }],
  ])('of what is being undone and %s says so, and changes nothing', async (__, row) => {
    const id = await execution({ epoch: 2, compensating: true, ...row });
    const before = await standing(id);
    for (const compensate of [true, false]) expect(await cancel(id, { compensate })).toBe('compensating');
    expect(await standing(id)).toEqual(before);
  });

  it('finds nothing of what has ended', async () => {
    const id = await execution({ epoch: 1 });
    await cancel(id, { compensate: false });
    expect(await cancel(id, { compensate: true })).toBeUndefined();
    expect(await standing(id)).toMatchObject({ outcome: 'cancelled', reason: 'why' });
  });
});
