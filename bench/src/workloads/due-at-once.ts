import { setTimeout as pause } from 'node:timers/promises';
import type { OpenEngine } from '../engines/engine.js';
import { inParallel } from './in-parallel.js';
import type { Bench, Measured, Workload } from './workload.js';

const SLEEPERS = 5_000;
const FIRST_SLEEPERS = 500;
/** Who sleeps is not in flight, and 5,000 slots help nobody: openworkflow was fastest with 50. */
const SLOTS = 50;
/** How fast they fall asleep at worst, until it has been seen. */
const FIRST_PER_SECOND = 250;

/** The moment lies three times as far away as it should take to fall asleep, and this much further. */
const REST_MS = 3_000;
/** By so much before the moment the last one must be asleep. */
const ASLEEP_BEFORE_MS = 1_000;
/** By so much before the moment the gauge is read, which takes some milliseconds itself. */
const READY_BEFORE_MS = 100;
const LOOK_AGAIN_MS = 20;

/**
 * Many sleepers, all asleep well before the moment that wakes all of them. The clock runs from that moment, by
 * the database's time, until the database says that the last of them is recorded as finished.
 */
export class DueAtOnce implements Workload {
  readonly title = 'W5: 5,000 sleepers due at once, from due to all recorded';
  readonly headline = { figure: 'seconds', unit: 's', better: 'less' } as const;
  readonly besides = [
    { figure: 'firstBodyMs', title: 'first body ms' },
    { figure: 'lastBodyMs', title: 'last body ms' },
  ];
  readonly item = 'sleeper';
  readonly durableOnly = true;
  /** One number for all: seconds compare at no other. */
  readonly atLeast = SLEEPERS;
  readonly atMost = SLEEPERS;
  readonly sustained = false;

  /** Few sleepers, then as many as can fall asleep in `seconds`; the rate is that of falling asleep. */
  async warmUp(bench: Bench, seconds: number): Promise<number> {
    const open = await bench.engine.open(bench.url, SLOTS);
    const rate = await this.sleepOnce(bench, open, FIRST_SLEEPERS, FIRST_PER_SECOND);
    const more = Math.min(Math.round(rate * seconds), SLEEPERS);
    const better = await this.sleepOnce(bench, open, more, rate);
    await open.close();
    return better;
  }

  async measure(bench: Bench, items: number, rate: number): Promise<Measured> {
    const { engine, url, bodies, gauge, observer } = bench;
    const open = await engine.open(url, SLOTS);
    const first = ranAt(bodies, 1);
    const last = ranAt(bodies, items);
    const { due } = await this.putToSleep(bench, open, items, rate);
    await gauge.ready();
    const clock = await observer.clock();
    const dueHere = clock.when(due);
    const left = dueHere - performance.now() - READY_BEFORE_MS;
    if (left < 0) throw new Error('The moment came before everything was ready for it.');
    await pause(left);
    gauge.begin(dueHere);
    const lastBody = await last;
    await observer.settled();
    const costs = await gauge.end();
    await open.close();

    const firstBody = await first;
    const early = due - clock.within - Math.max(clock.at(firstBody), performance.timeOrigin + firstBody);
    if (early > 0) throw new Error(`A body ran ${early.toFixed(1)} ms before the moment.`);
    const figures = {
      seconds: costs.seconds,
      firstBodyMs: firstBody - dueHere,
      lastBodyMs: lastBody - dueHere,
    };
    return { items, bodies: items, costs, figures };
  }

  private async sleepOnce(bench: Bench, open: OpenEngine, items: number, expected: number): Promise<number> {
    const last = ranAt(bench.bodies, items);
    const { perSecond } = await this.putToSleep(bench, open, items, expected);
    await last;
    await bench.observer.settled();
    return perSecond;
  }

  /** Returns when the database says that all are asleep, with their moment by its clock and with their rate. */
  private async putToSleep(
    { observer }: Bench,
    open: OpenEngine,
    items: number,
    expected: number,
  ): Promise<{ due: number; perSecond: number }> {
    const begun = performance.now();
    const clock = await observer.clock();
    const due = Math.ceil(clock.at(begun) + (3_000 * items) / expected + REST_MS);
    await inParallel(items, async () => {
      await open.startSleeper?.(new Date(due));
    });
    for (;;) {
      const asleep = await observer.asleep();
      const now = performance.now();
      if (clock.at(now) > due - ASLEEP_BEFORE_MS) {
        throw new Error(`Only ${asleep} of ${items} were asleep a second before their moment.`);
      }
      if (asleep >= items) return { due, perSecond: (items * 1_000) / (now - begun) };
      await pause(LOOK_AGAIN_MS);
    }
  }
}

function ranAt(bodies: Bench['bodies'], after: number): Promise<number> {
  return new Promise((resolve) => bodies.onRun(after, () => resolve(performance.now())));
}
