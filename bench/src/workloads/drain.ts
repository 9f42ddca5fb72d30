import { IN_FLIGHT } from '../engines/engine.js';
import type { Bench, Measured, Workload } from './workload.js';

const FIRST_BACKLOG = 1_000;

/**
 * A backlog that lies in the database before any worker is up. The clock runs from the first body, so that no
 * engine's boot is in the figure, until the last one is recorded.
 */
export class Drain implements Workload {
  readonly title = 'W1 drain: a backlog of one-step workflows';
  readonly headline = { figure: 'perSecond', unit: 'workflows/s', better: 'more' } as const;
  readonly besides = [];
  readonly item = 'workflow';
  readonly durableOnly = false;
  readonly atLeast = FIRST_BACKLOG;
  /** The same for every fast engine: the rate of some halves with a backlog of four times the size. */
  readonly atMost = 50_000;
  readonly sustained = true;

  /** Backlogs, each twice the last, until one takes `seconds`: a fast engine is only seen at speed. */
  async warmUp(bench: Bench, seconds: number): Promise<number> {
    for (let backlog = FIRST_BACKLOG; ; backlog *= 2) {
      await this.prepare(bench, backlog);
      const begun = performance.now();
      const { figures } = await this.measure(bench, backlog);
      const took = (performance.now() - begun) / 1_000;
      if (took > seconds || backlog >= 8 * FIRST_BACKLOG) return figures['perSecond'] ?? 0;
    }
  }

  async prepare({ engine, url }: Bench, items: number): Promise<void> {
    await engine.fill(url, items);
  }

  async measure({ engine, url, bodies, gauge, observer }: Bench, items: number): Promise<Measured> {
    await gauge.ready();
    bodies.onRun(1, () => gauge.begin());
    const last = new Promise<void>((resolve) => bodies.onRun(items, resolve));
    const open = await engine.open(url, IN_FLIGHT);
    await last;
    await observer.settled();
    const costs = await gauge.end();
    await open.close();
    return { items, bodies: items, costs, figures: { perSecond: items / costs.seconds } };
  }
}
