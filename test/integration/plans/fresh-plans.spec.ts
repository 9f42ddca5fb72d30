import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { HeldClock } from '../../support/held-clock.js';
import { JournalRig, type RiggedJournal, settle } from '../../support/journal-rig.js';
import { ending, line, suspension } from '../../support/records.js';
import { describePlan } from './plan-explorer.js';
import { fillLargeTables, idOf } from './large-tables.js';

const LEASE = 30_000;

/** The plan that the lane itself would use now for a statement that it has prepared. */
async function planOf(client: Client, name: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT cardinality(parameter_types) AS count FROM pg_prepared_statements WHERE name = $1`,
    [name],
  );
  const nulls = Array.from({ length: rows[0]?.count ?? 0 }, () => 'NULL').join(', ');
  return await describePlan(client, `EXECUTE "${name}"(${nulls})`);
}

// A connection keeps the plans that it has made until somebody analyzes the tables: on a server that may be
// minutes later, in an embedded database never. What was planned while there was nothing to read (a first boot,
// a queue that had run empty) has to be given up when there is more.
describe.each([
  ['never analyzed', 'SELECT 1'],
  ['known to be empty', 'VACUUM ANALYZE'],
])('A journal that was opened on tables that were %s', (_, before) => {
  let rig: JournalRig;
  let rigged: RiggedJournal;
  let clock: HeldClock;
  let unused = 1_000_000;

  beforeEach(async () => {
    rig = await JournalRig.create();
    await rig.query(`ALTER TABLE durable.workflow_queue SET (autovacuum_enabled = off)`);
    await rig.query(`ALTER TABLE durable.workflow_executions SET (autovacuum_enabled = off)`);
    await rig.query(before);
    clock = new HeldClock();
    rigged = await rig.journal({ clock, lease: LEASE });
  });

  afterEach(async () => {
    await rig.dispose();
  });

  /** Enough of everything for the server to settle for a plan. */
  async function work(): Promise<void> {
    for (let round = 1; round <= 12; round += 1) {
      const executionId = idOf((unused += 1));
      rigged.claims.want(10, { kinds: [1, 2, 3] });
      await settle(
        rigged.journal,
        line({ executionId }),
        suspension({ executionId }),
        ending({ executionId }),
      );
    }
  }

  it('reads by index a minute after a hundred thousand executions have come', async () => {
    await work();
    await fillLargeTables(rig.database, { analyze: false });
    for (let second = 0; second < 60; second += 5) {
      clock.advance(5_000);
      await work();
    }
    const client = rigged.clients.at(-1);
    if (client === undefined) throw new Error('The lane has no client.');
    const plans = await Promise.all(
      ['durable_claim', 'durable_suspend', 'durable_end'].map((name) => planOf(client, name)),
    );
    expect(plans.flat().filter((part) => !part.startsWith('index '))).toEqual([]);
  }, 120_000);
});
