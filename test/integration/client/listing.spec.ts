import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Execution } from '../../../lib/client/execution.js';
import type { ExecutionFilter } from '../../../lib/client/execution-filter.js';
import type { ExecutionStatus } from '../../../lib/client/execution-status.js';
import { ExecutionReader } from '../../../lib/client/execution-reader.js';
import { ExecutionNotFound, InvalidCursor } from '../../../lib/errors/execution.error.js';
import { InvalidArgument } from '../../../lib/errors/option.error.js';
import { serializeError } from '../../../lib/serialization/serialized-error.js';
import { TaggedSerializer } from '../../../lib/serialization/tagged-serializer.js';
import type { Database } from '../../../lib/storage/database.js';
import { openDatabase } from '../../../lib/storage/open-database.js';
import type { Query } from '../../../lib/storage/queries/query.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { BEGIN, end, idAt, store } from './stored-executions.js';

const serializer = new TaggedSerializer();
let test: TestDatabase;
let database: Database;
let query: Query;
let reader: ExecutionReader;

beforeAll(async () => {
  test = await createTestDatabase();
  database = await openDatabase({ url: test.url });
  query = (sql, parameters) => database.query(sql, parameters);
  reader = new ExecutionReader({ query, schema: '"durable"', serializer });
});

afterAll(async () => {
  await database.close();
  await test.drop();
});

afterEach(async () => {
  await query('TRUNCATE durable.workflow_executions, durable.workflow_queue, durable.step_executions');
});

/** Which executions these are, by the offset of their creation. */
const offsets = (executions: readonly Execution[]): number[] =>
  executions.map(({ createdAt }) => createdAt.getTime() - BEGIN);

const listed = async (filter: ExecutionFilter): Promise<number[]> =>
  offsets((await reader.list(filter)).executions);

/** All pages of a listing; `between` is called after each. */
async function allPages(
  filter: ExecutionFilter,
  between: (page: number) => Promise<void> = async () => undefined,
): Promise<number[]> {
  const found: number[] = [];
  let cursor: string | undefined;
  for (let page = 1; ; page += 1) {
    const { executions, cursor: next } = await reader.list({ ...filter, cursor });
    found.push(...offsets(executions));
    if (next === undefined) return found;
    cursor = next;
    await between(page);
  }
}

async function isListedOnlyAs(status: ExecutionStatus): Promise<void> {
  for (const asked of ['pending', 'running', 'waiting', 'compensating'] as const) {
    expect(await listed({ status: asked })).toEqual(asked === status ? [0] : []);
    expect(await reader.count({ status: asked })).toBe(asked === status ? 1 : 0);
  }
}

