import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  AmbiguousWait,
  ExecutionFinished,
  ExecutionNotFound,
  InputSettled,
  InputTimeout,
  InvalidAnswer,
  InvalidArgument,
  waitForAll,
  waitForAny,
  waitForApproval,
  waitForBroadcast,
  WaitCancelled,
  waitForEvent,
  waitForInput,
  waitForText,
  WaitNotFound,
} from 'nest-durable';
import { onDatabase } from '../../../support/api-database.js';
import type { DurableApp } from '../../../support/durable-app.js';
import { eventually } from '../../../support/eventually.js';
import { Gate } from '../../../support/gate.js';
import { causeOf, failureOf } from '../../../support/outcome.js';
import { recordedOf } from '../../../support/recorded.js';
import { HASTY } from '../../../support/restart.js';
import { begin, Coded, fault, listening, openWaits, parked } from './coded.js';

const NOBODY = '018f0000-0000-7000-8000-000000000000';

const wrongWaits: readonly unknown[] = [
  undefined,
  null,
  5,
  '',
  'a\0',
  {},
  [],
  { inputId: 5 },
  { inputId: 'x' },
  { inputId: `${NOBODY}.1` },
  { waitId: `${NOBODY}.x` },
  { name: 'q' },
];

onDatabase('PostgreSQL', (database) => {
  let app: DurableApp;
  beforeAll(async () => {
    app = await database.start([Coded]);
  });
  afterAll(() => database.closeApps());

  async function inputIds(executionId: string): Promise<string[]> {
    const { inputs } = await app.client.listPendingInputs({ executionId });
    return inputs.map(({ inputId }) => inputId);
  }

  describe('Two questions of one name', () => {
    it('are told apart by their ids', async () => {
      const handle = await begin(app.client, () => Promise.all([waitForText('q'), waitForText('q')]));
      await listening(app.client, handle.id, 2);
      const [first = '', second = ''] = await inputIds(handle.id);
      const failure = await failureOf(app.client.provideInput(handle.id, 'q', 'x'), AmbiguousWait);
      expect(failure).toMatchObject({ wait: 'q', ids: [first, second], fn: 'provideInput()' });
      expect(failure.message).toContain(first);
      await failureOf(app.client.cancelWait(handle.id, 'q'), AmbiguousWait);
      await app.client.provideInput(handle.id, { inputId: second }, 'two');
      // Only one of the name is left.
      await app.client.provideInput(handle.id, 'q', 'one');
      expect(await handle.result()).toEqual(['one', 'two']);
    });

    it('one after the other are two questions, and an answer is for the one that is open', async () => {
      const handle = await begin(app.client, async () => [await waitForText('q'), await waitForText('q')]);
      await listening(app.client, handle.id);
      const [first = ''] = await inputIds(handle.id);
      await app.client.provideInput(handle.id, 'q', 'one', { by: 'ann' });
      await eventually(async () => (await inputIds(handle.id)).some((id) => id !== first));
      const late = app.client.provideInput(handle.id, { inputId: first }, 'late');
      expect(await failureOf(late, InputSettled)).toMatchObject({ outcome: 'answered', by: 'ann' });
      await app.client.provideInput(handle.id, 'q', 'two');
      expect(await handle.result()).toEqual(['one', 'two']);
    });
  });

  describe('A question that has been answered', () => {
    it('is settled: a second answer hears by whom and when, also after the end', async () => {
      const handle = await begin(app.client, async () => [
        await waitForApproval('boss'),
        await waitForEvent('end'),
      ]);
      const { openedAt, inputId } = await eventually(
        async () => (await app.client.listPendingInputs({ executionId: handle.id })).inputs[0],
      );
      await app.client.provideInput(handle.id, 'boss', true, { by: 'ann' });
      for (const which of ['boss', { inputId }]) {
        const failure = await failureOf(app.client.provideInput(handle.id, which, false), InputSettled);
        expect(failure).toMatchObject({
          executionId: handle.id,
          input: 'boss',
          outcome: 'answered',
          by: 'ann',
        });
        expect(failure.message).toContain('by ann');
        expect(new Date(failure.at ?? NaN).getTime()).toBeGreaterThanOrEqual(openedAt.getTime());
        await failureOf(app.client.cancelWait(handle.id, which), InputSettled);
      }
      await app.client.sendEvent(handle.id, 'end');
      expect(await handle.result()).toEqual(['approved', undefined]);
      await failureOf(app.client.provideInput(handle.id, 'boss', true), InputSettled);
    });

    it('has one answer of twenty that come at once', async () => {
      const handle = await begin(app.client, () => waitForInput('q', { type: 'text' }));
      await listening(app.client, handle.id);
      const given = await Promise.allSettled(
        Array.from({ length: 20 }, (_, n) =>
          app.client.provideInput(handle.id, 'q', `answer ${n}`, { by: `${n}` }),
        ),
      );
      const winners = given.flatMap(({ status }, n) => (status === 'fulfilled' ? [n] : []));
      expect(winners).toHaveLength(1);
      expect(await handle.result()).toMatchObject({ value: `answer ${winners[0]}`, by: `${winners[0]}` });
      for (const each of given) {
        if (each.status === 'rejected') {
          expect(each.reason).toBeInstanceOf(InputSettled);
          expect(each.reason).toMatchObject({ outcome: 'answered', by: `${winners[0]}` });
        }
      }
    });
  });

  describe('A question whose time is up', () => {
    it('gives its timeoutValue or undefined, or fails, as it was asked', async () => {
      const handle = await begin(app.client, async () => [
        await waitForApproval('boss', { timeout: 10 }),
        await waitForApproval('boss', { timeout: 10, timeoutValue: 'auto_rejected' }),
        await waitForInput('boss', { type: 'text', timeout: 10, timeoutValue: null, onTimeout: 'resume' }),
        await waitForInput('boss', { type: 'text', timeout: 10 }),
        await fault(() => waitForText('boss', { timeout: 10, onTimeout: 'fail' })),
      ]);
      const result = (await handle.result()) as unknown[];
      expect(result.slice(0, 4)).toEqual([undefined, 'auto_rejected', null, undefined]);
      expect(result[4]).toBeInstanceOf(InputTimeout);
      expect(result[4]).toMatchObject({ input: 'boss', timeout: 10, executionId: handle.id });
      expect(await recordedOf(app.client, handle.id)).toEqual([
        'boss timed_out',
        'boss#2 timed_out',
        'boss#3 timed_out',
        'boss#4 timed_out',
        'boss#5 failed',
      ]);
      expect(await openWaits(app.client, handle.id)).toEqual([]);
    });

    it('is settled, and says so to who answers late', async () => {
      const handle = await begin(app.client, async () => [
        await waitForText('q', { timeout: 20, timeoutValue: 'late' }),
        await waitForEvent('end'),
      ]);
      await eventually(async () => (await openWaits(app.client, handle.id)).join() === 'end');
      const failure = await failureOf(app.client.provideInput(handle.id, 'q', 'x'), InputSettled);
      expect(failure.outcome).toBe('timed_out');
      expect(failure.by).toBeUndefined();
      expect(failure.at).toBeDefined();
      await failureOf(app.client.cancelWait(handle.id, 'q'), InputSettled);
      await app.client.sendEvent(handle.id, 'end');
      expect(await handle.result()).toEqual(['late', undefined]);
    });

    it('cannot be answered, and is listed no more, while nobody is there to notice', async () => {
      const first = app;
      const handle = await begin(first.client, () =>
        waitForText('q', { timeout: 1_200, timeoutValue: 'late' }),
      );
      await parked(handle);
      await first.close();
      const idle = await database.start([Coded], { ...HASTY, worker: false });
      await eventually(async () => (await idle.client.listPendingInputs()).inputs.length === 0);
      const late = idle.client.provideInput(handle.id, 'q', 'x');
      expect(await failureOf(late, InputSettled)).toMatchObject({ outcome: 'timed_out' });
      await idle.close();
      app = await database.start([Coded]);
      expect(await (await app.client.handle(Coded, { id: handle.id })).result()).toBe('late');
    });

    it('stays timed out on a replay', async () => {
      const gate = new Gate();
      const handle = await begin(app.client, async () => {
        const first = await waitForText('q', { timeout: 10, timeoutValue: 'late' });
        const second = await fault(() => waitForText('q', { timeout: 10, onTimeout: 'fail' }));
        await gate.pass();
        return [first, (second as Error).name];
      });
      await gate.reached();
      await app.close();
      gate.open();
      app = await database.start([Coded], HASTY);
      expect(await (await app.client.handle(Coded, { id: handle.id })).result()).toEqual([
        'late',
        'InputTimeout',
      ]);
      expect(gate.arrivals).toBe(2);
    });

    it('against answers at the same moment: one of the two counts, and both sides say the same', async () => {
      const timeouts = Array.from({ length: 24 }, (_, n) => 1 + n * n);
      const handles = await Promise.all(
        [...timeouts, 20_000].map((timeout) =>
          begin(app.client, () => waitForText('q', { timeout, timeoutValue: 'late' })),
        ),
      );
      const outcomes = await Promise.all(
        handles.map(async (handle) => {
          const given = await eventually(() =>
            app.client.provideInput(handle.id, 'q', 'answer').then(
              () => 'answer',
              (error: unknown) => (error instanceof WaitNotFound ? undefined : (error as Error)),
            ),
          );
          const result = await handle.result();
          if (given !== 'answer') {
            expect(given).toBeInstanceOf(Error);
            expect(given).toMatchObject({ code: 'DURABLE_INPUT_SETTLED', outcome: 'timed_out' });
          }
          expect(result).toBe(given === 'answer' ? 'answer' : 'late');
          return result;
        }),
      );
      expect(new Set(outcomes)).toEqual(new Set(['late', 'answer']));
    });
  });

  describe('cancelWait()', () => {
    it('ends a question with a WaitCancelled that code can catch, and that says why', async () => {
      const handle = await begin(app.client, async () => [
        await fault(() => waitForApproval('boss', { timeout: '1h', timeoutValue: 'late' })),
        await waitForEvent('end'),
      ]);
      await parked(handle);
      await app.client.cancelWait(handle.id, 'boss', 'on holiday');
      await eventually(async () => (await openWaits(app.client, handle.id)).join() === 'end');
      const settled = await failureOf(app.client.provideInput(handle.id, 'boss', true), InputSettled);
      expect(settled.outcome).toBe('cancelled');
      await failureOf(app.client.cancelWait(handle.id, 'boss'), InputSettled);
      await app.client.sendEvent(handle.id, 'end');
      const [error] = (await handle.result()) as unknown[];
      expect(error).toBeInstanceOf(WaitCancelled);
      expect(error).toMatchObject({ wait: 'boss', reason: 'on holiday', executionId: handle.id });
      expect(await recordedOf(app.client, handle.id)).toEqual(['boss failed', 'end completed']);
    });

    it.each([
      ['an event', 'a', () => waitForEvent('a')],
      ['any of several, by each name', 'b', () => waitForAny(['a', 'b'])],
      ['all of several', 'a', () => waitForAll(['a', 'b'])],
      ['a broadcast', 'a', () => waitForBroadcast('a', { scope: 'cancelled' })],
    ])('ends a wait for %s', async (_, name, wait) => {
      const handle = await begin(app.client, wait);
      await listening(app.client, handle.id);
      await app.client.cancelWait(handle.id, name);
      const error = await causeOf(handle, WaitCancelled);
      expect(error.wait).toBe(name);
      expect(error.reason).toBeUndefined();
      expect(await openWaits(app.client, handle.id)).toEqual([]);
    });

    it('ends one of several by its id, and leaves what was sent to the others', async () => {
      const handle = await begin(app.client, () =>
        Promise.all([fault(() => waitForEvent('a')), fault(() => waitForEvent('a'))]),
      );
      await listening(app.client, handle.id, 2);
      const { events } = await app.client.listPendingEvents({ executionId: handle.id });
      const ids = events.map(({ waitId }) => waitId);
      const failure = await failureOf(app.client.cancelWait(handle.id, 'a'), AmbiguousWait);
      expect(failure).toMatchObject({ ids, fn: 'cancelWait()' });
      await app.client.cancelWait(handle.id, { waitId: ids[0] ?? '' }, 'this one');
      await listening(app.client, handle.id);
      await app.client.sendEvent(handle.id, 'a', 1);
      const [cancelled, got] = (await handle.result()) as unknown[];
      expect(cancelled).toMatchObject({ code: 'DURABLE_WAIT_CANCELLED', reason: 'this one' });
      expect(got).toEqual({ resolvedWith: 1 });
    });

    it('tells a question and a wait for an event of one name apart by their ids', async () => {
      const handle = await begin(app.client, () =>
        Promise.all([waitForText('same'), fault(() => waitForEvent('same'))]),
      );
      await listening(app.client, handle.id, 2);
      const failure = await failureOf(app.client.cancelWait(handle.id, 'same'), AmbiguousWait);
      const { events } = await app.client.listPendingEvents({ executionId: handle.id });
      const waitId = events[0]?.waitId ?? '';
      expect(failure.ids.toSorted()).toEqual([...(await inputIds(handle.id)), waitId].toSorted());
      await app.client.cancelWait(handle.id, { waitId });
      await listening(app.client, handle.id);
      await app.client.provideInput(handle.id, 'same', 'answer');
      expect(await handle.result()).toEqual(['answer', expect.any(WaitCancelled)]);
    });

    it('gives back what a waitForAll() has kept', async () => {
      const handle = await begin(app.client, async () => [
        await fault(() => waitForAll(['a', 'b'])),
        await waitForEvent('a'),
      ]);
      await listening(app.client, handle.id);
      await app.client.sendEvent(handle.id, 'a', 1);
      await app.client.cancelWait(handle.id, 'b');
      const [error, payload] = (await handle.result()) as unknown[];
      expect(error).toBeInstanceOf(WaitCancelled);
      expect(payload).toBe(1);
    });

    it('is not undone by a replay', async () => {
      const gate = new Gate();
      const handle = await begin(app.client, async () => {
        const error = await fault(() => waitForEvent('a'));
        await gate.pass();
        return [(error as WaitCancelled).reason, await waitForEvent('a')];
      });
      await listening(app.client, handle.id);
      await app.client.cancelWait(handle.id, 'a', 'why');
      await gate.reached();
      await app.client.sendEvent(handle.id, 'a', 1);
      await app.close();
      gate.open();
      app = await database.start([Coded], HASTY);
      expect(await (await app.client.handle(Coded, { id: handle.id })).result()).toEqual(['why', 1]);
    });
  });

  describe.each(['provideInput', 'cancelWait'] as const)('%s()', (fn) => {
    const call = (id: unknown, which: unknown, ...rest: unknown[]): Promise<void> =>
      fn === 'provideInput'
        ? app.client.provideInput(id as string, which as string, 'x', ...(rest as []))
        : app.client.cancelWait(id as string, which as string, ...(rest as []));

    it('says when nothing of the name is open, nobody is there, or it has ended', async () => {
      const handle = await begin(app.client, () => waitForEvent('a'));
      await listening(app.client, handle.id);
      const failure = await failureOf(call(handle.id, 'q'), WaitNotFound);
      expect(failure).toMatchObject({ wait: 'q', fn: `${fn}()`, executionId: handle.id });
      await failureOf(call(handle.id, { waitId: `${handle.id}.99` }), WaitNotFound);
      await failureOf(call(NOBODY, 'q'), ExecutionNotFound);
      await failureOf(call('no id', 'q'), ExecutionNotFound);
      await app.client.sendEvent(handle.id, 'a');
      await handle.result();
      const ended = await failureOf(call(handle.id, 'q'), ExecutionFinished);
      expect(ended).toMatchObject({ status: 'completed', action: `${fn}()` });
    });

    it('refuses every wrong argument', async () => {
      const handle = await begin(app.client, () => waitForText('q'));
      await listening(app.client, handle.id);
      for (const which of wrongWaits) {
        const failure = await failureOf(call(handle.id, which), InvalidArgument);
        expect(failure.message).toContain(`${fn}()`);
      }
      const rest =
        fn === 'cancelWait'
          ? [null, 5, 'a\0', {}]
          : [
              null,
              5,
              { by: 5 },
              { by: '' },
              { by: 'a\0' },
              { comment: 5 },
              { comment: '\ud800' },
              { who: 'ann' },
            ];
      for (const each of rest) await failureOf(call(handle.id, 'q', each), InvalidArgument);
      for (const id of [undefined, null, 5]) {
        await failureOf(call(id, 'q'), InvalidArgument);
      }
      await listening(app.client, handle.id);
    });
  });

  it('provideInput() of a wait for an event by its id is no answer', async () => {
    const handle = await begin(app.client, () => waitForEvent('a'));
    await listening(app.client, handle.id);
    const { events } = await app.client.listPendingEvents({ executionId: handle.id });
    const inputId = events[0]?.waitId ?? '';
    await failureOf(app.client.provideInput(handle.id, { inputId }, 1), WaitNotFound);
    await listening(app.client, handle.id);
  });

  it('An answer that is wrong changes nothing, also where another one has come first', async () => {
    const handle = await begin(app.client, async () => [
      await waitForApproval('boss'),
      await waitForEvent('end'),
    ]);
    await listening(app.client, handle.id);
    await failureOf(app.client.provideInput(handle.id, 'boss', 'perhaps'), InvalidAnswer);
    await app.client.provideInput(handle.id, 'boss', 'approved');
    await failureOf(app.client.provideInput(handle.id, 'boss', 'perhaps'), InputSettled);
    await app.client.sendEvent(handle.id, 'end');
    await handle.result();
  });
});
