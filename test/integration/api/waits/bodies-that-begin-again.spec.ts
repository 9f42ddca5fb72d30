import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { execution, type ExecutionHandle, step, waitForEvent } from 'nest-durable';
import { onDatabase } from '../../../support/api-database.js';
import type { DurableApp } from '../../../support/durable-app.js';
import { eventually } from '../../../support/eventually.js';
import { Gate } from '../../../support/gate.js';
import { recordedOf } from '../../../support/recorded.js';
import { begin, Coded, listening, openWaits, parked, replayedIn } from './coded.js';

/** What the body of `first` does before it waits: nothing in its first process, and as long as a test wants later. */
let errand = new Gate();
/** Holds `second` up until `first` waits. */
let order = new Gate();

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

  const first = (limits: object = {}, timeout: object = {}): Promise<unknown> =>
    step('first', { retry: { maxAttempts: 1 }, ...timeout }, async () => {
      await errand.pass(execution().signal);
      return await waitForEvent('a', limits);
    });
  const second = (): Promise<unknown> =>
    step('second', async () => {
      await order.pass(execution().signal);
      return await waitForEvent('a');
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
});
