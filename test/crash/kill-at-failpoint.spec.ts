import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Arena } from './support/arena.js';
import { audit } from './support/audit.js';
import { SeededRandom } from './support/random.js';
import type { FailpointName } from './support/settings.js';

const failpoints: readonly FailpointName[] = [
  'after-claim',
  'inside-step',
  'before-flush',
  'flush-sent',
  'after-commit',
  'before-completion',
];
const KILLS = 2;
const EXECUTIONS = 60;

describe('a worker that dies', () => {
  let arena: Arena;
  beforeEach(async () => {
    arena = await Arena.open({ lease: '1s' });
  });
  afterEach(() => arena.close());

  it.each(failpoints.map((name, seed) => ({ name, seed: seed + 1 })))(
    'at "$name" loses nothing and repeats nothing that was recorded',
    async ({ name, seed }) => {
      const random = new SeededRandom(seed);
      const [survivor] = await arena.readyWorkers(1);
      const client = await arena.client();
      if (survivor === undefined) throw new Error('There is no worker to take over.');

      for (let kill = 1; kill <= KILLS; kill += 1) {
        const doomed = arena.worker({ name, passing: random.between(2, 12) });
        await doomed.ready;
        // Until it is dead there is work for it.
        while (doomed.isAlive) await arena.load(EXECUTIONS, random, [client, survivor, doomed]);
      }
      await arena.allEnded();

      expect(await audit(arena)).toEqual([]);
      expect(arena.acknowledged.size).toBeGreaterThan((KILLS * EXECUTIONS) / 3);
    },
    180_000,
  );
});
