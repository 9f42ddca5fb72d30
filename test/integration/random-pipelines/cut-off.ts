import { SeededRandom } from '../../crash/support/random.js';
import type { JournalRig } from '../../support/journal-rig.js';
import { live, newExecution } from './lives.js';
import type { Life } from './mortal-worker.js';
import { culpritsIn, type PipelinePlan, shownPlan, undoableIn } from './pipeline-plan.js';
import type { BodyRun, Timing } from './planned-bodies.js';
import { plannedClass } from './planned-class.js';
import { ALL, differences, ENDS, faultsOf, storedExecution, storyOf } from './story.js';

/** What came of one seed. */
export interface Findings {
  readonly seed: number;
  /** How many records an undisturbed run of it makes. */
  readonly records: number;
  readonly outcome: string | null;
  readonly undos: number;
  /** How many executions were cut off. */
  readonly cuts: number;
  /** What is not as it should be, with the seed and the place of the cut. */
  readonly faults: readonly string[];
}

interface Trial {
  readonly id: string;
  /** After how many records its first and its second worker die. */
  readonly cuts: readonly number[];
}

/** So many of them tell enough of one seed. */
const MOST_FAULTS = 12;
/** One in so many executions loses its process twice. */
const TWICE_IN = 3;

/**
 * Runs the pipeline of a seed once undisturbed, and then once for each of its records: cut off after that one, and
 * taken up by another worker. All these executions run side by side.
 */
export async function cutEverywhere(rig: JournalRig, plan: PipelinePlan, timing: Timing): Promise<Findings> {
  const { seed } = plan;
  const runs: Run[] = [];
  let life = 0;
  const onlooker = { began: (run: BodyRun) => runs.push({ ...run, life }) };

  const culprits = culpritsIn(plan.nodes);
  const stopped = new Set(culprits.keys());
  const undoable = undoableIn(plan.nodes);

  const model = await newExecution(rig, { seed });
  const whole = await live(rig, plannedClass(plan, onlooker));
  const records = whole.get(model)?.records ?? 0;
  const stored = await storedExecution(rig, model);
  const ownRuns = runsOf(runs, model);
  const story = storyOf(stored, ownRuns, stopped);
  const faults = faultsOf(stored, ownRuns, undoable).map((fault) => `seed ${seed}, undisturbed: ${fault}`);

  const trials = await trialsOf(rig, { seed, records });
  const lives: ReadonlyMap<string, Life>[] = [];
  for (const at of [0, 1, 2]) {
    life = at + 1;
    const cuts = trials.flatMap(({ id, cuts: each }) => {
      const cut = each[at];
      return cut === undefined ? [] : [[id, cut] as const];
    });
    const again = plannedClass(plan, onlooker, timing);
    lives.push(
      await live(rig, again, new Map(cuts)).catch((error: unknown) => {
        throw new Error(`Seed ${seed}, life ${life} of\n${shownPlan(plan)}`, { cause: error });
      }),
    );
  }

  for (const { id, cuts } of trials) {
    const its = runsOf(runs, id);
    const found = await storedExecution(rig, id);
    faults.push(
      ...[
        ...differences(story, storyOf(found, its, stopped), timing === 'settled' ? ALL : ENDS),
        ...faultsOf(found, its, undoable),
        ...repeats(
          its,
          lives.map((each) => each.get(id)),
          culprits,
        ),
      ].map((fault) => `seed ${seed}, cut after record ${cuts.join(' and then ')}: ${fault}`),
    );
  }
  if (faults.length > 0) {
    faults.splice(MOST_FAULTS);
    faults.push(`seed ${seed} is\n${shownPlan(plan)}`);
  }
  return { seed, records, outcome: story.outcome, undos: story.undos.length, cuts: trials.length, faults };
}

interface Run extends BodyRun {
  readonly life: number;
}

async function trialsOf(
  rig: JournalRig,
  { seed, records }: { seed: number; records: number },
): Promise<Trial[]> {
  const random = new SeededRandom(seed);
  const trials: Trial[] = [];
  for (let cut = 0; cut < records; cut += 1) {
    const isTwice = cut + 1 < records && random.between(1, TWICE_IN) === 1;
    const cuts = isTwice ? [cut, random.between(1, records - cut - 1)] : [cut];
    trials.push({ id: await newExecution(rig, { seed }), cuts });
  }
  return trials;
}

function runsOf(runs: readonly Run[], id: string): Run[] {
  return runs.filter(({ execution }) => execution === id);
}

/** Whose outcome is durable never runs again, nor does what was stopped by a failure that is durable. */
function repeats(
  runs: readonly Run[],
  lives: readonly (Life | undefined)[],
  culprits: ReadonlyMap<string, string>,
): string[] {
  return runs.flatMap(({ path, attempt, life }) => {
    const before = lives.slice(0, life - 1);
    const slash = path.lastIndexOf('/');
    const culprit = culprits.get(path.slice(slash + 1));
    const failure = culprit === undefined ? undefined : `${path.slice(0, slash)}/${culprit}`;
    const shown = `${path} ran again (attempt ${attempt})`;
    return [
      ...(before.some((each) => each?.recorded.has(`${path}@${attempt}`) === true)
        ? [`${shown} although its outcome was recorded`]
        : []),
      ...(failure !== undefined && before.some((each) => each?.failed.has(failure) === true)
        ? [`${shown} although it was stopped with ${failure}`]
        : []),
    ];
  });
}
