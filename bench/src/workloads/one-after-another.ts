import { percentile } from './percentile.js';
import { ratePerSecond } from './in-parallel.js';
import type { Bench, Measured, Workload } from './workload.js';

/** One caller, one workflow at a time: how long a start and its result take when nothing else goes on. */
export class OneAfterAnother implements Workload {
  readonly title = 'W3: start and await a three-step workflow, one after another';
  readonly headline = { figure: 'p50', unit: 'ms p50', better: 'less' } as const;
  readonly besides = [
    { figure: 'p95', title: 'p95' },
    { figure: 'p99', title: 'p99' },
  ];
  readonly item = 'workflow';
  readonly durableOnly = true;
  readonly atLeast = 20;
  readonly atMost = 20_000;
  readonly sustained = false;

  async warmUp({ engine, url }: Bench, seconds: number): Promise<number> {
    const open = await engine.open(url, 1);
    const rate = await ratePerSecond(seconds, 1, () => open.run('three-step', 0));
    await open.close();
    return rate;
  }

  async measure({ engine, url, gauge }: Bench, items: number): Promise<Measured> {
    const open = await engine.open(url, 1);
    const took: number[] = [];
    await gauge.ready();
    gauge.begin();
    for (let done = 0; done < items; done += 1) {
      const begun = performance.now();
      await open.run('three-step', 0);
      took.push(performance.now() - begun);
    }
    const costs = await gauge.end();
    await open.close();
    took.sort((a, b) => a - b);
    const figures = { p50: percentile(took, 50), p95: percentile(took, 95), p99: percentile(took, 99) };
    return { items, bodies: items * 3, costs, figures };
  }
}
