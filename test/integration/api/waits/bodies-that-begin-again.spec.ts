import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type DurableClient,
  execution,
  type ExecutionHandle,
  race,
  step,
  waitForApproval,
  waitForEvent,
} from 'nest-durable';
import { onDatabase } from '../../../support/api-database.js';
import type { DurableApp } from '../../../support/durable-app.js';
import { eventually } from '../../../support/eventually.js';
import { Gate } from '../../../support/gate.js';
import { recordedOf } from '../../../support/recorded.js';
import { HASTY } from '../../../support/restart.js';
import { begin, Coded, listening, openWaits, parked, replayedIn } from './coded.js';

/** What the body of `first` does before it waits: nothing in its first process, and as long as a test wants later. */
let errand = new Gate();
/** Holds `second` up until `first` waits. */
let order = new Gate();

const handleIn = (app: DurableApp, { id }: ExecutionHandle): Promise<ExecutionHandle> =>
  app.client.handle(Coded, { id });

onDatabase('PostgreSQL', (database) => {
  let app: DurableApp;
  beforeAll(async () => {
    app = await database.start([Coded]);
  });
  afterAll(() => database.closeApps());
  beforeEach(() => {
    errand = new Gate();
    errand.open();
    order = new Gate();
  });

  /** A body that is on its errand, in a new process, while what came for others has been looked at. */
  async function restarted(handle: ExecutionHandle): Promise<void> {
    await parked(handle);
    errand = new Gate();
    app = await replayedIn(database, app);
  }

  /** There is no worker until this time, and the first thing that the next one does is long. */
  async function awayUntil(
    time: number,
    meanwhile: (client: DurableClient) => Promise<void> = async () => undefined,
  ): Promise<void> {
    await app.close();
    errand = new Gate();
    app = await database.start([], { worker: false });
    await meanwhile(app.client);
    await eventually(() => Date.now() > time);
    await app.close();
    app = await database.start([Coded], HASTY);
  }

  async function duesOf({ id }: ExecutionHandle): Promise<number[]> {
    const { events } = await app.client.listPendingEvents({ executionId: id });
    return events
      .flatMap(({ dueAt }) => (dueAt === undefined ? [] : [dueAt.getTime()]))
      .toSorted((a, b) => a - b);
  }

  const first = (limits: object = {}, timeout: object = {}): Promise<unknown> =>
    step('first', { retry: { maxAttempts: 1 }, ...timeout }, async () => {
      await errand.pass(execution().signal);
      return await waitForEvent('a', limits);
    });
  const second = (limits: object = {}): Promise<unknown> =>
    step('second', async () => {
      await order.pass(execution().signal);
      return await waitForEvent('a', limits);
    });
  const third = (): Promise<unknown> => step('third', () => waitForEvent('b'));

  it('An event goes to the wait that began first, also where its body has yet to come back to it', async () => {
    const handle = await begin(app.client, () => Promise.all([first(), second(), third()]));
    await eventually(async () => (await openWaits(app.client, handle.id)).includes('first/a'));
    order.open();
    await listening(app.client, handle.id, 3);
    await restarted(handle);
    await app.client.sendEvent(handle.id, 'a', 1);
    await app.client.sendEvent(handle.id, 'b');
    // What was sent before that is looked at before it.
    await eventually(async () => (await recordedOf(app.client, handle.id)).includes('third completed'));
    expect(await recordedOf(app.client, handle.id)).not.toContain('second completed');
    errand.open();
    await eventually(async () => (await recordedOf(app.client, handle.id)).includes('first completed'));
    await app.client.sendEvent(handle.id, 'a', 2);
    expect(await (await app.client.handle(Coded, { id: handle.id })).result()).toEqual([1, 2, undefined]);
  });

  it('An event goes to the next wait where a body does not come back to its own for long', async () => {
    const handle = await begin(app.client, () => Promise.all([first(), second()]));
    await eventually(async () => (await openWaits(app.client, handle.id)).includes('first/a'));
    order.open();
    await listening(app.client, handle.id, 2);
    await restarted(handle);
    await app.client.sendEvent(handle.id, 'a', 1);
    await eventually(async () => (await recordedOf(app.client, handle.id)).includes('second completed'));
    errand.open();
    await app.client.sendEvent(handle.id, 'a', 2);
    expect(await (await app.client.handle(Coded, { id: handle.id })).result()).toEqual([2, 1]);
  });

  it('A wait that was due before its step was ends first, also where both are noticed before the body is back', async () => {
    const limits = { timeout: 1_200, timeoutValue: 'the wait' };
    const handle = await begin(app.client, () => Promise.all([first(limits, { timeout: 1_300 }), third()]));
    await listening(app.client, handle.id, 2);
    const { events } = await app.client.listPendingEvents({ executionId: handle.id, event: 'a' });
    const due = events[0]?.dueAt?.getTime() ?? Infinity;
    errand = new Gate();
    await app.close();
    await eventually(() => Date.now() > due + 300);
    app = await database.start([Coded]);
    await app.client.sendEvent(handle.id, 'b');
    await eventually(async () => (await recordedOf(app.client, handle.id)).includes('third completed'));
    errand.open();
    expect(await (await app.client.handle(Coded, { id: handle.id })).result()).toEqual([
      'the wait',
      undefined,
    ]);
  });

  it('A wait that was due before the step around it was ends first, also in a step in between', async () => {
    const handle = await begin(app.client, () =>
      Promise.all([
        step('outer', { timeout: 1_300, retry: { maxAttempts: 1 } }, () =>
          first({ timeout: 1_200, timeoutValue: 'the wait' }),
        ),
        third(),
      ]),
    );
    await listening(app.client, handle.id, 2);
    await parked(handle);
    const { events } = await app.client.listPendingEvents({ executionId: handle.id, event: 'a' });
    await awayUntil((events[0]?.dueAt?.getTime() ?? Infinity) + 300);
    await app.client.sendEvent(handle.id, 'b');
    await eventually(async () => (await recordedOf(app.client, handle.id)).includes('third completed'));
    errand.open();
    expect(await (await app.client.handle(Coded, { id: handle.id })).result()).toEqual([
      'the wait',
      undefined,
    ]);
  });

  it.each([
    ['a step', (limits: object) => second(limits)],
    ['the run method', (limits: object) => order.pass().then(() => waitForEvent('a', limits))],
  ])(
    'An event that came in time is heard by a later wait in %s, also where an earlier one might want it',
    async (_, later) => {
      const handle = await begin(app.client, () =>
        Promise.all([first(), later({ timeout: 2_500, timeoutValue: 'too late' }), third()]),
      );
      await eventually(async () => (await openWaits(app.client, handle.id)).includes('first/a'));
      order.open();
      await listening(app.client, handle.id, 3);
      await parked(handle);
      const due = (await duesOf(handle)).at(-1) ?? Infinity;
      await awayUntil(due + 100, async (client) => {
        for (const number of [1, 2]) await client.sendEvent(handle.id, 'a', number);
        await client.sendEvent(handle.id, 'b');
      });
      await eventually(async () => (await recordedOf(app.client, handle.id)).includes('third completed'));
      errand.open();
      expect(await (await app.client.handle(Coded, { id: handle.id })).result()).toEqual([1, 2, undefined]);
    },
  );

  it('An event is not kept for a wait that its body does not come back to, and does not wait for either', async () => {
    let isFirst = true;
    const handle = await begin(app.client, () =>
      Promise.all([step('changes', () => waitForEvent(isFirst ? 'a' : 'b')), waitForEvent('a')]),
    );
    await listening(app.client, handle.id, 2);
    await parked(handle);
    isFirst = false;
    app = await replayedIn(database, app);
    await app.client.sendEvent(handle.id, 'a', 1);
    await eventually(async () => (await recordedOf(app.client, handle.id)).includes('a completed'));
    await app.client.sendEvent(handle.id, 'b', 2);
    expect(await (await app.client.handle(Coded, { id: handle.id })).result()).toEqual([2, 1]);
  });

  it('An event is for the undo that waits for it, and not kept for what is undone', async () => {
    const handle = await begin(app.client, async () => {
      await step('books', { compensate: async () => void (await waitForEvent('a')) }, () => 1);
      await step('waits', () => waitForEvent('a'));
    });
    await listening(app.client, handle.id);
    await parked(handle);
    app = await replayedIn(database, app);
    await handleIn(app, handle).then((each) => each.cancel('enough', { compensate: true }));
    await eventually(async () =>
      (await openWaits(app.client, handle.id)).some((path) => path.startsWith('#undo')),
    );
    await app.client.sendEvent(handle.id, 'a');
    await eventually(async () => (await (await handleIn(app, handle)).status()) === 'compensated');
  });

  describe('A question of a body that is stopped when it has hardly begun', () => {
    it('is withdrawn where the body, begun again, does not ask it', async () => {
      let isAsked = true;
      const works = new Gate();
      const handle = await begin(app.client, async () => {
        const asking = step('asks', async () => (isAsked ? await waitForApproval('boss') : 'not asked'));
        await Promise.all([asking, step('works', () => works.pass(execution().signal))]);
        await waitForEvent('end');
        return await asking;
      });
      await works.reached();
      await listening(app.client, handle.id);
      isAsked = false;
      app = await replayedIn(database, app);
      works.open();
      await eventually(async () => (await openWaits(app.client, handle.id)).join() === 'end');
      await app.client.sendEvent(handle.id, 'end');
      expect(await (await app.client.handle(Coded, { id: handle.id })).result()).toBe('not asked');
    });

    it('is withdrawn where the body, begun again, calls an event by its name and loses it at once', async () => {
      let isAsked = true;
      const works = new Gate();
      const handle = await begin(app.client, async () => {
        await step('asks', async () => {
          const asked = isAsked ? waitForApproval('boss') : waitForEvent('boss');
          const done = step('done', () => 'done');
          if (isAsked) await step('works', () => works.pass(execution().signal));
          return await race({ asked, done });
        });
        await waitForEvent('end');
      });
      await works.reached();
      await listening(app.client, handle.id);
      isAsked = false;
      app = await replayedIn(database, app);
      await eventually(async () => (await openWaits(app.client, handle.id)).join() === 'end');
      expect(await recordedOf(app.client, handle.id)).toEqual([
        'asks/done completed',
        'asks/boss withdrawn',
        'asks completed',
        'end waiting',
      ]);
    });

    it('is withdrawn where the body ends while its process is stopping', async () => {
      const works = new Gate();
      const handle = await begin(app.client, async () => {
        const work = (): Promise<void> => works.pass(execution().signal).catch(() => undefined);
        await step('asks', () => Promise.race([waitForApproval('boss'), step('works', work)]));
        await waitForEvent('end');
      });
      await works.reached();
      await listening(app.client, handle.id);
      app = await replayedIn(database, app);
      await eventually(async () => (await openWaits(app.client, handle.id)).join() === 'end');
      expect(await recordedOf(app.client, handle.id)).toEqual([
        'asks/works completed',
        'asks/boss withdrawn',
        'asks completed',
        'end waiting',
      ]);
    });
  });
});
