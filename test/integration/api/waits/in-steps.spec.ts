import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  execution,
  ExecutionFinished,
  ForEach,
  hours,
  InputSettled,
  InputTimeout,
  NotInWorkflow,
  Parallel,
  Pipeline,
  race,
  sleep,
  sleepUntil,
  Step,
  step,
  StepTimeout,
  waitForAll,
  waitForAny,
  waitForApproval,
  waitForBroadcast,
  waitForChoice,
  waitForChoices,
  waitForEvent,
  waitForForm,
  waitForInput,
  waitForText,
  Workflow,
} from 'nest-durable';
import { onDatabase } from '../../../support/api-database.js';
import type { DurableApp } from '../../../support/durable-app.js';
import { eventually } from '../../../support/eventually.js';
import { Gate } from '../../../support/gate.js';
import { causeOf, failureOf } from '../../../support/outcome.js';
import { recordedOf } from '../../../support/recorded.js';
import { HASTY } from '../../../support/restart.js';
import { begin, Coded, fault, listening, openWaits, parked } from './coded.js';

let gate = new Gate();
let runs: string[] = [];

@Workflow({ name: 'waits_in_blocks' })
class WaitsInBlocks extends Pipeline<object, Record<string, unknown>> {
  @Parallel(['works', 'listens', 'asks'])
  together() {}

  @Step({ in: 'together' })
  async works() {
    await gate.pass(execution().signal);
    return { worked: true };
  }
  @Step({ in: 'together' })
  async listens() {
    runs.push('listens');
    await sleep(5);
    return { heard: [await waitForEvent('a'), await waitForEvent('a')] };
  }
  @Step({ in: 'together' })
  async asks() {
    return { answer: await waitForApproval('manager') };
  }

  @ForEach({ do: 'each', concurrency: 3, into: 'items' })
  items() {
    return [1, 2, 3];
  }
  @Step({ in: 'items' })
  async each(_data: unknown, item: number) {
    return { got: await waitForEvent<number>('item', { match: (payload) => payload === item }) };
  }
}

const PROVIDERS = [Coded, WaitsInBlocks];

const outside: Readonly<Record<string, () => Promise<unknown>>> = {
  'sleep()': () => sleep(1),
  'sleepUntil()': () => sleepUntil(new Date()),
  'waitForEvent()': () => waitForEvent('a'),
  'waitForAny()': () => waitForAny(['a']),
  'waitForAll()': () => waitForAll(['a']),
  'waitForBroadcast()': () => waitForBroadcast('a'),
  'waitForInput()': () => waitForInput('a', { type: 'text' }),
  'waitForApproval()': () => waitForApproval('a'),
  'waitForChoice()': () => waitForChoice('a', { choices: ['x'] }),
  'waitForChoices()': () => waitForChoices('a', { choices: ['x'] }),
  'waitForText()': () => waitForText('a'),
  'waitForForm()': () => waitForForm('a', { fields: { b: { type: 'text' } } }),
  'race()': () => race({ a: Promise.resolve(1) }),
};

const quickly = { base: 1, jitter: 0 };