describe('An execution that is read', () => {
  it('has everything that is known of it', async () => {
    const [id, other] = [idAt(0), idAt(1)];
    const error = serializeError(new RangeError('too much'));
    await query(
      `INSERT INTO durable.workflow_executions
         (id, key, workflow, version, queue, priority, input, output, error, outcome, cancel_reason, parent_id,
          origin_id, retried_as, retry_no, attributes, progress, created_at, started_at, completed_at)
       VALUES ($1, 'o-1', 'order', 3, 'orders', 5, $3, $4, $5, 'failed', 'because', $2, $2, $2, 1, $6, $7, $8, $9, $10)`,
      [
        id,
        other,
        serializer.stringify({ at: new Date(5) }),
        serializer.stringify(10n),
        error,
        '{"customer":"acme"}',
        '{"percent":40,"message":"page 4","at":1000}',
        new Date(1),
        new Date(2),
        new Date(3),
      ],
    );
    const { error: revived, ...rest } = await reader.get(id);
    expect(rest).toEqual({
      id,
      key: 'o-1',
      workflow: 'order',
      version: 3,
      queue: 'orders',
      status: 'failed',
      priority: 5,
      input: { at: new Date(5) },
      output: 10n,
      attributes: { customer: 'acme' },
      progress: { percent: 40, message: 'page 4', at: new Date(1000) },
      parentId: other,
      originId: other,
      retriedAs: other,
      retryNo: 1,
      createdAt: new Date(1),
      startedAt: new Date(2),
      completedAt: new Date(3),
      dueAt: undefined,
      deadlineAt: undefined,
      worker: undefined,
      lost: 0,
      cancelRequested: false,
      cancelReason: 'because',
    });
    expect(revived).toBeInstanceOf(RangeError);
  });

  it('has what its place in the queue tells while it lives', async () => {
    await store(query, [{ at: 0, state: 1 }]);
    await query(
      `UPDATE durable.workflow_queue
       SET cancel = 1, lost = 2, deadline_at = to_timestamp(60), due_at = to_timestamp(50), started_at = to_timestamp(40)`,
    );
    expect(await reader.get(idAt(0))).toMatchObject({
      status: 'running',
      worker: '7',
      cancelRequested: true,
      lost: 2,
      deadlineAt: new Date(60_000),
      dueAt: new Date(50_000),
      startedAt: new Date(40_000),
      error: undefined,
      attributes: {},
      progress: undefined,
    });
  });

  it('has its steps where they are asked for', async () => {
    await store(query, [{ at: 0, steps: ['charge', 'charge#2'] }]);
    expect((await reader.get(idAt(0))).steps).toBeUndefined();
    const { steps } = await reader.get(idAt(0), { steps: true });
    expect(steps?.map(({ seq, name, status, workerId }) => ({ seq, name, status, workerId }))).toEqual([
      { seq: 1, name: 'charge', status: 'completed', workerId: '7' },
      { seq: 2, name: 'charge', status: 'completed', workerId: '7' },
    ]);
  });

  it('is found by its id in capitals, too', async () => {
    await store(query, [{ at: 0 }]);
    expect((await reader.get(idAt(0).toUpperCase())).id).toBe(idAt(0));
  });

  it.each([idAt(9), '', 'order-1', "' OR true --", '\0'])('is not found under %j', async (id) => {
    await expect(reader.get(id)).rejects.toThrow(ExecutionNotFound);
    await expect(reader.get(id, { steps: true })).rejects.toThrow(ExecutionNotFound);
    await expect(reader.status(id)).rejects.toThrow(ExecutionNotFound);
  });

  it.each([
    [0, 0, 'pending'],
    [2, 0, 'pending'],
    [1, 1, 'running'],
    [0, 1, 'waiting'],
    [2, 1, 'waiting'],
    [2, 9, 'waiting'],
  ] as const)('in state %d at epoch %d is %s for every reader', async (state, epoch, status) => {
    await store(query, [{ at: 0, state, epoch }]);
    expect(await reader.status(idAt(0))).toBe(status);
    expect((await reader.get(idAt(0))).status).toBe(status);
    await isListedOnlyAs(status);
  });

  it.each([
    [0, 2],
    [1, 2],
    [2, 1],
  ])('in state %d at epoch %d is compensating while it is undone', async (state, epoch) => {
    await store(query, [{ at: 0, state, epoch, compensating: true }]);
    expect(await reader.status(idAt(0))).toBe('compensating');
    expect(await reader.get(idAt(0))).toMatchObject({
      status: 'compensating',
      worker: state === 1 ? '7' : undefined,
      compensationResults: undefined,
      compensatedAt: undefined,
    });
    await isListedOnlyAs('compensating');
  });

  it('says what became of undoing it', async () => {
    await store(query, [{ at: 0, outcome: 'compensation_failed' }]);
    const results = [
      {
        path: 'mail/17/send%20it#2',
        undo: 'recall',
        status: 'completed',
        attempts: 1,
        error: null,
        endedAt: 1_000,
      },
      {
        path: 'charge',
        undo: 'refund',
        status: 'failed',
        attempts: 3,
        error: serializeError(new TypeError('no')),
        endedAt: 2_000,
      },
    ];
    await query(
      `UPDATE durable.workflow_executions SET compensation_results = $1, compensated_at = to_timestamp(3)`,
      [JSON.stringify(results)],
    );
    const { compensationResults, compensatedAt } = await reader.get(idAt(0));
    expect(compensatedAt).toEqual(new Date(3_000));
    expect(compensationResults).toEqual([
      { ...results[0], step: 'send it', error: undefined, endedAt: new Date(1_000) },
      { ...results[1], step: 'charge', error: expect.any(TypeError), endedAt: new Date(2_000) },
    ]);
    expect((await reader.list()).executions).toMatchObject([{ compensationResults }]);
  });

  it.each(['completed', 'failed', 'cancelled', 'compensated', 'compensation_failed'] as const)(
    'is %s where that is its outcome',
    async (outcome) => {
      await store(query, [{ at: 0, outcome }]);
      expect(await reader.status(idAt(0))).toBe(outcome);
      expect(await listed({ status: outcome })).toEqual([0]);
    },
  );
});

