import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { JournalRig, settle } from '../../support/journal-rig.js';
import { annotation, ending, line, reclaim, release, someTime, start } from '../../support/records.js';

describe('The journal', () => {
  let rig: JournalRig;

  beforeAll(async () => {
    rig = await JournalRig.create();
  });

  afterEach(() => rig.closeJournals());
  afterAll(() => rig.dispose());

  it('ends an execution once: the queue row goes, and only then is the outcome written', async () => {
    const { journal, worker } = await rig.journal();
    const executionId = await rig.running(worker);
    expect(await settle(journal, ending({ executionId, output: '{"paid":true}' }))).toEqual([true]);
    expect(await rig.queueRow(executionId)).toBeUndefined();
    expect(await rig.outcomeOf(executionId)).toBe('completed');
    expect(await settle(journal, ending({ executionId, outcome: 'failed', error: '{}' }))).toEqual([false]);
    expect(await rig.outcomeOf(executionId)).toBe('completed');
  });

  it.each([
    ['an owner of an earlier epoch', { epoch: 2 }],
    ['another worker', { worker: 999_999 }],
    ['nobody, while it waits', { worker: null, state: 2 }],
  ])('lets %s end nothing', async (_, row) => {
    const { journal, worker } = await rig.journal();
    const executionId = await rig.running(worker, row);
    expect(await settle(journal, ending({ executionId }))).toEqual([false]);
    expect(await rig.queueRow(executionId)).toBeDefined();
    expect(await rig.outcomeOf(executionId)).toBeNull();
  });

  it('stores the last step and the end in one flush', async () => {
    const { journal, worker } = await rig.journal();
    const executionId = await rig.running(worker);
    const before = await rig.flushNo(worker);
    await settle(
      journal,
      line({ executionId }),
      annotation({ executionId, progress: '1' }),
      ending({ executionId }),
    );
    expect(await rig.flushNo(worker)).toBe(before + 1);
    expect(await rig.seqs(executionId)).toEqual([1]);
  });

  it('stores the next try together with the end of the one that failed', async () => {
    const { journal, worker } = await rig.journal();
    const executionId = await rig.running(worker);
    const retry = start({ originId: executionId, retryNo: 1, dueAt: someTime });
    await settle(journal, ending({ executionId, outcome: 'failed', error: '{}', retry }));
    const [row] = await rig.query<{ retried: string }>(
      'SELECT retried_as AS retried FROM durable.workflow_executions WHERE id = $1',
      [executionId],
    );
    expect(row?.retried).toBe(retry.executionId);
    expect(await rig.queueRow(retry.executionId)).toMatchObject({ state: 2, worker: null, epoch: 0 });
  });

  it('gives back what it releases, at the end of the line', async () => {
    const { journal, worker } = await rig.journal();
    const executionId = await rig.running(worker, { lost: 1, signals: 4 });
    expect(await settle(journal, release({ executionId }))).toEqual([true]);
    expect(await rig.queueRow(executionId)).toEqual({
      state: 0,
      worker: null,
      epoch: 1,
      signals: 4,
      lost: 1,
    });
    expect(await settle(journal, release({ executionId }))).toEqual([false]);
  });

  it('takes back what was parked, unless somebody else has had it or wants its end', async () => {
    const { journal, worker } = await rig.journal();
    const [parked, woken, elsewhere, cancelled, owned] = await Promise.all([
      rig.execution({ state: 2, epoch: 3, due_at: new Date('2100-01-01') }),
      rig.execution({ state: 0, epoch: 3 }),
      rig.execution({ state: 2, epoch: 5 }),
      rig.execution({ state: 2, epoch: 3, cancel: 1 }),
      rig.execution({ state: 1, epoch: 3, worker: 999_999 }),
    ]);
    const ids = [parked, woken, elsewhere, cancelled, owned];
    const verdicts = await settle(journal, ...ids.map((executionId) => reclaim({ executionId, epoch: 3 })));
    expect(verdicts).toEqual([true, true, false, false, false]);
    expect(await rig.queueRow(parked)).toMatchObject({ state: 1, worker: worker.id, epoch: 4 });
  });

  it('puts together what one execution says of itself several times', async () => {
    const { journal, worker } = await rig.journal();
    const executionId = await rig.running(worker);
    const read = async (): Promise<unknown> => {
      const [row] = await rig.query<{ attributes: unknown; progress: unknown }>(
        'SELECT attributes, progress FROM durable.workflow_executions WHERE id = $1',
        [executionId],
      );
      return row;
    };
    await settle(
      journal,
      annotation({ executionId, attributes: { a: 1, b: 1 } }),
      annotation({ executionId, progress: '{"percent":1}' }),
      annotation({ executionId, attributes: { b: 2, ['__proto__']: 'kept' } }),
      annotation({ executionId, progress: '{"percent":2}' }),
    );
    expect(await read()).toEqual({
      attributes: JSON.parse('{"a":1,"b":2,"__proto__":"kept"}'),
      progress: { percent: 2 },
    });
    await settle(journal, annotation({ executionId, attributes: { c: null } }));
    expect(await read()).toMatchObject({ attributes: { a: 1, b: 2, c: null }, progress: { percent: 2 } });
    await settle(journal, ending({ executionId }));
    await settle(journal, annotation({ executionId, progress: '{"percent":3}' }));
    expect(await read()).toMatchObject({ progress: { percent: 2 } });
  });

  it('stores starts that it owns at once, that are ready, and that wait', async () => {
    const { journal, worker } = await rig.journal();
    const [eager, ready, later] = [start({ eager: true }), start(), start({ dueAt: someTime })];
    expect(await settle(journal, eager, ready, later)).toEqual([true, true, true]);
    expect(await rig.queueRow(eager.executionId)).toMatchObject({ state: 1, worker: worker.id, epoch: 1 });
    expect(await rig.queueRow(ready.executionId)).toMatchObject({ state: 0, worker: null, epoch: 0 });
    expect(await rig.queueRow(later.executionId)).toMatchObject({ state: 2, worker: null, epoch: 0 });
  });

  it('carries every column of a start there and back', async () => {
    const { journal } = await rig.journal();
    const originId = randomUUID();
    const full = start({
      workflow: 'späte 注文',
      version: 7,
      priority: -3,
      input: '{"a":"é 語 😀"}',
      attributes: '{"customer":"c"}',
      deadlineAt: someTime + 1,
      expiresAt: someTime + 2,
      timeout: 2 ** 40,
      retryNo: 2,
      originId,
    });
    await settle(journal, full);
    const [row] = await rig.query(
      `SELECT e.workflow, e.version, e.queue, e.priority, e.input::text AS input, e.attributes, e.retry_no, e.origin_id,
         e.timeout_ms::float8 AS timeout, e.created_at, q.deadline_at, q.expires_at, q.rank::float8 AS rank
       FROM durable.workflow_executions e JOIN durable.workflow_queue q USING (id) WHERE id = $1`,
      [full.executionId],
    );
    expect(row).toEqual({
      workflow: full.workflow,
      version: 7,
      queue: 'default',
      priority: -3,
      input: full.input,
      attributes: { customer: 'c' },
      retry_no: 2,
      origin_id: originId,
      timeout: 2 ** 40,
      created_at: new Date(someTime),
      deadline_at: new Date(someTime + 1),
      expires_at: new Date(someTime + 2),
      rank: someTime + 3 * 60_000,
    });
  });
});
