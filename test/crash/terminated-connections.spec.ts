import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Arena } from './support/arena.js';
import { audit } from './support/audit.js';
import { SeededRandom } from './support/random.js';

const STORMS = 15;

describe('an administrator who ends all our connections, again and again', () => {
  let arena: Arena;
  beforeEach(async () => {
    arena = await Arena.open({ lease: '5s' });
  });
  afterEach(() => arena.close());

  it.each([{ seed: 41 }, { seed: 42 }])(
    'costs nothing but time (seed $seed)',
    async ({ seed }) => {
      const random = new SeededRandom(seed);
      const workers = await arena.readyWorkers(2);
      const client = await arena.client();

      const loads: Promise<void>[] = [];
      for (let storm = 1; storm <= STORMS; storm += 1) {
        loads.push(arena.load(20, random, [...workers, client]));
        await new Promise((resolve) => setTimeout(resolve, random.between(0, 150)));
        // Ours: what TypeORM makes of the application's own is its affair.
        await arena.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'durable %'`,
        );
      }
      await Promise.all(loads);
      await arena.allEnded();

      expect(workers.every(({ isAlive }) => isAlive)).toBe(true);
      expect(arena.acknowledged.size + arena.refusals.length).toBe(STORMS * 20);
      expect(arena.acknowledged.size).toBeGreaterThan(STORMS * 10);
      // Nobody was away for as long as a lease, so nothing has run twice.
      expect(await audit(arena, { repeats: false })).toEqual([]);
      expect(
        await arena.query('SELECT id FROM durable.workers WHERE NOT alive AND pid <> $1', [process.pid]),
      ).toEqual([]);
    },
    180_000,
  );
});
