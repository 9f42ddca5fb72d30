import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  differences,
  faultsOf,
  type Story,
  storedExecution,
  storyOf,
} from '../integration/random-pipelines/story.js';
import type { BodyRun } from '../integration/random-pipelines/planned-bodies.js';
import { culpritsIn, undoableIn } from '../integration/random-pipelines/pipeline-plan.js';
import { randomPlan } from '../integration/random-pipelines/random-plan.js';
import { Arena } from './support/arena.js';
import { SeededRandom } from './support/random.js';

const SEEDS = Array.from({ length: 40 }, (_, n) => n + 1);
/** So many of them are killed: those with the most to undo. */
const VICTIMS = 6;
const KILLS_OF_EACH = 3;

describe('a random pipeline whose worker is killed', () => {
  let arena: Arena;
  beforeEach(async () => {
    arena = await Arena.open({ lease: '1s', seeds: SEEDS });
  });
  afterEach(() => arena.close());

  it('gives the same output, the same undos and the same history', async () => {
    const random = new SeededRandom(31);
    const client = await arena.client();
    await arena.readyWorkers(1);
    const models = new Map<number, string>();
    for (const seed of SEEDS) models.set(seed, (await client.start(`random_${seed}`, { seed })).id);
    await arena.allEnded();

    const victims = await richest();
    const killed: { readonly seed: number; readonly id: string; readonly point: number }[] = [];
    for (let kill = 0; kill < KILLS_OF_EACH; kill += 1) {
      await Promise.all(
        victims.map(async (seed) => {
          const point = random.between(1, (await linesOf(models.get(seed) ?? '')) - 1);
          const doomed = arena.worker({ name: 'recorded', passing: point }, { concurrency: 1 });
          await doomed.ready;
          const id = await doomed.start(`random_${seed}`, { seed });
          if (id !== undefined) killed.push({ seed, id, point });
          // What it runs may be what another one has left.
          await arena.until(
            'it is dead, or has nothing to do',
            async () => !doomed.isAlive || (await hasEnded(id)),
          );
          await doomed.kill();
        }),
      );
    }
    await arena.allEnded();

    const faults: string[] = [];
    for (const { seed, id, point } of killed) {
      const [model, story] = [await told(models.get(seed) ?? '', seed), await told(id, seed)];
      faults.push(
        ...[...differences(model.story, story.story), ...story.faults].map(
          (fault) => `seed ${seed}, killed after record ${point}: ${fault}`,
        ),
      );
    }
    expect(faults).toEqual([]);
    expect(killed.length).toBeGreaterThan(VICTIMS);
    expect(await arena.query('SELECT at, what, details FROM audit.violations LIMIT 20')).toEqual([]);
  }, 120_000);

  async function richest(): Promise<number[]> {
    const rows = await arena.query<{ seed: number }>(
      `SELECT (input->>'seed')::int AS seed FROM durable.workflow_executions
       ORDER BY coalesce(json_array_length(compensation_results), 0) DESC, id LIMIT ${VICTIMS}`,
    );
    return rows.map(({ seed }) => seed);
  }

  async function linesOf(id: string): Promise<number> {
    const [row] = await arena.query<{ count: string }>(
      'SELECT count(*) FROM durable.step_executions WHERE execution_id = $1',
      [id],
    );
    return Number(row?.count);
  }

  async function hasEnded(id: string | undefined): Promise<boolean> {
    const rows = await arena.query(
      'SELECT 1 FROM durable.workflow_executions WHERE id = $1 AND outcome IS NOT NULL',
      [id],
    );
    return rows.length === 1;
  }

  async function told(id: string, seed: number): Promise<{ story: Story; faults: string[] }> {
    const runs: BodyRun[] = arena
      .ranSoFar()
      .filter(({ execution }) => execution === id)
      .map(({ execution, path, attempt, args }) => ({ execution, path, attempt, args }));
    const { nodes } = randomPlan(seed);
    const stopped = new Set(culpritsIn(nodes).keys());
    const stored = await storedExecution(arena, id);
    return { story: storyOf(stored, runs, stopped), faults: faultsOf(stored, runs, undoableIn(nodes)) };
  }
});
