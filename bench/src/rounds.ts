import { BenchError } from './bench-error.js';
import { takesPart, type Contestant } from './contestants.js';
import type { Options } from './options.js';
import type { Launcher } from './run/launcher.js';
import type { Outcome } from './run/order.js';
import type { Databases } from './server/databases.js';
import type { WorkloadName } from './workloads/workloads.js';

export interface Run {
  readonly workload: WorkloadName;
  readonly engine: string;
  readonly outcome: Outcome | undefined;
  readonly failure: string | undefined;
}

export interface Round {
  readonly round: number;
  readonly runs: readonly Run[];
}

/** Everybody once, then everybody again: whatever drifts on the machine drifts for all of them. */
export class Rounds {
  private readonly sizes = new Map<string, number>();

  constructor(
    private readonly databases: Databases,
    private readonly launcher: Launcher,
    private readonly tell: (line: string) => void,
  ) {}

  async play(contestants: readonly Contestant[], options: Options): Promise<Round[]> {
    const rounds: Round[] = [];
    for (let round = 1; round <= options.rounds; round += 1) {
      const runs: Run[] = [];
      for (const workload of options.workloads) {
        for (const contestant of contestants.filter((each) => takesPart(each, workload))) {
          runs.push(await this.run(contestant, workload, options));
        }
      }
      rounds.push({ round, runs });
    }
    return rounds;
  }

  /** A failure is told and kept beside the figures of the others, which remain of use. */
  private async run(contestant: Contestant, workload: WorkloadName, options: Options): Promise<Run> {
    const run = { workload, engine: contestant.label };
    const url = await this.databases.cloneOf(contestant.template);
    try {
      const outcome = await this.launcher.carryOut({
        task: 'measure',
        engine: contestant.engine,
        url,
        adminUrl: this.databases.adminUrl,
        workload,
        effort: options.effort,
        items: this.sizes.get(`${workload} ${contestant.engine}`),
      });
      if (outcome === undefined) throw new Error('The run gave no figures.');
      this.sizes.set(`${workload} ${contestant.engine}`, outcome.items);
      this.tell(`${workload} ${contestant.label}: ${outcome.items} in ${outcome.seconds.toFixed(1)} s`);
      return { ...run, outcome, failure: undefined };
    } catch (error) {
      if (this.launcher.stopped) throw new BenchError('The benchmark was interrupted.');
      const failure = error instanceof Error ? error.message : String(error);
      this.tell(`${workload} ${contestant.label} failed: ${failure}`);
      return { ...run, outcome: undefined, failure };
    } finally {
      await this.databases.drop(url);
    }
  }
}
