import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Arena } from './support/arena.js';
import { audit } from './support/audit.js';
import type { Spoil } from './support/settings.js';

const NEIGHBOURS = 499;

describe('one record among five hundred that cannot be stored', () => {
  let arena: Arena;
  beforeEach(async () => {
    arena = await Arena.open({ lease: '5s', concurrency: 600 });
  });
  afterEach(() => arena.close());

  it.each<{ spoil: Spoil; problem: string }>([
    { spoil: 'overflow', problem: 'a number that its column does not hold' },
    { spoil: 'nul', problem: 'a text with NUL' },
    { spoil: 'not-json', problem: 'a text that is not JSON' },
    { spoil: 'not-encodable', problem: 'a number that cannot even be sent' },
  ])(
    'because of $problem: fails its execution and harms no other',
    async ({ spoil }) => {
      const [worker] = await arena.readyWorkers(1, { spoil });
      const client = await arena.client();
      const starts = Array.from({ length: NEIGHBOURS }, (_, n) => worker?.start('order', { n, bodyMs: 20 }));
      const bad = await worker?.start('spoiled', { n: 0, bodyMs: 20 });
      for (const id of await Promise.all(starts)) if (id !== undefined) arena.acknowledged.add(id);
      if (bad === undefined) throw new Error('It could not even be started.');
      await arena.allEnded();

      expect(arena.acknowledged.size).toBe(NEIGHBOURS);
      const { status } = await client.getExecution(bad);
      expect(status).toBe('failed');
      const handle = await client.handle('spoiled', { id: bad });
      await expect(handle.result()).rejects.toMatchObject({
        cause: expect.objectContaining({ code: 'DURABLE_RECORD_REFUSED' }),
      });
      expect(await audit(arena, { repeats: false, exceptions: new Set([bad]) })).toEqual([]);
    },
    180_000,
  );

  it('because its start is wrong: refuses that start alone', async () => {
    const [worker] = await arena.readyWorkers(1, { spoil: 'start' });
    const starts = Array.from({ length: NEIGHBOURS }, (_, n) => worker?.start('order', { n, bodyMs: 0 }));
    const bad = worker?.start('spoiled', { n: 0, bodyMs: 0 });
    await expect(bad).rejects.toThrow('RecordRefused');
    for (const id of await Promise.all(starts)) if (id !== undefined) arena.acknowledged.add(id);
    await arena.allEnded();

    expect(arena.acknowledged.size).toBe(NEIGHBOURS);
    expect(await audit(arena, { repeats: false })).toEqual([]);
  }, 180_000);
});

describe('a row that somebody else has locked', () => {
  let arena: Arena;
  beforeEach(async () => {
    arena = await Arena.open({ lease: '2s', concurrency: 200 });
  });
  afterEach(() => arena.close());

  it('holds up its own execution and no other', async () => {
    const [worker] = await arena.readyWorkers(1);
    const held = await worker?.start('order', { n: 0, bodyMs: 100 });
    const stranger = await arena.connect();
    await stranger.query('BEGIN');
    const { rowCount } = await stranger.query(
      'SELECT 1 FROM durable.workflow_queue WHERE id = $1 FOR UPDATE',
      [held],
    );
    expect(rowCount).toBe(1);

    const starts = Array.from({ length: 300 }, (_, n) => worker?.start('order', { n, bodyMs: 50 }));
    for (const id of await Promise.all(starts)) if (id !== undefined) arena.acknowledged.add(id);
    await arena.until('all others have ended', async () => (await living(arena)) === 1);
    await stranger.query('COMMIT');
    await stranger.end();
    await arena.allEnded();

    expect(await audit(arena, { repeats: false })).toEqual([]);
    expect(
      await arena.query('SELECT id FROM durable.workers WHERE NOT alive AND pid <> $1', [process.pid]),
    ).toEqual([]);
  }, 180_000);
});

async function living(arena: Arena): Promise<number> {
  const rows = await arena.query('SELECT 1 FROM durable.workflow_executions WHERE outcome IS NULL');
  return rows.length;
}
