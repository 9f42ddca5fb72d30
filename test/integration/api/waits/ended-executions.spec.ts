import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Compensate,
  execution,
  ExecutionCancelled,
  ExecutionFailed,
  InputSettled,
  Pipeline,
  sleep,
  Step,
  step,
  waitForApproval,
  waitForBroadcast,
  waitForEvent,
  Workflow,
  WorkflowTimeout,
} from 'nest-durable';
import { onDatabase } from '../../../support/api-database.js';
import type { DurableApp } from '../../../support/durable-app.js';
import { eventually } from '../../../support/eventually.js';
import { Gate } from '../../../support/gate.js';
import { causeOf, failureOf } from '../../../support/outcome.js';
import { recordedOf } from '../../../support/recorded.js';
import { HASTY } from '../../../support/restart.js';
import { begin, callOf, Coded, listening, openWaits, parked } from './coded.js';

let gate = new Gate();
let runs: string[] = [];

@Workflow({ name: 'undone_with_waits' })
class UndoneWithWaits extends Pipeline<{ how: string }> {
  @Step()
  charge() {}

  @Compensate('charge')
  async refund() {
    runs.push('refund: top');
    await sleep(5);
    const approval = await waitForApproval('refund');
    const slip = await waitForEvent('slip');
    const none = await waitForEvent('never', { timeout: 10, timeoutValue: 'late' });
    runs.push(`refund: ${approval} ${String(slip)} ${String(none)}`);
  }

  @Step({ retry: { maxAttempts: 1 } })
  async goesOn({ how }: { how: string }) {
    if (how === 'waits') await waitForEvent('slip', { match: (payload) => payload === 'for the main line' });
    throw new Error('failed');
  }
}

const PROVIDERS = [Coded, UndoneWithWaits];

