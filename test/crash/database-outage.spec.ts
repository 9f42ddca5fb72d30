import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { StopMode } from '../support/postgres-server.js';
import { Arena } from './support/arena.js';
import { audit } from './support/audit.js';
import { SeededRandom } from './support/random.js';

const OUTAGE_MS = 10_000;

describe('PostgreSQL that is away for longer than a lease', () => {
  let arena: Arena;
  beforeEach(async () => {
    // Each has one lease of the other's good heartbeats to come back in: enough on a busy machine, too.
    arena = await Arena.open({ lease: '5s' });
  });
  afterEach(() => arena.close());

  it.each<{ mode: StopMode; seed: number }>([
    { mode: 'fast', seed: 51 },
    { mode: 'immediate', seed: 52 },
  ])(
    'and was stopped ($mode): processes wait, nothing acknowledged is lost, and nobody is reaped',
    async ({ mode, seed }) => {
      const random = new SeededRandom(seed);
      const workers = await arena.readyWorkers(2);
      const client = await arena.client();

      const load = arena.load(200, random, [...workers, client]);
      await new Promise((resolve) => setTimeout(resolve, random.between(100, 400)));
      await arena.server.stop(mode);
      const duringOutage = arena.load(30, random, [...workers, client]);
      await new Promise((resolve) => setTimeout(resolve, OUTAGE_MS));
      await arena.server.start();
      await Promise.all([load, duringOutage]);
      await arena.allEnded();

      const dead = workers.filter(({ isAlive }) => !isAlive);
      if (dead.length > 0) throw new Error(`${dead.length} of the workers have died:\n${arena.log()}`);
      expect(arena.acknowledged.size + arena.refusals.length).toBe(230);
      expect(arena.acknowledged.size).toBeGreaterThan(150);
      expect(await audit(arena)).toEqual([]);
      // Everybody was silent for longer than a lease, and everybody came back as who they were.
      expect(
        await arena.query('SELECT id FROM durable.workers WHERE NOT alive AND pid <> $1', [process.pid]),
      ).toEqual([]);
    },
    180_000,
  );
});
