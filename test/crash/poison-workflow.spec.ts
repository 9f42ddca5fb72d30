import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Arena } from './support/arena.js';
import { audit } from './support/audit.js';
import { SeededRandom } from './support/random.js';

describe('a workflow that kills its worker every time', () => {
  let arena: Arena;
  beforeEach(async () => {
    arena = await Arena.open({ lease: '1s' });
  });
  afterEach(() => arena.close());

  it('is given up after three losses, and its neighbours finish', async () => {
    const random = new SeededRandom(71);
    const client = await arena.client();
    const deaths = arena.replaceTheDead();
    await arena.readyWorkers(2);

    const loads = [arena.load(40, random, [client])];
    const { id } = await client.start('poison', { n: 1, bodyMs: 0 });
    const handle = await client.handle('poison', { id });
    for (let more = 0; more < 3; more += 1) {
      const before = deaths.count;
      await arena.until('it has taken another worker', () => deaths.count > before);
      loads.push(arena.load(40, random, [client]));
    }
    await expect(handle.result({ timeout: '25s' })).rejects.toMatchObject({
      code: 'DURABLE_EXECUTION_FAILED',
      cause: expect.objectContaining({ code: 'DURABLE_WORKER_LOST_REPEATEDLY' }),
    });
    await Promise.all(loads);
    await arena.allEnded();

    expect(deaths.count).toBe(3);
    expect(arena.ranSoFar().filter((effect) => effect.execution === id)).toHaveLength(3);
    expect(await audit(arena, { exceptions: new Set([id]) })).toEqual([]);
  }, 180_000);

  it('is suspected alone: those that were lost with it twice are finished one after the other', async () => {
    const random = new SeededRandom(72);
    const client = await arena.client();
    // Everything was claimed by one worker, and dies with it before any of it is recorded; twice.
    for (let loss = 1; loss <= 2; loss += 1) {
      const doomed = arena.worker({ name: 'before-flush', passing: 1 });
      await doomed.ready;
      if (loss === 1) await arena.load(15, random, [client]);
      await doomed.exited;
      await arena.until('the loss is counted', async () => {
        const rows = await arena.query('SELECT 1 FROM durable.workflow_queue WHERE lost = $1', [loss]);
        return rows.length > 0;
      });
    }
    await arena.readyWorkers(1);
    await arena.allEnded();

    expect(await audit(arena)).toEqual([]);
  }, 180_000);
});