/** What waits in every way. */
async function waitForEverything(): Promise<void> {
  await Promise.all([
    waitForEvent('a', { timeout: '1h' }),
    waitForApproval('boss'),
    waitForBroadcast('rates', { scope: 'EUR' }),
    sleep('1h'),
  ]);
}

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

  describe('What an execution waits for is open no more', () => {
    it('when it is cancelled while it is parked', async () => {
      const handle = await begin(app.client, waitForEverything);
      await listening(app.client, handle.id, 3);
      await parked(handle);
      await handle.cancel('off');
      await failureOf(handle.result(), ExecutionCancelled);
      expect(await openWaits(app.client, handle.id)).toEqual([]);
      const { steps } = await app.client.getExecution(handle.id, { steps: true });
      expect(steps?.map(({ status }) => status)).toEqual(Array(4).fill('interrupted'));
      const failure = await failureOf(app.client.provideInput(handle.id, 'boss', true), Error);
      expect(failure).toMatchObject({ code: 'DURABLE_EXECUTION_FINISHED', status: 'cancelled' });
    });

    it('when it is cancelled while something of it runs', async () => {
      const handle = await begin(app.client, () =>
        Promise.all([
          waitForEverything(),
          step('works', { retry: { maxAttempts: 1 } }, () => gate.pass(execution().signal)),
        ]),
      );
      await gate.reached();
      await listening(app.client, handle.id, 3);
      await handle.cancel('off');
      await failureOf(handle.result(), ExecutionCancelled);
      expect(await openWaits(app.client, handle.id)).toEqual([]);
    });

    it('when it is cancelled by an application without workers', async () => {
      const handle = await begin(app.client, waitForEverything);
      await listening(app.client, handle.id, 3);
      await parked(handle);
      await app.close();
      const idle = await database.start(PROVIDERS, { ...HASTY, worker: false });
      expect(await openWaits(idle.client, handle.id)).toHaveLength(3);
      await idle.client.cancel(handle.id, 'off');
      expect(await idle.client.getExecution(handle.id)).toMatchObject({ status: 'cancelled' });
      expect(await openWaits(idle.client, handle.id)).toEqual([]);
      await idle.close();
      app = await database.start(PROVIDERS);
    });

    it('when it is cancelled and what it did is undone: before the undo begins', async () => {
      const handle = await begin(app.client, async () => {
        await step('charge', { compensate: () => gate.pass() }, () => 1);
        await waitForEverything();
      });
      await listening(app.client, handle.id, 3);
      await parked(handle);
      await handle.cancel('off', { compensate: true });
      await gate.reached();
      expect(await handle.status()).toBe('compensating');
      expect(await openWaits(app.client, handle.id)).toEqual([]);
      expect(await failureOf(app.client.provideInput(handle.id, 'boss', true), InputSettled)).toMatchObject({
        outcome: 'withdrawn',
      });
      gate.open();
      await failureOf(handle.result(), ExecutionCancelled);
      expect(await handle.status()).toBe('compensated');
    });

    it.each([
      ['soon', 80],
      ['after it was parked', 1_200],
    ])('when its own time is up: %s', async (_, timeout) => {
      const handle = await app.client.start(Coded, callOf(waitForEverything), { timeout });
      await causeOf(handle, WorkflowTimeout);
      expect(await openWaits(app.client, handle.id)).toEqual([]);
    });

    it('when it fails beside them', async () => {
      const handle = await begin(app.client, () =>
        Promise.all([
          waitForEverything(),
          step('fails', { retry: { maxAttempts: 1 } }, async () => {
            await gate.pass();
            throw new Error('failed');
          }),
        ]),
      );
      await gate.reached();
      await listening(app.client, handle.id, 3);
      gate.open();
      await failureOf(handle.result(), ExecutionFailed);
      expect(await openWaits(app.client, handle.id)).toEqual([]);
    });

    it('when it returns without them', async () => {
      const handle = await begin(app.client, async () => {
        void waitForEverything();
        await step('works', () => gate.pass());
        return 'done';
      });
      await gate.reached();
      await listening(app.client, handle.id, 3);
      gate.open();
      expect(await handle.result()).toBe('done');
      expect(await openWaits(app.client, handle.id)).toEqual([]);
    });
  });

  describe('Of a wait, a step and the execution the earliest time-out wins', () => {
    const code =
      (wait: number, limit: number): (() => Promise<unknown>) =>
      () =>
        step('body', { timeout: limit, retry: { maxAttempts: 1 } }, () =>
          waitForEvent('a', { timeout: wait, timeoutValue: 'the wait' }),
        );

    it.each([
      ['the wait', 40, 10_000, 20_000, ['body/a timed_out', 'body completed'], 'the wait'],
      ['the step', 10_000, 40, 20_000, ['body failed', 'body/a withdrawn'], 'StepTimeout'],
      ['the execution', 10_000, 20_000, 40, ['body failed', 'body/a interrupted'], 'WorkflowTimeout'],
    ])('%s', async (_, wait, limit, timeout, recorded, outcome) => {
      const handle = await app.client.start(Coded, callOf(code(wait, limit)), { timeout });
      const ended = await handle.result().catch(({ cause }: Error) => (cause as Error).name);
      expect(ended).toBe(outcome);
      const lines = await recordedOf(app.client, handle.id);
      if (outcome === 'WorkflowTimeout') expect(lines.join()).not.toContain('timed_out');
      else expect(lines.toSorted()).toEqual(recorded.toSorted());
      expect(await openWaits(app.client, handle.id)).toEqual([]);
    });
  });

  describe('In a compensation', () => {
    async function answered(id: string): Promise<void> {
      await eventually(async () =>
        (await openWaits(app.client, id)).some((path) => path.endsWith('/refund')),
      );
      await app.client.provideInput(id, 'refund', true);
      await eventually(async () => (await openWaits(app.client, id)).some((path) => path.endsWith('/slip')));
      await app.client.sendEvent(id, 'slip', 'slip');
    }

    it('waits are open, answered and timed', async () => {
      const handle = await app.client.start(UndoneWithWaits, { how: 'fails' });
      await eventually(async () => (await openWaits(app.client, handle.id)).length === 1);
      expect(await handle.status()).toBe('compensating');
      await answered(handle.id);
      await failureOf(handle.result(), ExecutionFailed);
      expect(await handle.status()).toBe('compensated');
      expect(runs).toEqual(['refund: top', 'refund: approved slip late']);
      expect((await recordedOf(app.client, handle.id)).slice(2)).toEqual([
        '#undo/charge/sleep completed',
        '#undo/charge/refund completed',
        '#undo/charge/slip completed',
        '#undo/charge/never timed_out',
        '#undo/charge completed',
      ]);
      expect(await openWaits(app.client, handle.id)).toEqual([]);
    });

    it('waits go on in the next application', async () => {
      const first = app;
      const handle = await first.client.start(UndoneWithWaits, { how: 'fails' });
      await eventually(async () => (await openWaits(first.client, handle.id)).length === 1);
      await first.close();
      app = await database.start(PROVIDERS, HASTY);
      await answered(handle.id);
      const again = await app.client.handle(UndoneWithWaits, { id: handle.id });
      await failureOf(again.result(), ExecutionFailed);
      expect(await again.status()).toBe('compensated');
      expect(runs).toEqual(['refund: top', 'refund: top', 'refund: approved slip late']);
    });

    it('waits take what was sent before and the main line left', async () => {
      const handle = await app.client.start(UndoneWithWaits, { how: 'waits' });
      await listening(app.client, handle.id);
      await app.client.sendEvent(handle.id, 'slip', 'left');
      await app.client.sendEvent(handle.id, 'slip', 'for the main line');
      await eventually(async () =>
        (await openWaits(app.client, handle.id)).some((path) => path.endsWith('/refund')),
      );
      await app.client.provideInput(handle.id, 'refund', false);
      await failureOf(handle.result(), ExecutionFailed);
      expect(runs.at(-1)).toBe('refund: rejected left late');
    });
  });
});