onDatabase('PostgreSQL', (database) => {
  let app: DurableApp;
  beforeAll(async () => {
    app = await database.start(PROVIDERS);
  });
  afterAll(() => database.closeApps());
  beforeEach(() => {
    gate = new Gate();
    runs = [];
  });

  it.each(Object.entries(outside))('Outside an execution %s is refused, and says so', async (fn, call) => {
    const failure = await failureOf(call(), NotInWorkflow);
    expect(failure.message).toContain(fn);
  });

  describe('Waits in the body of a step', () => {
    it('are any number, of every kind; the body begins again from its top but for what is recorded', async () => {
      const code = (): Promise<unknown> =>
        step('body', async () => {
          runs.push('top');
          const seen = [await step('once', () => runs.push('once'))];
          await sleep(5);
          seen.push(await waitForEvent('a'));
          await sleepUntil(new Date(0));
          seen.push(await waitForEvent('a'));
          await sleep(5);
          return [...seen, await waitForApproval('boss')];
        });
      const first = app;
      const handle = await begin(first.client, code);
      await first.client.sendEvent(handle.id, 'a', 1);
      await eventually(async () => (await openWaits(first.client, handle.id))[0] === 'body/a#2');
      await parked(handle);
      await first.close();
      app = await database.start(PROVIDERS, HASTY);
      const again = await app.client.handle(Coded, { id: handle.id });
      await app.client.sendEvent(handle.id, 'a', 2);
      await eventually(async () => (await openWaits(app.client, handle.id))[0] === 'body/boss');
      await app.client.provideInput(handle.id, 'boss', true);
      expect(await again.result()).toEqual([2, 1, 2, 'approved']);
      expect(runs).toEqual(['top', 'once', 'top']);
      expect(await recordedOf(app.client, handle.id)).toEqual([
        'body/once completed',
        'body/sleep completed',
        'body/a completed',
        'body/sleepUntil completed',
        'body/a#2 completed',
        'body/sleep#2 completed',
        'body/boss completed',
        'body completed',
      ]);
    });

    it('that a body did not come to again, after a restart, are withdrawn with it; its next attempt asks anew', async () => {
      let fails = false;
      const code = () =>
        step('body', { retry: { maxAttempts: 2, base: 1, jitter: 0 } }, async () => {
          if (fails) {
            fails = false;
            throw new Error('before the question');
          }
          return await waitForApproval('boss');
        });
      const first = app;
      const handle = await begin(first.client, code);
      await eventually(async () => (await openWaits(first.client, handle.id))[0] === 'body/boss');
      const { inputs: before } = await first.client.listPendingInputs({ executionId: handle.id });
      await parked(handle);
      fails = true;
      await first.close();
      app = await database.start(PROVIDERS, HASTY);
      // Something wakes it, as a time or another event would.
      await app.client.sendEvent(handle.id, 'nothing that it waits for');
      await eventually(async () => {
        const { inputs } = await app.client.listPendingInputs({ executionId: handle.id });
        return inputs.length === 1 && inputs[0]?.inputId !== before[0]?.inputId;
      });
      const inputId = before[0]?.inputId ?? '';
      await failureOf(app.client.provideInput(handle.id, { inputId }, true), InputSettled);
      await app.client.provideInput(handle.id, 'boss', false);
      expect(await (await app.client.handle(Coded, { id: handle.id })).result()).toBe('rejected');
    });

    it('are open, visible and answered while other branches run', async () => {
      const handle = await app.client.start(WaitsInBlocks, {});
      await gate.reached();
      await listening(app.client, handle.id, 2);
      const { status, steps } = await app.client.getExecution(handle.id, { steps: true });
      expect(status).toBe('running');
      const waiting = steps?.filter((each) => each.status === 'waiting').map(({ path }) => path);
      expect(waiting?.toSorted()).toEqual(['together/asks/manager', 'together/listens/a']);
      await app.client.sendEvent(handle.id, 'a', 1);
      await eventually(async () => (await openWaits(app.client, handle.id)).includes('together/listens/a#2'));
      await app.client.provideInput(handle.id, 'manager', 'rejected');
      await app.client.sendEvent(handle.id, 'a', 2);
      await eventually(async () => (await openWaits(app.client, handle.id)).length === 0);
      expect((await app.client.getExecution(handle.id)).status).toBe('running');
      gate.open();
      await listening(app.client, handle.id, 3);
      for (const item of [2, 3, 1]) await app.client.sendEvent(handle.id, 'item', item);
      expect(await handle.result()).toEqual({
        worked: true,
        heard: [1, 2],
        answer: 'rejected',
        items: [{ got: 1 }, { got: 2 }, { got: 3 }],
      });
      // Nothing was parked and replayed meanwhile.
      expect(runs).toEqual(['listens']);
    });

    it('are asked about once, however often the step is tried', async () => {
      let attempts = 0;
      const handle = await begin(app.client, async () => {
        const seen = await step('body', { retry: { maxAttempts: 3, ...quickly } }, async () => {
          attempts += 1;
          const heard = await waitForEvent('a');
          const late = await waitForEvent('b', { timeout: 10, timeoutValue: 'late' });
          const answer = await waitForText('why');
          if (attempts < 3) throw new Error(`attempt ${attempts}`);
          return [heard, late, answer];
        });
        return [seen, await waitForEvent('a'), await waitForEvent('b')];
      });
      await app.client.sendEvent(handle.id, 'a', 1);
      await eventually(async () => (await openWaits(app.client, handle.id))[0] === 'body/why');
      await app.client.sendEvent(handle.id, 'b', 2);
      await app.client.sendEvent(handle.id, 'a', 3);
      await app.client.provideInput(handle.id, 'why', 'because');
      expect(await handle.result()).toEqual([[1, 'late', 'because'], 3, 2]);
      expect(attempts).toBe(3);
      expect(await recordedOf(app.client, handle.id)).toEqual([
        'body/a completed',
        'body/b timed_out',
        'body/why completed',
        'body attempt_failed',
        'body attempt_failed',
        'body completed',
        'a completed',
        'b completed',
      ]);
    });

    it('of which one has failed are not tried anew: nobody is asked a second time', async () => {
      const handle = await begin(app.client, () =>
        step('body', { retry: { maxAttempts: 2, ...quickly } }, () =>
          waitForApproval('boss', { timeout: 10, onTimeout: 'fail' }),
        ),
      );
      const error = await causeOf(handle, InputTimeout);
      expect(error).toMatchObject({ input: 'boss', timeout: 10, executionId: handle.id });
      expect(await recordedOf(app.client, handle.id)).toEqual(['body/boss failed', 'body failed']);
    });

    it('are withdrawn when the step fails beside them', async () => {
      const handle = await begin(app.client, async () => {
        const error = await fault(() =>
          step('body', { retry: { maxAttempts: 1 } }, async () => {
            void waitForEvent('a');
            void waitForApproval('boss');
            await gate.pass();
            throw new Error('failed');
          }),
        );
        return [String(error), await waitForEvent('a')];
      });
      await gate.reached();
      await listening(app.client, handle.id, 2);
      gate.open();
      await eventually(async () => (await openWaits(app.client, handle.id)).join() === 'a');
      await app.client.sendEvent(handle.id, 'a', 1);
      expect(await handle.result()).toEqual(['Error: failed', 1]);
      expect((await recordedOf(app.client, handle.id)).toSorted()).toEqual([
        'a completed',
        'body failed',
        'body/a withdrawn',
        'body/boss withdrawn',
      ]);
    });
  });

  describe('Waits in a step in the body of a step', () => {
    const impatient = { timeout: 60, retry: { maxAttempts: 1 } };

    it.each([
      ['an event', (): Promise<unknown> => waitForEvent('a')],
      ['a question', (): Promise<unknown> => waitForApproval('a', { timeout: hours(1) })],
    ])('for %s are over with the outer one', async (_, wait) => {
      const handle = await begin(app.client, async () => {
        const error = await fault(() => step('outer', impatient, () => step('inner', wait)));
        return [error, await waitForEvent('a')];
      });
      await eventually(async () => (await openWaits(app.client, handle.id)).join() === 'a');
      await app.client.sendEvent(handle.id, 'a', 1);
      expect(await handle.result()).toEqual([expect.any(StepTimeout), 1]);
    });

    it('are opened anew by the next attempt of the outer one, which alone is given what comes', async () => {
      const handle = await begin(app.client, () =>
        step('outer', { timeout: 500, retry: { maxAttempts: 2, ...quickly } }, async () => {
          const { attempt } = execution();
          const payload = await step('inner', () => waitForEvent('a', { match: () => attempt === 2 }));
          runs.push(`attempt ${attempt}`);
          return payload;
        }),
      );
      await app.client.sendEvent(handle.id, 'a', 1);
      expect(await handle.result()).toBe(1);
      expect(runs).toEqual(['attempt 2']);
    });

    it('jam nothing where they are due after the outer one was given up', async () => {
      const handle = await begin(app.client, async () => {
        const outer = fault(() =>
          step('outer', impatient, () =>
            step('inner', () => waitForApproval('boss', { timeout: 150, timeoutValue: 'nobody' })),
          ),
        );
        const other = waitForEvent('other', { timeout: 400, timeoutValue: 'in time' });
        return [await outer, await other, await waitForEvent('a')];
      });
      await eventually(async () => (await openWaits(app.client, handle.id)).join() === 'a');
      await app.client.sendEvent(handle.id, 'a', 1);
      expect(await handle.result()).toEqual([expect.any(StepTimeout), 'in time', 1]);
    });
  });

  it('A step is over in time, however much is sent meanwhile that nobody wants', async () => {
    const handle = await begin(app.client, () =>
      step('outer', { timeout: 600, retry: { maxAttempts: 1 } }, () => waitForEvent('a')),
    );
    let sent = 0;
    let isOver = false;
    const sender = async (): Promise<void> => {
      for (; !isOver && sent < 5_000; sent += 1) {
        try {
          await app.client.sendEvent(handle.id, 'b');
        } catch (error) {
          expect(error).toBeInstanceOf(ExecutionFinished);
          return;
        }
      }
    };
    const over = failureOf(handle.result(), Error).then(() => (isOver = true));
    await Promise.all([sender(), sender(), over]);
    expect(await causeOf(handle, StepTimeout)).toMatchObject({ step: 'outer' });
    expect(sent).toBeGreaterThan(10);
    expect(sent).toBeLessThan(5_000);
  });

  it('A sleep of a body that failed before it came back to it is not the sleep of the next attempt', async () => {
    let fails = false;
    const slept: number[] = [];
    const first = app;
    const handle = await begin(first.client, () =>
      step('body', { retry: { maxAttempts: 2, ...quickly } }, async () => {
        if (fails) {
          fails = false;
          throw new Error('before the sleep');
        }
        const before = performance.now();
        await sleep(1_500);
        slept.push(performance.now() - before);
      }),
    );
    await parked(handle);
    fails = true;
    await first.close();
    app = await database.start(PROVIDERS, HASTY);
    await (await app.client.handle(Coded, { id: handle.id })).result();
    expect(slept).toHaveLength(1);
    // As the clock of the database tells it, which is not quite this one.
    expect(slept[0]).toBeGreaterThan(1_400);
    expect(await recordedOf(app.client, handle.id)).toContain('body/sleep completed');
  });

  describe('The time-out of a step', () => {
    it.each([
      ['a short one', 60],
      ['a long one, over which the execution is parked', 1_300],
    ])('%s, ends before that of a wait in it, which is withdrawn', async (_, timeout) => {
      const handle = await begin(app.client, async () => {
        const error = await fault(() =>
          step('body', { timeout, retry: { maxAttempts: 1 } }, () =>
            waitForEvent('a', { timeout: hours(1) }),
          ),
        );
        return [error, await waitForEvent('a')];
      });
      await eventually(async () => (await openWaits(app.client, handle.id)).join() === 'a');
      await app.client.sendEvent(handle.id, 'a', 1);
      const [error, payload] = (await handle.result()) as unknown[];
      expect(error).toBeInstanceOf(StepTimeout);
      expect(payload).toBe(1);
      expect(await recordedOf(app.client, handle.id)).toEqual([
        expect.stringMatching(/^body(\/a withdrawn| failed)$/),
        expect.stringMatching(/^body(\/a withdrawn| failed)$/),
        'a completed',
      ]);
    });

    it('counts each attempt anew, and the next one waits anew', async () => {
      const handle = await begin(app.client, () =>
        step('body', { timeout: '1s', retry: { maxAttempts: 3, ...quickly } }, async () => {
          const { attempt } = execution();
          runs.push(`attempt ${attempt}`);
          return [attempt, await waitForEvent('a', { match: () => attempt === 2 })];
        }),
      );
      await app.client.sendEvent(handle.id, 'a', 1);
      expect(await handle.result()).toEqual([2, 1]);
      expect(runs).toEqual(['attempt 1', 'attempt 2']);
    });

    it.each([
      ['a wait', () => waitForEvent('a', { timeout: 1_200, timeoutValue: 'the wait' })],
      ['a sleep', () => sleep(1_200).then(() => 'the wait')],
    ])('lets %s of its body end first whose time is up first', async (_, wait) => {
      const handle = await begin(app.client, () =>
        step('body', { timeout: 1_400, retry: { maxAttempts: 1 } }, wait),
      );
      expect(await handle.result()).toBe('the wait');
    });
  });
});
