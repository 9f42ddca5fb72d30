import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  commit,
  execution,
  Parallel,
  Pipeline,
  race,
  sleep,
  Step,
  step,
  StepTimeout,
  uuid,
  waitForEvent,
  Workflow,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import type { DurableApp } from '../../support/durable-app.js';
import { eventually } from '../../support/eventually.js';
import { Gate } from '../../support/gate.js';
import { drained } from '../../support/held-clock.js';
import { causeOf } from '../../support/outcome.js';
import { recordedOf } from '../../support/recorded.js';
import { begin, Coded, parked } from './waits/coded.js';

const once = { retry: { maxAttempts: 1 } } as const;

let gate = new Gate();

@Workflow()
class Siblings extends Pipeline<object, object> {
  @Parallel(['leaves', 'fails'])
  together() {}

  @Step({ in: 'together' })
  async leaves() {
    await Promise.race([step('ask', () => waitForEvent('never')), sleep(5)]);
  }
  @Step({ in: 'together', ...once })
  async fails() {
    await gate.pass(execution().signal);
    throw new Error('The sibling has failed.');
  }
}

onDatabase('PostgreSQL', (database) => {
  let app: DurableApp;
  beforeAll(async () => {
    app = await database.start([Coded, Siblings]);
  });
  afterAll(() => database.closeApps());
  beforeEach(() => {
    gate = new Gate();
  });

  describe('A step in the body of a step which is over', () => {
    it('holds nothing up, where its block fails', async () => {
      const handle = await app.client.start(Siblings, {});
      await eventually(async () => {
        const { steps = [] } = await app.client.getExecution(handle.id, { steps: true });
        return steps.some(({ path, status }) => path === 'together/leaves' && status === 'completed');
      });
      gate.open();
      const error = await causeOf(handle, Error);
      expect(error.message).toBe('The sibling has failed.');
    });

    it.each([
      ['has returned', async () => 'returned'],
      [
        'has failed',
        async () => {
          throw new Error('failed');
        },
      ],
    ])('hears of it through its signal, where that %s', async (_, leave) => {
      const reasons: unknown[] = [];
      const handle = await begin(app.client, () =>
        step('outer', once, async () => {
          const inner = step('inner', { timeout: '1h' }, async () => {
            const { signal } = execution();
            signal.addEventListener('abort', () => reasons.push(signal.reason));
            await gate.pass();
          });
          void inner.catch(() => undefined);
          await gate.reached();
          return await leave();
        }),
      );
      await handle.result().catch(() => undefined);
      expect(reasons).toEqual([expect.objectContaining({ message: expect.stringContaining('is over') })]);
    });

    it('is not tried again, beside the one that the next attempt calls', async () => {
      let runs = 0;
      const handle = await begin(app.client, () =>
        step('outer', { timeout: 150, retry: { maxAttempts: 2, base: 1, jitter: 0 } }, () =>
          step('inner', { retry: { maxAttempts: 5, base: 220, jitter: 0 } }, async () => {
            runs += 1;
            if (runs === 1) throw new Error('once');
            return runs;
          }),
        ),
      );
      expect(await handle.result()).toBe(2);
      await eventually(async () => (await handle.status()) === 'completed');
      expect(runs).toBe(2);
    });

    it('leaves its time to none that the next attempt calls', async () => {
      const handle = await begin(app.client, () =>
        step('outer', { timeout: 1_300, retry: { maxAttempts: 2, base: 1, jitter: 0 } }, () =>
          step('inner', { timeout: 2_000, ...once }, () => waitForEvent('never')),
        ),
      );
      expect(await causeOf(handle, StepTimeout)).toMatchObject({ step: 'outer', attempt: 2 });
      expect(await recordedOf(app.client, handle.id)).toEqual(
        expect.arrayContaining(['outer/inner/never withdrawn', 'outer/inner interrupted', 'outer failed']),
      );
    });
  });

  it('Code of an attempt that is over is none of the next one, which may wait', async () => {
    const handle = await begin(app.client, () =>
      step('outer', { timeout: 3_000, retry: { maxAttempts: 2, base: 1, jitter: 0 } }, async () => {
        if (execution().attempt === 1) {
          await gate.pass();
          return uuid();
        }
        const waiting = waitForEvent('a');
        gate.open();
        return await waiting;
      }),
    );
    await parked(handle);
    expect(gate.arrivals).toBe(1);
    await app.client.sendEvent(handle.id, 'a', 'in time');
    expect(await handle.result()).toBe('in time');
  });

  it('A point of no return that a body has left behind before it was recorded is none', async () => {
    const handle = await begin(app.client, async () => {
      await step('outer', async () => {
        await step('inner', () => 'has yet to be stored');
        void commit();
      });
      return await step('after', () => 'done');
    });
    expect(await handle.result()).toBe('done');
    expect(await recordedOf(app.client, handle.id)).toEqual([
      'outer/inner completed',
      'outer completed',
      'after completed',
    ]);
  });

  it('A step that a body has left behind while its process is stopping is no failure to the next attempt', async () => {
    const slow = new Gate();
    let fails = true;
    const handle = await begin(app.client, () =>
      step('outer', { retry: { maxAttempts: 2, base: 1, jitter: 0 } }, async () => {
        const inner = step('inner', once, async () => {
          await slow.pass();
          return 'done';
        });
        if (fails) await gate.pass();
        if (fails) throw new Error('once');
        return await inner;
      }),
    );
    await Promise.all([gate.reached(), slow.reached()]);
    const closed = app.close();
    await drained(3);
    gate.open();
    await closed;
    fails = false;
    slow.open();
    app = await database.start([Coded, Siblings]);
    expect(await (await app.client.handle(Coded, { id: handle.id })).result()).toBe('done');
  });

  it('An event is heard also where results come all the time', async () => {
    const handle = await begin(app.client, async () => {
      let goesOn = true;
      const loops = Array.from({ length: 1_000 }, async (_, loop) => {
        let rounds = 0;
        for (; goesOn; rounds += 1) await step(`loop ${loop}`, () => undefined);
        return rounds;
      });
      const first = await race({ stop: waitForEvent('stop'), late: sleep('10m') });
      goesOn = false;
      await Promise.all(loops);
      return first.key;
    });
    await eventually(async () => {
      const { steps = [] } = await app.client.getExecution(handle.id, { steps: true });
      return steps.length > 2_500;
    });
    await app.client.sendEvent(handle.id, 'stop');
    expect(await handle.result({ timeout: '15s' })).toBe('stop');
  });
});
