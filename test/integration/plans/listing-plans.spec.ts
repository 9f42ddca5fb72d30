import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { derivedUuid } from '../../../lib/identity/derived.js';
import type { Database } from '../../../lib/storage/database.js';
import { openDatabase } from '../../../lib/storage/open-database.js';
import { countExecutions } from '../../../lib/storage/queries/counting.queries.js';
import type { ListingCriteria, ListingSource } from '../../../lib/storage/queries/listing-criteria.js';
import { listExecutions } from '../../../lib/storage/queries/listing.queries.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { fillLargeTables, idOf } from './large-tables.js';
import { PlanExplorer } from './plan-explorer.js';
import { statementsOf } from './recorded-query.js';

const schema = '"durable"';
const PAGE = 50;
const any: ListingSource = { kind: 'any' };
const failed: ListingSource = { kind: 'ended', outcome: 'failed' };

const byId = 'index workflow_executions id';
const inQueue = 'index workflow_queue id';
const byWorkflow = 'index workflow_executions workflow, id';
const byOutcome = 'index workflow_executions outcome, id';
const byParent = 'index workflow_executions parent_id, id';
const byAttributes = 'bitmap workflow_executions attributes jsonb_path_ops';

const listings: readonly {
  readonly what: string;
  readonly source: ListingSource;
  readonly criteria: ListingCriteria;
  /** For each of its statements, the index that it is driven by and those that it looks rows up in. */
  readonly reads: readonly (readonly string[])[];
}[] = [
  { what: 'the newest', source: any, criteria: {}, reads: [[byId, inQueue]] },
  {
    what: 'the newest below an id',
    source: any,
    criteria: { below: idOf(90_000) },
    reads: [[byId, inQueue]],
  },
  {
    what: 'those of a workflow',
    source: any,
    criteria: { workflow: 'workflow 3' },
    reads: [[byWorkflow, byId, inQueue]],
  },
  { what: 'those that failed', source: failed, criteria: {}, reads: [[byOutcome, byId, inQueue]] },
  {
    what: 'the children of one',
    source: any,
    criteria: { parentId: derivedUuid('parent') },
    reads: [[byParent, byId, inQueue]],
  },
];

/** How a plan reads the large tables, whatever it makes of the small ones. */
function ofLargeTables(plan: readonly string[]): string[] {
  return [...new Set(plan.filter((part) => !/(workers|queues|workflow_kinds)/.test(part)))].sort();
}

describe('With two hundred thousand executions, of which half have ended', () => {
  let test: TestDatabase;
  let database: Database;
  let client: Client;
  let explorer: PlanExplorer;

  beforeAll(async () => {
    test = await createTestDatabase();
    database = await openDatabase({ url: test.url });
    await fillLargeTables(database);
    await database.query('VACUUM');
    client = await database.connect('plans');
    explorer = new PlanExplorer(client);
  }, 120_000);

  afterAll(async () => {
    await client.end();
    await database.close();
    await test.drop();
  });

  it.each(listings)('a page of $what is read by index', async ({ source, criteria, reads }) => {
    const sent = await statementsOf(({ query }) => listExecutions(query, schema, source, criteria, PAGE));
    for (const [place, wanted] of reads.entries()) {
      const statement = sent[place];
      if (statement === undefined) throw new Error('The listing sent fewer statements.');
      const { natural } = await explorer.plansOf(statement);
      expect(ofLargeTables(natural)).toEqual([...wanted].sort());
    }
  });

  it('what matches seldom is found through its attributes', async () => {
    const criteria = { attributes: '{"customer":"c5"}' };
    const sent = await statementsOf(({ query }) => listExecutions(query, schema, any, criteria, PAGE));
    expect(sent).toHaveLength(2);
    const { natural } = await explorer.plansOf(sent[1] ?? { text: '', values: [] });
    expect(ofLargeTables(natural)).toEqual([byId, inQueue, byAttributes].sort());
  });

  it('what runs is found through its workers, what waits through the queue', async () => {
    const running: ListingSource = { kind: 'living', statuses: ['running'] };
    const waiting: ListingSource = { kind: 'living', statuses: ['waiting'] };
    for (const [source, index] of [
      [running, 'workflow_queue worker'],
      [waiting, 'workflow_queue id'],
    ] as const) {
      const sent = await statementsOf(({ query }) => listExecutions(query, schema, source, {}, PAGE));
      const { natural } = await explorer.plansOf(sent[0] ?? { text: '', values: [] });
      const read = ofLargeTables(natural);
      expect(read.some((part) => part.endsWith(index))).toBe(true);
      expect(read.filter((part) => part.startsWith('all of') || part.endsWith('Join'))).toEqual([]);
    }
  });

  it('what is being undone is found, and counted, in an index of its own', async () => {
    const compensating: ListingSource = { kind: 'living', statuses: ['compensating'] };
    const sent = [
      ...(await statementsOf(({ query }) => listExecutions(query, schema, compensating, {}, PAGE))),
      ...(await statementsOf(({ query }) => countExecutions(query, schema, [compensating], {}))),
    ];
    const undone = await nameOfIndex('WHERE compensating');
    for (const statement of sent) {
      const { rows } = await client.query(`EXPLAIN (FORMAT JSON) ${statement.text}`, [...statement.values]);
      expect(JSON.stringify(rows)).toContain(undone);
      const { natural } = await explorer.plansOf(statement);
      expect(natural.filter((part) => part.startsWith('all of') || part.endsWith('Join'))).toEqual([]);
    }
  });

  it.each([
    ['those that failed', failed, {}, 'outcome, id'],
    ['those of a workflow', any, { workflow: 'workflow 3' }, 'workflow, id'],
  ] as const)('%s are counted in an index alone', async (_, source, criteria, index) => {
    const sent = await statementsOf(({ query }) => countExecutions(query, schema, [source], criteria));
    const { natural } = await explorer.plansOf(sent[0] ?? { text: '', values: [] });
    expect(ofLargeTables(natural)).toEqual([`index workflow_executions ${index}`]);
  });

  /** Two indexes may be on the same columns, of other rows. */
  async function nameOfIndex(definition: string): Promise<string> {
    const { rows } = await client.query<{ name: string }>(
      `SELECT indexname AS name FROM pg_indexes WHERE schemaname = 'durable' AND indexdef LIKE '%' || $1`,
      [definition],
    );
    return rows[0]?.name ?? 'no index';
  }
});
