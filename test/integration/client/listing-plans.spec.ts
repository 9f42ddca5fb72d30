import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ExecutionFilter } from '../../../lib/client/execution-filter.js';
import { ExecutionReader } from '../../../lib/client/execution-reader.js';
import { TaggedSerializer } from '../../../lib/serialization/tagged-serializer.js';
import type { Database } from '../../../lib/storage/database.js';
import { openDatabase } from '../../../lib/storage/open-database.js';
import { WINDOW } from '../../../lib/storage/queries/listing.queries.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { BEGIN, idAt, storeMany } from './stored-executions.js';

const ROWS = 50_000;
const LIMIT = 20;

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

let test: TestDatabase;
let database: Database;

beforeAll(async () => {
  test = await createTestDatabase();
  database = await openDatabase({ url: test.url });
  await storeMany((sql, parameters) => database.query(sql, parameters), ROWS);
}, 60_000);

afterAll(async () => {
  await database.close();
  await test.drop();
});

function nodesOf(plan: PlanNode): PlanNode[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}

/** Runs what the reader does, and gives the plans that its statements ran with. */
async function plansOf(work: (reader: ExecutionReader) => Promise<unknown>): Promise<PlanNode[]> {
  const plans: PlanNode[] = [];
  const reader = new ExecutionReader({
    schema: '"durable"',
    serializer: new TaggedSerializer(),
    query: async <Row>(sql: string, parameters?: readonly unknown[]) => {
      const [row] = await database.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
        `EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${sql}`,
        parameters,
      );
      if (row !== undefined) plans.push(row['QUERY PLAN'][0].Plan);
      return await database.query<Row>(sql, parameters);
    },
  });
  await work(reader);
  return plans.flatMap(nodesOf);
}

/** How many rows of the tables and their indexes were touched. */
function rowsRead(nodes: readonly PlanNode[]): number {
  return nodes
    .filter((node) => node['Node Type'].endsWith('Scan') && !/CTE|Subquery/.test(node['Node Type']))
    .reduce(
      (sum, node) =>
        sum + (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'],
      0,
    );
}

/** Tables that grow with what has ended. */
function fullScans(nodes: readonly PlanNode[]): string[] {
  return nodes
    .filter(
      (node) => node['Node Type'] === 'Seq Scan' && (node['Relation Name'] ?? '').endsWith('executions'),
    )
    .map((node) => node['Relation Name'] ?? '');
}

describe(`Among ${ROWS} executions, a page`, () => {
  // Each execution of a page is touched a few times: in the index, in the table, in the queue.
  const page = LIMIT * 10;
  const living = (ROWS / 200) * 4 + page;
  const cases: [string, ExecutionFilter, number][] = [
    ['of everything', {}, page],
    ['of a workflow', { workflow: 'order' }, page],
    ['of an unknown workflow', { workflow: 'nope' }, page],
    ['of what completed', { status: 'completed' }, page],
    ['of what failed', { status: 'failed' }, page],
    ['of what nothing ended with', { status: 'compensated' }, page],
    ['of a time long ago', { status: 'completed', createdBefore: new Date(BEGIN + 100) }, page],
    ['of children', { parentId: idAt(4_000) }, page],
    ['of the failed children', { parentId: idAt(4_000), status: 'failed' }, page],
    ['of what runs', { status: 'running' }, living],
    ['of what waits', { status: 'waiting' }, living],
    ['of what is being undone', { status: 'compensating' }, page],
    ['of what waits in a workflow', { status: 'waiting', workflow: 'mail' }, living],
    ['of what waits with a step', { status: 'waiting', step: 'send' }, living * 2],
    ['of what waits or failed', { status: ['waiting', 'failed'] }, living],
    ['of what completed in a workflow', { workflow: 'order', status: 'completed' }, page],
    // As many as failed at all, twice.
    ['of the few that failed in a workflow', { workflow: 'order', status: 'failed' }, 600],
    ['of a common attribute', { attributes: { region: 'r1' } }, WINDOW + page],
    ['of a rare attribute', { attributes: { customer: 'c77' } }, WINDOW + page],
    ['of an attribute that no execution has', { attributes: { customer: 'nobody' } }, WINDOW + page],
    // The window, then the 2,000 that match in the index and in the table.
    ['of an attribute that only old ones have', { attributes: { old: true } }, WINDOW + 4_000 + page],
    ['of a common step', { step: 'charge' }, WINDOW + page],
    ['of a common queue', { queue: 'default' }, WINDOW + page],
  ];

  it.each(cases)('%s reads no table as a whole', async (_, filter, most) => {
    const first = await plansOf((reader) => reader.list({ ...filter, limit: LIMIT }));
    expect(fullScans(first)).toEqual([]);
    expect(rowsRead(first)).toBeLessThanOrEqual(most);
  });

  it.each(cases)('%s is followed by one that costs no more', async (_, filter, most) => {
    const next = await plansOf(async (reader) => {
      const { cursor } = await reader.list({ ...filter, limit: 2 });
      return cursor === undefined ? undefined : await reader.list({ ...filter, limit: 2, cursor });
    });
    expect(fullScans(next)).toEqual([]);
    expect(rowsRead(next)).toBeLessThanOrEqual(2 * most);
  });

  it('deep in a listing costs what the first one does', async () => {
    let cursor: string | undefined;
    const middle = new Date(BEGIN + ROWS / 2);
    const plans = await plansOf(async (reader) => {
      ({ cursor } = await reader.list({ workflow: 'order', createdBefore: middle, limit: LIMIT }));
      await reader.list({ workflow: 'order', createdBefore: middle, limit: LIMIT, cursor });
    });
    expect(fullScans(plans)).toEqual([]);
    expect(rowsRead(plans)).toBeLessThanOrEqual(2 * page);
  });
});

describe(`Among ${ROWS} executions, a count`, () => {
  it.each<[string, ExecutionFilter]>([
    ['of what lives', { status: ['pending', 'running', 'waiting'] }],
    ['of what runs in a workflow', { status: 'running', workflow: 'order' }],
  ])('%s reads the queue alone', async (_, filter) => {
    const plans = await plansOf((reader) => reader.count(filter));
    expect(plans.some((node) => node['Relation Name'] === 'workflow_executions')).toBe(false);
  });

  it.each<[string, ExecutionFilter]>([
    ['of what failed', { status: 'failed' }],
    ['of what failed or was cancelled', { status: ['failed', 'cancelled'] }],
    ['of a workflow', { workflow: 'mail' }],
    ['of children', { parentId: idAt(4_000) }],
  ])('%s reads an index alone', async (_, filter) => {
    const scans = (await plansOf((reader) => reader.count(filter))).filter((node) =>
      /Scan/.test(node['Node Type']),
    );
    expect(scans.map((node) => node['Node Type'])).toEqual(scans.map(() => 'Index Only Scan'));
    expect(scans.length).toBeGreaterThan(0);
  });
});

describe(`Among ${ROWS} executions, one`, () => {
  it('is read by primary keys', async () => {
    const plans = await plansOf(async (reader) => {
      await reader.get(idAt(40_000), { steps: true });
      await reader.status(idAt(40_000));
    });
    expect(fullScans(plans)).toEqual([]);
    // A queue of a few pages is rather read as a whole.
    const inTables = plans.filter((node) => node['Relation Name'] !== 'workflow_queue');
    expect(rowsRead(inTables)).toBeLessThanOrEqual(10);
  });
});
