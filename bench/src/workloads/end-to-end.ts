import { IN_FLIGHT, type BenchWorkflow } from '../engines/engine.js';
import { inParallel, ratePerSecond } from './in-parallel.js';
import type { Bench, Measured, Workload } from './workload.js';

/** Starts and results with 200 in flight: each of 200 callers starts its next when its last has a result. */
export class EndToEnd implements Workload {
  readonly headline = { figure: 'perSecond', unit: 'workflows/s', better: 'more' } as const;
  readonly besides = [];
  readonly item = 'workflow';
  readonly atLeast = IN_FLIGHT;
  readonly atMost = 200_000;
  readonly sustained = true;

  constructor(
    readonly title: string,
    private readonly workflow: Exclude<BenchWorkflow, 'loop'>,
    readonly durableOnly: boolean,
  ) {}

  async warmUp({ engine, url }: Bench, seconds: number): Promise<number> {
    const open = await engine.open(url, IN_FLIGHT);
    const rate = await ratePerSecond(seconds, IN_FLIGHT, () => open.run(this.workflow, 0));
    await open.close();
    return rate;
  }

  async measure({ engine, url, gauge, observer }: Bench, items: number): Promise<Measured> {
    const open = await engine.open(url, IN_FLIGHT);
    await gauge.ready();
    gauge.begin();
    await inParallel(items, async () => {
      await open.run(this.workflow, 0);
    });
    await observer.settled();
    const costs = await gauge.end();
    await open.close();
    const bodies = items * (this.workflow === 'one-step' ? 1 : 3);
    return { items, bodies, costs, figures: { perSecond: items / costs.seconds } };
  }
}
