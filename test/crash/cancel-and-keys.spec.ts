import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Arena } from './support/arena.js';
import { audit } from './support/audit.js';

/** The promise is a second; a slow machine is given more. */
const WITHIN_MS = 3_000;

describe('between processes', () => {
  let arena: Arena;
  beforeEach(async () => {
    arena = await Arena.open({ lease: '5s' });
  });
  afterEach(() => arena.close());

  it('a cancel reaches the body that runs through its signal', async () => {
    const workers = await arena.readyWorkers(2);
    const client = await arena.client();
    const aborted = new Map<string, number>();
    for (const worker of workers) {
      worker.onMessage((message) => {
        if (message.type === 'aborted') aborted.set(message.id, performance.now());
      });
    }
    const handles = await Promise.all(
      Array.from({ length: 10 }, (_, n) => client.start('long', { n, bodyMs: 300_000 })),
    );
    await arena.until('all bodies run', () => arena.ranSoFar().length === handles.length);

    const asked = new Map<string, number>();
    for (const { id } of handles) {
      asked.set(id, performance.now());
      await client.cancel(id, 'no longer wanted');
    }
    for (const handle of handles) {
      await expect(handle.result({ timeout: '20s' })).rejects.toMatchObject({
        code: 'DURABLE_EXECUTION_CANCELLED',
      });
    }
    for (const { id } of handles) {
      expect((aborted.get(id) ?? Infinity) - (asked.get(id) ?? 0)).toBeLessThan(WITHIN_MS);
    }
    const ids = new Set(handles.map(({ id }) => id));
    expect(await audit(arena, { repeats: false, exceptions: ids })).toEqual([]);
    // What a body did during the cancel is recorded.
    const [recorded] = await arena.query<{ count: string }>(
      `SELECT count(*) FROM durable.step_executions WHERE path = 'last' AND outcome = 'completed'`,
    );
    expect(Number(recorded?.count)).toBe(handles.length);
  }, 180_000);

  it('twenty starts with one key are one execution', async () => {
    const workers = await arena.readyWorkers(4);
    const client = await arena.client();
    for (let key = 1; key <= 10; key += 1) {
      const input = { n: key, bodyMs: 5 };
      const ids = await Promise.all([
        ...workers.flatMap((worker) =>
          Array.from({ length: 4 }, () => worker.start('order', input, `key ${key}`)),
        ),
        ...Array.from(
          { length: 4 },
          async () => (await client.start('order', input, { key: `key ${key}` })).id,
        ),
      ]);
      expect(ids).toHaveLength(20);
      expect(new Set(ids).size).toBe(1);
      for (const id of ids) if (id !== undefined) arena.acknowledged.add(id);
    }
    await arena.allEnded();

    const rows = await arena.query('SELECT id FROM durable.workflow_executions');
    expect(rows).toHaveLength(10);
    expect(await audit(arena, { repeats: false })).toEqual([]);
  }, 180_000);
});
