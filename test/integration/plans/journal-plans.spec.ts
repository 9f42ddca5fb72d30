import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from '../../../lib/storage/database.js';
import { openDatabase } from '../../../lib/storage/open-database.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { FlushPlans, flushIndexes } from './flush-plans.js';
import { fillLargeTables } from './large-tables.js';

// A check written as a join beside a partial index once turned the cached plan into a scan of all that runs:
// half the throughput, and only to be seen with a hundred thousand rows.
describe('With a hundred thousand executions in the queue, the statements of a flush', () => {
  let test: TestDatabase;
  let database: Database;
  let plans: FlushPlans;

  beforeAll(async () => {
    test = await createTestDatabase();
    database = await openDatabase({ url: test.url });
    await fillLargeTables(database);
    plans = await FlushPlans.open(database);
  }, 120_000);

  afterAll(async () => {
    await plans.close();
    await database.close();
    await test.drop();
  });

  it('are all looked at here', () => {
    // The fence reads `workers` alone, which has as many rows as there are processes; what a compensation closes is
    // looked at with the other statements of waits, where their tables are large (`wait-plans.spec.ts`).
    const elsewhere = ['durable_fence', 'durable_close_waits'];
    expect(plans.names.sort()).toEqual([...Object.keys(flushIndexes), ...elsewhere].sort());
  });

  it.each(Object.keys(flushIndexes))('%s reads by index', async (name) => {
    const { generic, natural } = await plans.of(name);
    expect([...new Set(generic)].sort()).toEqual(flushIndexes[name]);
    expect([...new Set(natural)].sort()).toEqual(flushIndexes[name]);
  });
});
