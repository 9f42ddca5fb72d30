import { SiblingFailed } from '../../errors/block.error.js';
import { inTurns, type SideBySide } from '../side-by-side.js';
import type { Strand } from '../strand.js';
import { asError } from '../thrown-error.js';
import type { PipelineRun } from './pipeline-run.js';

/**
 * The values of all, or the error of the one that failed first. Its siblings in the strand are then stopped through
 * their signals and awaited: what they still did is in the history before the block fails.
 */
export async function allSideBySide<Item, Value>(
  run: PipelineRun,
  block: string,
  strand: Strand,
  side: SideBySide<Item, Value>,
): Promise<Value[]> {
  const values: Value[] = [];
  const failures: Error[] = [];
  let fails!: () => void;
  const failed = new Promise<void>((resolve) => (fails = resolve));
  const done = inTurns(side, async (item, index) => {
    try {
      values[index] = await side.work(item, index);
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
