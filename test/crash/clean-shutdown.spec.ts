import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Arena } from './support/arena.js';
import { audit } from './support/audit.js';
import { SeededRandom } from './support/random.js';

const ROUNDS = 5;

describe('a clean shutdown under load', () => {
  let arena: Arena;
  beforeEach(async () => {
    // With such a lease, whoever waited for its end would not be done in time.
    arena = await Arena.open({ lease: '120s' });
  });
  afterEach(() => arena.close());

  it.each([{ seed: 101 }, { seed: 102 }])(
    'hands over at once, and nothing is lost or run twice (seed $seed)',
    async ({ seed }) => {
      const random = new SeededRandom(seed);
      const client = await arena.client();
      let [leaving] = await arena.readyWorkers(1);

      for (let round = 1; round <= ROUNDS && leaving !== undefined; round += 1) {
        const successor = arena.worker();
        const load = arena.load(60, random, [client, leaving]);
        await new Promise((resolve) => setTimeout(resolve, random.between(0, 300)));
        leaving.signal('SIGTERM');
        await leaving.exited;
        await Promise.all([load, successor.ready]);
        leaving = successor;
      }
      await arena.allEnded();

      expect(await arena.query('SELECT * FROM audit.losses')).toEqual([]);
      expect(await audit(arena, { repeats: false })).toEqual([]);
    },
    180_000,
  );
});
