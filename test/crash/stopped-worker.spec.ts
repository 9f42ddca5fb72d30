import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Arena } from './support/arena.js';
import { audit } from './support/audit.js';
import { SeededRandom } from './support/random.js';

describe('a worker that is stopped for longer than its lease', () => {
  let arena: Arena;
  beforeEach(async () => {
    arena = await Arena.open({ lease: '1s' });
  });
  afterEach(() => arena.close());

  it('records nothing more as what it was, and works on as a new worker', async () => {
    const random = new SeededRandom(21);
    const [stopped, other] = await arena.readyWorkers(2);
    if (stopped === undefined || other === undefined) throw new Error('There are two workers.');
    const client = await arena.client();

    for (let round = 1; round <= 3; round += 1) {
      const before = await workerOf(arena, stopped.pid);
      const load = arena.load(80, random, [client, other, stopped]);
      await new Promise((resolve) => setTimeout(resolve, random.between(20, 200)));
      stopped.signal('SIGSTOP');
      await arena.until(
        'it was declared dead',
        async () => (await workerOf(arena, stopped.pid)) === undefined,
      );
      stopped.signal('SIGCONT');
      await load;
      await arena.until(
        'it is a worker again',
        async () => (await workerOf(arena, stopped.pid)) !== undefined,
      );
      expect(await workerOf(arena, stopped.pid)).not.toBe(before);
    }
    expect(stopped.isAlive).toBe(true);
    await other.kill();
    await arena.load(20, random, [client, stopped]);
    await arena.allEnded();

    expect(await audit(arena)).toEqual([]);
  }, 120_000);

  it('commits no transactional step that it had begun before', async () => {
    const [first, other] = await arena.readyWorkers(2);
    if (first === undefined || other === undefined) throw new Error('There are two workers.');
    // It is there already, because a process takes its time to start, but leaves the work to the first one.
    other.signal('SIGSTOP');
    // Its body takes so long that the other worker's run of it has begun, and not ended, when the first goes on.
    const id = await first.start('slow_booking', { n: 1, bodyMs: 4_000 });
    if (id !== undefined) arena.acknowledged.add(id);
    await arena.until('the body runs', () => runsOf(arena, 'book') === 1);
    first.signal('SIGSTOP');
    other.signal('SIGCONT');
    await arena.until('the other one has begun it', () => runsOf(arena, 'book') === 2);
    first.signal('SIGCONT');
    await arena.allEnded();

    expect(other.isAlive).toBe(true);
    expect(await audit(arena)).toEqual([]);
  }, 120_000);

  it('begins no transactional step that was still waiting for a connection', async () => {
    const [[first], [other]] = await Promise.all([
      arena.readyWorkers(1, { ownConnections: 1 }),
      arena.readyWorkers(1),
    ]);
    other?.signal('SIGSTOP');
    const slow = await first?.start('slow_booking', { n: 1, bodyMs: 3_000 });
    await arena.until('the only connection is taken', () => runsOf(arena, 'book') === 1);
    const waiting = await first?.start('booking', { n: 2, bodyMs: 0 });
    await arena.until('the next one waits for it', async () => {
      const lines = await arena.query('SELECT 1 FROM durable.step_executions WHERE execution_id = $1', [
        waiting,
      ]);
      return lines.length === 1;
    });
    first?.signal('SIGSTOP');
    other?.signal('SIGCONT');
    await arena.until('others have done it', async () => {
      const rows = await arena.query(
        'SELECT 1 FROM durable.workflow_executions WHERE id = $1 AND outcome IS NOT NULL',
        [waiting],
      );
      return rows.length === 1;
    });
    first?.signal('SIGCONT');
    // The other's run of the slow one began later than the first's, whose end frees the connection.
    await arena.allEnded();

    expect(arena.ranSoFar().filter(({ execution }) => execution === slow).length).toBeGreaterThan(2);
    expect(await audit(arena)).toEqual([]);
  }, 120_000);

  it('reaps nobody when all of them were stopped together', async () => {
    const random = new SeededRandom(23);
    const workers = await arena.readyWorkers(3);
    const load = arena.load(100, random, workers);
    // A machine that was suspended, seen from inside: nobody's connection ends, and the time has gone on.
    for (const worker of workers) worker.signal('SIGSTOP');
    await arena.until('all leases are over', async () => {
      const [row] = await arena.query<{ silent: string }>(
        `SELECT count(*) AS silent FROM durable.workers
         WHERE alive AND pid = ANY($1) AND seen_at < now() - lease_ms * interval '1.5 millisecond'`,
        [workers.map(({ pid }) => pid)],
      );
      return Number(row?.silent) === workers.length;
    });
    for (const worker of workers) worker.signal('SIGCONT');
    await load;
    await arena.allEnded();

    expect(
      await arena.query('SELECT id FROM durable.workers WHERE NOT alive AND pid <> $1', [process.pid]),
    ).toEqual([]);
    expect(await audit(arena, { repeats: false })).toEqual([]);
  }, 120_000);
});

describe('a worker that is declared dead while it works', () => {
  let arena: Arena;
  beforeEach(async () => {
    arena = await Arena.open({ lease: '2s' });
  });
  afterEach(() => arena.close());

  it('is stopped by the fence alone: its connection is as good as ever', async () => {
    const random = new SeededRandom(24);
    const workers = await arena.readyWorkers(2);

    for (let round = 1; round <= 5; round += 1) {
      const load = arena.load(60, random, workers);
      await new Promise((resolve) => setTimeout(resolve, random.between(20, 150)));
      const { pid } = random.pick([workers[0], ...workers]) ?? { pid: 0 };
      const before = await workerOf(arena, pid);
      // As the reaper does it: transactional steps that are about to commit come first.
      await arena.query(
        `WITH locked AS (SELECT id FROM durable.workers WHERE id = $1 FOR UPDATE)
         UPDATE durable.workers w SET alive = false FROM locked WHERE w.id = locked.id`,
        [before],
      );
      await arena.until('it is a worker again', async () => (await workerOf(arena, pid)) !== undefined);
      expect(await workerOf(arena, pid)).not.toBe(before);
      await load;
    }
    await arena.allEnded();

    expect(workers.every(({ isAlive }) => isAlive)).toBe(true);
    expect(arena.refusals).toEqual([]);
    expect(arena.acknowledged.size).toBe(300);
    expect(await audit(arena)).toEqual([]);
  }, 120_000);
});

async function workerOf(arena: Arena, pid: number): Promise<string | undefined> {
  const rows = await arena.query<{ id: string }>('SELECT id FROM durable.workers WHERE pid = $1 AND alive', [
    pid,
  ]);
  return rows[0]?.id;
}

function runsOf(arena: Arena, path: string): number {
  return arena.ranSoFar().filter((effect) => effect.path === path).length;
}
