import { catalog, type EngineName } from './engines/catalog.js';
import { preload, type Preload } from './growth/preload.js';
import type { Launcher } from './run/launcher.js';
import type { Databases } from './server/databases.js';
import { workloads, type WorkloadName } from './workloads/workloads.js';

/** Ours, beside itself, with the tables filled. */
export const GROWN = 'ours+grown';

/** An engine together with the database that its runs are cloned from. */
export interface Contestant {
  readonly label: string;
  readonly engine: EngineName;
  readonly template: string;
}

export interface Lists {
  readonly engines: readonly EngineName[];
  readonly preload: Preload | undefined;
}

/** Lets each engine create its tables once, in a template of its own. */
export async function prepareContestants(
  { engines, preload: growth }: Lists,
  databases: Databases,
  launcher: Launcher,
): Promise<Contestant[]> {
  const contestants: Contestant[] = [];
  for (const engine of engines) {
    const template = await databases.create(engine);
    await launcher.carryOut({ task: 'create-tables', engine, url: template });
    contestants.push({ label: engine, engine, template });
    if (engine !== 'ours' || growth === undefined) continue;
    const grown = await databases.cloneOf(template);
    await preload(grown, growth);
    contestants.push({ label: GROWN, engine, template: grown });
  }
  return contestants;
}

export function takesPart({ engine }: Contestant, workload: WorkloadName): boolean {
  return catalog[engine].kind === 'durable' || !workloads[workload].durableOnly;
}
