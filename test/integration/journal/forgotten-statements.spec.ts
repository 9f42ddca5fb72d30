import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { JournalRig, type RiggedJournal, settle } from '../../support/journal-rig.js';
import { annotation, line } from '../../support/records.js';

function clientOf({ clients }: RiggedJournal): Client {
  const client = clients.at(-1);
  if (client === undefined) throw new Error('The lane has no client.');
  return client;
}

async function preparedBy(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>('SELECT name FROM pg_prepared_statements');
  return rows.map(({ name }) => name);
}

describe('Prepared statements that the server has forgotten', () => {
  let rig: JournalRig;

  beforeAll(async () => {
    rig = await JournalRig.create();
  });

  afterEach(() => rig.closeJournals());
  afterAll(() => rig.dispose());

  it.each(['DISCARD ALL', 'DEALLOCATE ALL'])(
    '%s: the next flush goes through all the same',
    async (forget) => {
      const rigged = await rig.journal();
      const { journal, worker } = rigged;
      const executionId = await rig.running(worker);
      await settle(journal, line({ executionId }));
      await clientOf(rigged).query(forget);
      expect(await settle(journal, line({ executionId, seq: 2 }), annotation({ executionId }))).toEqual([
        true,
        true,
      ]);
      expect(await rig.seqs(executionId)).toEqual([1, 2]);
      // Once is no habit: the statements are prepared again.
      expect(await preparedBy(clientOf(rigged))).toContain('durable_history');
    },
  );

  it('again and again, as behind a pooler: goes on without names', async () => {
    const rigged = await rig.journal();
    const { journal, worker, connection } = rigged;
    const executionId = await rig.running(worker);
    const send = connection.send.bind(connection);
    connection.send = async (statements) => {
      // Each transaction may come to another server, which knows nothing of the one before.
      await clientOf(rigged).query('DEALLOCATE ALL');
      return await send(statements);
    };
    const before = await rig.flushNo(worker);
    for (let seq = 1; seq <= 10; seq += 1) {
      expect(await settle(journal, line({ executionId, seq }))).toEqual([true]);
    }
    expect(await rig.seqs(executionId)).toHaveLength(10);
    expect(await rig.flushNo(worker)).toBe(before + 10);
  });

  it('a plan that does not fit the table any more: goes on', async () => {
    const rigged = await rig.journal();
    const { journal, worker, claims } = rigged;
    claims.want(1);
    journal.kick();
    await claims.answer();
    await rig.query('ALTER TABLE durable.workflow_queue ALTER COLUMN lost TYPE integer');
    const id = await rig.execution();
    claims.want(1);
    journal.kick();
    await claims.answer();
    expect(claims.taken.map((taken) => taken.id)).toEqual([id]);
    expect((await rig.queueRow(id))?.worker).toBe(worker.id);
    await rig.query('ALTER TABLE durable.workflow_queue ALTER COLUMN lost TYPE smallint');
  });

  it('an error of the first flush leaves no statement half prepared', async () => {
    const rigged = await rig.journal();
    const { journal, worker } = rigged;
    const executionId = await rig.running(worker);
    const [refused] = await settle(journal, line({ executionId, output: 'no json' }));
    expect(refused).toBeInstanceOf(Error);
    expect(await settle(journal, line({ executionId }), annotation({ executionId }))).toEqual([true, true]);
  });
});

describe('A database that cannot take anything for the moment', () => {
  let rig: JournalRig;

  beforeAll(async () => {
    rig = await JournalRig.create();
  });

  afterEach(() => rig.closeJournals());
  afterAll(() => rig.dispose());

  it('loses nothing: the flush is tried again, and the worker lives on', async () => {
    const { journal, worker, lost } = await rig.journal();
    const executionId = await rig.running(worker);
    await rig.query('ALTER TABLE durable.step_executions RENAME TO hidden');
    const told = settle(journal, line({ executionId }));
    await rig.query('ALTER TABLE durable.hidden RENAME TO step_executions');
    expect(await told).toEqual([true]);
    expect(lost).toEqual([]);
  });

  it('a statement that the server ends by its own time-out is tried again', async () => {
    const rigged = await rig.journal();
    const { journal, worker, lost } = rigged;
    const executionId = await rig.running(worker);
    await clientOf(rigged).query(`SET statement_timeout = '50ms'`);
    const stranger = await rig.transaction([
      'SELECT 1 FROM durable.workers WHERE id = $1 FOR UPDATE',
      [worker.id],
    ]);
    const told = settle(journal, line({ executionId }));
    await stranger.query('SELECT pg_sleep(0.2)');
    await stranger.end();
    expect(await told).toEqual([true]);
    expect(lost).toEqual([]);
  });
});
