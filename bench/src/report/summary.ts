import type { Round } from '../rounds.js';
import type { WorkloadName } from '../workloads/workloads.js';

type Figures = Readonly<Record<string, number>>;

/** What all rounds of one engine in one workload come to. */
export interface Summary {
  readonly runs: number;
  readonly median: Figures;
  readonly min: Figures;
  readonly max: Figures;
}

export type Summaries = ReadonlyMap<WorkloadName, ReadonlyMap<string, Summary>>;

export function summarise(rounds: readonly Round[]): Summaries {
  const found = new Map<WorkloadName, Map<string, Figures[]>>();
  for (const { workload, engine, outcome } of rounds.flatMap(({ runs }) => runs)) {
    if (outcome === undefined) continue;
    const engines = found.get(workload) ?? new Map<string, Figures[]>();
    engines.set(engine, [...(engines.get(engine) ?? []), outcome.figures]);
    found.set(workload, engines);
  }
  return mapValues(found, (engines) => mapValues(engines, summaryOf));
}

function summaryOf(runs: readonly Figures[]): Summary {
  const pick = (choose: (sorted: readonly number[]) => number): Figures =>
    Object.fromEntries(
      Object.keys(runs[0] ?? {}).map((figure) => {
        const values = runs.map((run) => run[figure] ?? Number.NaN).sort((a, b) => a - b);
        return [figure, choose(values)];
      }),
    );
  return {
    runs: runs.length,
    median: pick(medianOf),
    min: pick((sorted) => sorted[0] ?? Number.NaN),
    max: pick((sorted) => sorted.at(-1) ?? Number.NaN),
  };
}

function medianOf(sorted: readonly number[]): number {
  const middle = (sorted.length - 1) / 2;
  const low = sorted[Math.floor(middle)] ?? Number.NaN;
  const high = sorted[Math.ceil(middle)] ?? Number.NaN;
  return (low + high) / 2;
}

function mapValues<Key, From, To>(map: ReadonlyMap<Key, From>, change: (value: From) => To): Map<Key, To> {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}