describe('A listing', () => {
  const rows = [
    { at: 0, outcome: 'completed', steps: ['charge'] },
    {
      at: 1,
      outcome: 'failed',
      workflow: 'mail',
      queue: 'mails',
      attributes: { customer: 'acme', vip: true },
    },
    { at: 2, outcome: 'failed', attributes: { customer: 'acme' }, parent: 0, steps: ['charge#2', 'ship'] },
    { at: 3, workflow: 'mail', queue: 'mails', state: 0, epoch: 0, parent: 0 },
    { at: 4, state: 1, epoch: 1, steps: ['ship/label', 'a%2Fb'], attributes: { total: 5, customer: null } },
    {
      at: 5,
      state: 2,
      epoch: 1,
      queue: 'mails',
      compensating: true,
      attributes: { customer: 'acme' },
      steps: ['poll#2/mail/17/send#3', 'byKind/recharge'],
    },
  ];

  it.each<[string, ExecutionFilter, number[]]>([
    ['nothing', {}, [5, 4, 3, 2, 1, 0]],
    ['a workflow', { workflow: 'mail' }, [3, 1]],
    ['an unknown workflow', { workflow: 'nope' }, []],
    ['a status', { status: 'failed' }, [2, 1]],
    ['statuses, living and ended', { status: ['failed', 'compensating', 'pending'] }, [5, 3, 2, 1]],
    ['a queue', { queue: 'mails' }, [5, 3, 1]],
    ['an unknown queue', { queue: 'nope', status: 'pending' }, []],
    ['a workflow and a status', { workflow: 'mail', status: ['failed', 'completed'] }, [1]],
    ['a workflow and a living status', { workflow: 'mail', status: ['pending', 'running'] }, [3]],
    ['a queue and a living status', { queue: 'mails', status: ['compensating', 'running'] }, [5]],
    ['living statuses', { status: ['waiting', 'running', 'compensating'] }, [5, 4]],
    ['a workflow that is being undone', { workflow: 'order', status: 'compensating' }, [5]],
    ['a step in a loop', { step: 'mail' }, [5]],
    ['a step of an item', { step: 'send' }, [5]],
    ['a loop', { step: 'poll' }, [5]],
    ['a step in another step', { step: 'label' }, [4]],
    ['a step in a block and a status', { step: 'recharge', status: 'compensating' }, [5]],
    ['a step', { step: 'charge' }, [2, 0]],
    ['a step that called others', { step: 'ship' }, [4, 2]],
    ['a step with a slash in its name', { step: 'a/b' }, [4]],
    ['a step and a living status', { step: 'ship', status: 'running' }, [4]],
    ['a step and an ended status', { step: 'ship', status: 'failed' }, [2]],
    ['a step that nobody called', { step: 'refund' }, []],
    ['an attribute', { attributes: { customer: 'acme' } }, [5, 2, 1]],
    ['several attributes', { attributes: { customer: 'acme', vip: true } }, [1]],
    ['an attribute that is null', { attributes: { customer: null } }, [4]],
    ['a number, not its text', { attributes: { total: '5' } }, []],
    [
      'an attribute and a status',
      { attributes: { customer: 'acme' }, status: ['failed', 'compensating'] },
      [5, 2, 1],
    ],
    ['a time', { createdAfter: new Date(BEGIN + 2), createdBefore: new Date(BEGIN + 4) }, [3, 2]],
    [
      'a time and a living status',
      { createdBefore: new Date(BEGIN + 4), status: ['pending', 'running'] },
      [3],
    ],
    ['a time without executions', { createdAfter: new Date(BEGIN + 6) }, []],
    ['a parent', { parentId: idAt(0).toUpperCase() }, [3, 2]],
    ['a parent and a status', { parentId: idAt(0), status: 'pending' }, [3]],
    ['a limit', { limit: 2 }, [5, 4]],
  ])('of %s has these, the newest first, and is counted as many', async (_, filter, expected) => {
    await store(query, rows);
    expect(await listed(filter)).toEqual(expected);
    if (filter.limit === undefined) expect(await reader.count(filter)).toBe(expected.length);
    expect(await allPages({ ...filter, limit: 1 })).toEqual(
      filter.limit === undefined ? expected : [5, 4, 3, 2, 1, 0],
    );
  });

  it('counts all pages, whichever of them the filter is of', async () => {
    await store(query, rows);
    const { cursor } = await reader.list({ limit: 2 });
    expect(await reader.count({ limit: 2, cursor })).toBe(6);
  });

  it('has 50 on a page, unless told otherwise', async () => {
    await store(
      query,
      Array.from({ length: 51 }, (_, at) => ({ at, outcome: 'completed' })),
    );
    const { executions, cursor } = await reader.list();
    expect(executions).toHaveLength(50);
    expect(cursor).toBeDefined();
  });

  it('has no cursor where nothing follows', async () => {
    await store(query, rows);
    expect((await reader.list({ limit: 6 })).cursor).toBeUndefined();
    expect((await reader.list({ limit: 5 })).cursor).toBeDefined();
  });

  it('refuses what is wrong before it asks the database', async () => {
    const closed = new ExecutionReader({
      query: () => Promise.reject(new Error('asked')),
      schema: '"durable"',
      serializer,
    });
    await expect(closed.list({ limit: 0 })).rejects.toThrow(InvalidArgument);
    await expect(closed.count({ queue: '' })).rejects.toThrow(InvalidArgument);
    await expect(closed.list({ cursor: 'rubbish' })).rejects.toThrow(InvalidCursor);
  });

  it('refuses the cursor of another filter, and takes one for another limit', async () => {
    await store(query, rows);
    const { cursor } = await reader.list({ status: 'failed', limit: 1 });
    expect(cursor).toBeDefined();
    await expect(reader.list({ status: 'waiting', limit: 1, cursor })).rejects.toThrow(InvalidCursor);
    await expect(reader.list({ limit: 1, cursor })).rejects.toThrow(InvalidCursor);
    expect(await listed({ status: ['failed'], limit: 9, cursor })).toEqual([1]);
  });
});

