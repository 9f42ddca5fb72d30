import { SiblingFailed } from '../../errors/block.error.js';
import type { Settled } from '../../definition/settled.js';
import type { Strand } from '../strand.js';
import type { PipelineRun } from './pipeline-run.js';

/** Work that is done for each place of a list, with a bounded number of them under way. */
export interface SideBySide<Value> {
  readonly count: number;
  readonly concurrency: number;
  /** Up to this place something is recorded: it was begun, whatever has failed since. */
  readonly begunTo?: number;
  work(place: number): Promise<Value>;
}

/** Each one's own value or error. */
export async function settledSideBySide<Value>(side: SideBySide<Value>): Promise<Settled<Value>[]> {
  const settled: Settled<Value>[] = [];
  await inTurns(side, async (place) => {
    settled[place] = await side.work(place).then(
      (value) => ({ status: 'fulfilled', value }),
      (error: unknown) => ({ status: 'rejected', reason: asError(error) }),
    );
    return true;
  });
  return settled;
}

/**
 * The values of all, or the error of the one that failed first. Its siblings in the strand are then stopped through
 * their signals and awaited: what they still did is in the history before the block fails.
 */
export async function allSideBySide<Value>(
  run: PipelineRun,
  block: string,
  strand: Strand,
  side: SideBySide<Value>,
): Promise<Value[]> {
  const values: Value[] = [];
  const failures: Error[] = [];
  let fails!: () => void;
  const failed = new Promise<void>((resolve) => (fails = resolve));
  const done = inTurns(side, async (place) => {
    try {
      values[place] = await side.work(place);
    } catch (error) {
      failures.push(asError(error));
      fails();
    }
    return failures.length === 0;
  });
  await Promise.race([done, failed]);
  if (failures.length === 0) {
    strand.release();
    return values;
  }
  const { id, replay, bodies } = run.execution;
  await replay.during(bodies.stop(strand, new SiblingFailed(id, block, failures[0])));
  throw run.firstOf(failures);
}

/** Says after each piece of work whether new ones are begun. Resolves when all that were begun are done. */
function inTurns(
  { count, concurrency, begunTo = -1 }: Omit<SideBySide<unknown>, 'work'>,
  work: (place: number) => Promise<boolean>,
): Promise<void> {
  let next = 0;
  let underWay = 0;
  let goesOn = true;
  return new Promise((resolve) => {
    const one = async (): Promise<void> => {
      underWay += 1;
      const mayGoOn = await work(next++);
      underWay -= 1;
      goesOn &&= mayGoOn;
      begin();
    };
    const begin = (): void => {
      while (next < count && (next <= begunTo || (goesOn && underWay < concurrency))) void one();
      if (underWay === 0) resolve();
    };
    begin();
  });
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
}
