import type { Machine } from '../machine.js';
import type { Round } from '../rounds.js';
import { workloads } from '../workloads/workloads.js';
import { growth, timesBetter } from './ratio.js';
import type { Summaries, Summary } from './summary.js';

/** The medians of an engine lie flat beside `runs`, `min` and `max`. */
type Medians = Record<string, number | Readonly<Record<string, number>>>;

export interface Report {
  readonly machine: Machine;
  readonly rounds: readonly Round[];
  /** By workload and engine: `medians.w2.ours.perSecond`. */
  readonly medians: Record<string, Record<string, Medians>>;
  /** By workload and engine: how many times better ours is by the headline figure. */
  readonly ratios: Record<string, Record<string, number>>;
  /** By workload: the headline figure with grown tables over that with empty ones. */
  readonly growth: Record<string, number>;
}

export function reportOf(machine: Machine, rounds: readonly Round[], summaries: Summaries): Report {
  const report: Report = { machine, rounds, medians: {}, ratios: {}, growth: {} };
  for (const [name, engines] of summaries) {
    const workload = workloads[name];
    const others = [...engines].filter(([engine]) => engine !== 'ours');
    const ratios = others.flatMap(([engine, summary]) => {
      const ratio = timesBetter(workload, engines.get('ours'), summary);
      return ratio === undefined ? [] : [[engine, ratio] as const];
    });
    const grown = growth(workload, engines);
    report.medians[name] = Object.fromEntries([...engines].map(([engine, each]) => [engine, flat(each)]));
    if (ratios.length > 0) report.ratios[name] = Object.fromEntries(ratios);
    if (grown !== undefined) report.growth[name] = grown;
  }
  return report;
}

function flat({ runs, median, min, max }: Summary): Medians {
  return { ...median, runs, min, max };
}