describe('The pages of a listing', () => {
  it.each<[string, ExecutionFilter]>([
    ['everything', {}],
    ['a workflow', { workflow: 'order' }],
    ['a queue', { queue: 'default' }],
  ])('of %s neither skip nor repeat while new ones are inserted', async (_, filter) => {
    const before = Array.from({ length: 20 }, (__, index) => index * 2);
    await store(
      query,
      before.map((at) => ({ at, outcome: 'completed' })),
    );
    const found = await allPages({ ...filter, limit: 3 }, async (page) => {
      await store(query, [{ at: 100 + page, outcome: 'completed' }]);
    });
    expect(found).toEqual(before.toReversed());
  });

  it('show what ends between them once', async () => {
    const all = Array.from({ length: 12 }, (_, index) => index);
    await store(
      query,
      all.map((at) => ({ at })),
    );
    const found = await allPages({ status: ['waiting', 'failed'], limit: 3 }, async (page) => {
      await end(query, page, 'failed');
      await end(query, 11 - page, 'failed');
    });
    expect(found).toEqual(all.toReversed());
  });

  it('show what ends between the two queries of one of them once, as it is then', async () => {
    await store(query, [{ at: 0 }, { at: 1 }, { at: 2, outcome: 'failed' }]);
    let ended = false;
    const interrupted = new ExecutionReader({
      schema: '"durable"',
      serializer,
      query: async <Row>(sql: string, parameters?: readonly unknown[]) => {
        const rows = await query<Row>(sql, parameters);
        if (!ended) await end(query, 1, 'failed');
        ended = true;
        return rows;
      },
    });
    const { executions } = await interrupted.list({ status: ['failed', 'waiting'] });
    expect(executions.map(({ status }) => status)).toEqual(['failed', 'failed', 'waiting']);
    expect(offsets(executions)).toEqual([2, 1, 0]);
  });

  it('are complete where the matches lie beyond the window that is looked at first', async () => {
    await query(
      `INSERT INTO durable.workflow_executions (id, workflow, version, queue, outcome, created_at)
       SELECT (lpad(to_hex(${BEGIN} + i::bigint), 12, '0') || '70008000000000000000')::uuid, 'order', 1,
         CASE WHEN i % 3000 = 0 THEN 'rare' ELSE 'default' END, 'completed', to_timestamp(${BEGIN} / 1000.0 + i / 1000.0)
       FROM generate_series(0, 15000) i`,
    );
    expect(await listed({ queue: 'rare' })).toEqual([15000, 12000, 9000, 6000, 3000, 0]);
    expect(await allPages({ queue: 'rare', limit: 2 })).toEqual([15000, 12000, 9000, 6000, 3000, 0]);
    expect(await allPages({ queue: 'rare', limit: 5, createdBefore: new Date(BEGIN + 15000) })).toEqual([
      12000, 9000, 6000, 3000, 0,
    ]);
  });
});
