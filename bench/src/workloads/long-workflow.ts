import type { OpenEngine } from '../engines/engine.js';
import { ratePerSecond } from './in-parallel.js';
import type { Bench, Measured, Workload } from './workload.js';

const LONG = 1_000;
const SHORT = 100;

/**
 * 1,000 steps in one workflow, and the same number of steps in workflows of 100, turn and turn about: a rate
 * that falls with the length of the history would show between the two.
 */
export class LongWorkflow implements Workload {
  readonly title = 'W4: sequential steps in one workflow of 1,000 steps (and of 100)';
  readonly headline = { figure: 'perSecond', unit: 'steps/s', better: 'more' } as const;
  readonly besides = [
    { figure: 'perSecondAt100', title: 'steps/s at 100' },
    { figure: 'thousandToHundred', title: '1,000 ÷ 100' },
  ];
  readonly item = 'step';
  readonly durableOnly = true;
  readonly atLeast = 2 * LONG;
  readonly atMost = 100 * LONG;
  readonly sustained = false;

  async warmUp({ engine, url }: Bench, seconds: number): Promise<number> {
    const open = await engine.open(url, 1);
    const rate = await ratePerSecond(seconds, 1, () => open.run('loop', SHORT));
    await open.close();
    return rate * SHORT;
  }

  async measure({ engine, url, gauge }: Bench, items: number): Promise<Measured> {
    const open = await engine.open(url, 1);
    const turns = Math.max(1, Math.round(items / (2 * LONG)));
    let long = 0;
    let short = 0;
    await gauge.ready();
    gauge.begin();
    for (let turn = 0; turn < turns; turn += 1) {
      long += await secondsOf(open, LONG, 1);
      short += await secondsOf(open, SHORT, LONG / SHORT);
    }
    const costs = await gauge.end();
    await open.close();
    const perSecond = (turns * LONG) / long;
    const perSecondAt100 = (turns * LONG) / short;
    const steps = 2 * turns * LONG;
    const figures = { perSecond, perSecondAt100, thousandToHundred: perSecond / perSecondAt100 };
    return { items: steps, bodies: steps, costs, figures };
  }
}

async function secondsOf(open: OpenEngine, steps: number, times: number): Promise<number> {
  const begun = performance.now();
  for (let done = 0; done < times; done += 1) await open.run('loop', steps);
  return (performance.now() - begun) / 1_000;
}
