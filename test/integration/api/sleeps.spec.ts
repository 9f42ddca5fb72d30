import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  execution,
  hours,
  InvalidArgument,
  InvalidDuration,
  now,
  Pipeline,
  Run,
  sleep,
  sleepUntil,
  Step,
  step,
  Workflow,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import { eventually } from '../../support/eventually.js';
import { Deferred } from '../../support/gate.js';
import { logs } from '../../support/log-book.js';
import { causeOf } from '../../support/outcome.js';
import { HASTY } from '../../support/restart.js';

/** Longer than what is waited for in memory. */
const LONG = 1_200;

let runs: string[] = [];
let unrecorded = new Deferred<string>();

@Workflow()
class Sleeps {
  @Run()
  async run(lengths: readonly (number | string)[]) {
    runs.push('begun');
    const times = [now().getTime()];
    for (const length of lengths) {
      await sleep(length);
      times.push(now().getTime());
    }
    runs.push('ended');
    return times.slice(1).map((time, index) => time - (times[index] ?? NaN));
  }
}

@Workflow()
class SleepsUntil {
  @Run()
  async run(moment: Date) {
    await sleepUntil(moment);
    return now().getTime() >= moment.getTime();
  }
}

@Workflow()
class SleepsInPipeline extends Pipeline<{ length: number }, { length: number; slept?: boolean }> {
  @Step()
  before() {
    runs.push('before');
  }

  @Step()
  async pause({ length }: { length: number }) {
    runs.push('pause: before the first');
    await step('once', () => void runs.push('once'));
    await sleep(length);
    runs.push('pause: between');
    await sleep(20);
    await sleep(length);
    runs.push('pause: after the last');
    return { slept: execution().attempt === 1 };
  }
}

@Workflow()
class SleepsTogether {
  @Run()
  async run() {
    const order: string[] = [];
    const nap = async (name: string, length: number) => {
      await sleep(length);
      order.push(name);
      return name;
    };
    const winner = await Promise.race([nap('long', LONG), nap('short', 50)]);
    const all = await Promise.all([nap('third', LONG + 60), nap('second', 40), nap('first', 20)]);
    return { winner, all, order };
  }
}

@Workflow()
class RacesSteps {
  @Run()
  async run() {
    const late = sleep(hours(1)).then(() => 'late');
    const winner = await Promise.race([late, step('work', () => 'work')]);
    await sleep(LONG);
    return winner;
  }
}

@Workflow()
class Guarded {
  @Run()
  async run() {
    try {
      await sleep(LONG);
      runs.push('after');
    } catch (error) {
      runs.push(`catch ${String(error)}`);
    } finally {
      runs.push('finally');
    }
  }
}

/** Waits for something that the engine cannot see, while all that the engine sees is a sleep. */
@Workflow()
class GoesOnByItself {
  @Run()
  async run(then: 'returns' | 'calls') {
    void sleep(hours(1));
    const value = await unrecorded.promise;
    return then === 'returns' ? value : await step('after', () => `${value} recorded`);
  }
}

@Workflow()
class WrongSleep {
  @Run()
  async run(what: string) {
    if (what in wrongMoments) await sleepUntil(wrongMoments[what] as Date);
    else await sleep(wrongDurations[what] as number);
  }
}

const wrongDurations: Readonly<Record<string, unknown>> = {
  negative: -1,
  NaN: NaN,
  infinite: Infinity,
  text: 'soon',
  empty: '',
  nothing: undefined,
  object: {},
};
const wrongMoments: Readonly<Record<string, unknown>> = {
  'an invalid Date': new Date(NaN),
  'a number': 5,
  'a text': '2026-01-01',
  null: null,
};

const PROVIDERS = [
  Sleeps,
  SleepsUntil,
  SleepsInPipeline,
  SleepsTogether,
  RacesSteps,
  Guarded,
  GoesOnByItself,
  WrongSleep,
];

onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    runs = [];
    unrecorded = new Deferred();
  });
  afterEach(() => database.closeApps());

  describe('sleep()', () => {
    it('waits as long as it was told, for short and for long, and now() has moved', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Sleeps, [30, '50ms', LONG, 0]);
      const [first = 0, second = 0, third = 0, last = 0] = await handle.result();
      expect(first).toBeGreaterThanOrEqual(30);
      expect(second).toBeGreaterThanOrEqual(50);
      expect(third).toBeGreaterThanOrEqual(LONG);
      expect(last).toBeGreaterThanOrEqual(0);
      expect(last).toBeLessThan(1_000);
    });

    it('parks the execution where it takes longer than a second, and goes on without a replay', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Sleeps, [LONG]);
      const parked = await eventually(async () => {
        const execution = await client.getExecution(handle.id, { steps: true });
        return execution.status === 'waiting' && execution;
      });
      expect(parked.worker).toBeUndefined();
      expect(parked.steps).toMatchObject([{ path: 'sleep', kind: 'sleep', status: 'waiting' }]);
      expect(parked.steps?.[0]?.dueAt).toEqual(parked.dueAt);
      await handle.result();
      expect(runs).toEqual(['begun', 'ended']);
    });

    it('does not begin anew in the next application', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(Sleeps, [LONG]);
      const { dueAt } = await eventually(async () => {
        const execution = await first.client.getExecution(id);
        return execution.status === 'waiting' && execution;
      });
      await first.close();
      const { client } = await database.start(PROVIDERS);
      await (await client.handle(Sleeps, { id })).result();
      const { steps } = await client.getExecution(id, { steps: true });
      expect(steps).toMatchObject([{ path: 'sleep', status: 'completed', dueAt }]);
      expect(runs).toEqual(['begun', 'begun', 'ended']);
    });

    it('works any number of times in one step body, which begins again from its top but for inline steps', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(SleepsInPipeline, { length: LONG });
      await eventually(async () => (await first.client.getExecution(id)).status === 'waiting');
      await first.close();
      const { client } = await database.start(PROVIDERS);
      const handle = await client.handle(SleepsInPipeline, { id });
      expect(await handle.result()).toEqual({ length: LONG, slept: true });
      expect(runs).toEqual([
        'before',
        'pause: before the first',
        'once',
        'pause: before the first',
        'pause: between',
        'pause: after the last',
      ]);
    });

    it('works in Promise.race and Promise.all', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(SleepsTogether);
      expect(await handle.result()).toEqual({
        winner: 'short',
        all: ['third', 'second', 'first'],
        order: ['short', 'first', 'second', 'long', 'third'],
      });
    });

    it('works in Promise.race, also over restarts', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(SleepsTogether);
      await eventually(async () => (await first.client.getExecution(id)).status === 'waiting');
      await first.close();
      const { client } = await database.start(PROVIDERS);
      expect(await (await client.handle(SleepsTogether, { id })).result()).toMatchObject({
        winner: 'short',
        all: ['third', 'second', 'first'],
        order: ['short', 'first', 'second', 'long', 'third'],
      });
    });

    it('that lost a race holds nobody up', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(RacesSteps);
      expect(await handle.result()).toBe('work');
      const { steps } = await client.getExecution(handle.id, { steps: true });
      expect(steps?.find(({ path }) => path === 'sleep')?.status).toBe('interrupted');
    });

    it('shows nothing of the suspension to catch and finally', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(Guarded);
      await eventually(async () => (await first.client.getExecution(id)).status === 'waiting');
      await first.close();
      expect(runs).toEqual([]);
      const { client } = await database.start(PROVIDERS);
      await (await client.handle(Guarded, { id })).result();
      expect(runs).toEqual(['after', 'finally']);
    });

    it('refuses what is no duration', async () => {
      const { client } = await database.start(PROVIDERS);
      for (const what of Object.keys(wrongDurations)) {
        await causeOf(await client.start(WrongSleep, what), InvalidDuration);
      }
    });
  });

  describe('sleepUntil()', () => {
    it('waits for a moment, and not at all for one that has passed', async () => {
      const { client } = await database.start(PROVIDERS);
      const handles = await client.startMany(
        SleepsUntil,
        [-hours(24), 0, 100, LONG].map((from) => new Date(Date.now() + from)),
      );
      for (const handle of handles) expect(await handle.result({ timeout: '10s' })).toBe(true);
    });

    it('refuses what is no moment', async () => {
      const { client } = await database.start(PROVIDERS);
      for (const what of Object.keys(wrongMoments)) {
        await causeOf(await client.start(WrongSleep, what), InvalidArgument);
      }
    });
  });

  describe('Code that goes on by itself while its execution is parked', () => {
    it.each([
      ['returns', 'value'],
      ['calls', 'value recorded'],
    ] as const)('and %s ends right, with a warning', async (then, expected) => {
      logs.clear();
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(GoesOnByItself, then);
      await eventually(async () => (await handle.status()) === 'waiting');
      unrecorded.resolve('value');
      expect(await handle.result()).toBe(expected);
      expect(await handle.status()).toBe('completed');
      expect(logs.lines('warn').filter((line) => line.includes(handle.id))).toHaveLength(1);
    });
  });
});
