import { GROWN } from '../contestants.js';
import type { Workload } from '../workloads/workload.js';
import type { Summary } from './summary.js';

/** How many times better ours is, by the headline figure: above 1 is ours, whichever way is better. */
export function timesBetter(
  { headline: { figure, better } }: Workload,
  ours: Summary | undefined,
  other: Summary,
): number | undefined {
  const mine = ours?.median[figure];
  const theirs = other.median[figure];
  if (mine === undefined || theirs === undefined) return undefined;
  return better === 'more' ? mine / theirs : theirs / mine;
}

/** The headline figure of the grown tables over that of the empty ones. */
export function growth({ headline }: Workload, engines: ReadonlyMap<string, Summary>): number | undefined {
  const empty = engines.get('ours')?.median[headline.figure];
  const grown = engines.get(GROWN)?.median[headline.figure];
  return empty === undefined || grown === undefined ? undefined : grown / empty;
}
