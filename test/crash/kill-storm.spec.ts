import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Arena } from './support/arena.js';
import { audit } from './support/audit.js';
import { SeededRandom } from './support/random.js';

const KILLS = 6;
const EXECUTIONS_A_KILL = 30;

describe('a storm of kills', () => {
  let arena: Arena;
  beforeEach(async () => {
    arena = await Arena.open({ lease: '1s' });
  });
  afterEach(() => arena.close());

  it.each([{ seed: 11 }, { seed: 12 }])(
    'loses nothing and repeats nothing that was recorded (seed $seed)',
    async ({ seed }) => {
      const random = new SeededRandom(seed);
      await arena.readyWorkers(3);
      const client = await arena.client();

      for (let kill = 1; kill <= KILLS; kill += 1) {
        const victim = random.pick(living(arena));
        const load = arena.load(EXECUTIONS_A_KILL, random, [client, ...living(arena)]);
        // It may have died a moment after its boot, or in the middle of its work.
        await new Promise((resolve) => setTimeout(resolve, random.between(0, 250)));
        await Promise.all([victim.kill(), arena.worker().ready]);
        await load;
      }
      await arena.allEnded();

      expect(await audit(arena)).toEqual([]);
      expect(arena.acknowledged.size).toBeGreaterThan((KILLS * EXECUTIONS_A_KILL) / 3);
    },
    180_000,
  );
});

function living({ workers }: Arena): [Arena['workers'][0], ...Arena['workers']] {
  const [first, ...others] = workers.filter(({ isAlive }) => isAlive);
  if (first === undefined) throw new Error('No worker lives.');
  return [first, ...others];
}
