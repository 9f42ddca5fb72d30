import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { IsInt } from 'class-validator';
import {
  broadcast,
  BroadcastHeld,
  defineEvent,
  EventKeyHeld,
  execution,
  ExecutionFinished,
  ExecutionNotFound,
  InvalidArgument,
  InvalidEvent,
  NotInWorkflow,
  NotSerializable,
  sendEvent,
  step,
  waitForBroadcast,
  waitForEvent,
} from 'nest-durable';
import { EventIntake } from '../../../../lib/intake/event-intake.js';
import { onDatabase } from '../../../support/api-database.js';
import type { DurableApp } from '../../../support/durable-app.js';
import { Gate } from '../../../support/gate.js';
import { causeOf, failureOf } from '../../../support/outcome.js';
import { recordedOf } from '../../../support/recorded.js';
import { begin, Coded, fault, listening, parked, replayedIn } from './coded.js';

class PaidDto {
  @IsInt() total!: number;
}
const Paid = defineEvent('paid', PaidDto);

const NOBODY = '018f0000-0000-7000-8000-000000000000';

/** Everything that comes under a name, until nothing has come for a while. */
async function allOf(name: string, until: string): Promise<unknown[]> {
  const got: unknown[] = [];
  await waitForEvent(until);
  for (;;) {
    const payload = await waitForEvent(name, { timeout: 20, timeoutValue: 'no more' });
    if (payload === 'no more') return got;
    got.push(payload);
  }
}

const wrongSends: Readonly<Record<string, () => Promise<unknown>>> = {
  'sendEvent: no id': () => sendEvent(undefined as never, 'a'),
  'sendEvent: what is no id': () => sendEvent('somebody', 'a'),
  'sendEvent: an object': () => sendEvent({ workflow: 'coded', key: 'a' } as never, 'a'),
  'sendEvent: no name': () => sendEvent(NOBODY, undefined as never),
  'sendEvent: an empty name': () => sendEvent(NOBODY, ''),
  'broadcast: no options': () => broadcast('a', 1, undefined as never),
  'broadcast: neither scope nor end': () => broadcast('a', 1, {} as never),
  'broadcast: an unknown option': () => broadcast('a', 1, { scope: 'x', manager: null } as never),
  'broadcast: an end that is none': () => broadcast('a', 1, { expiresIn: 'soon' }),
  'broadcast: an empty scope': () => broadcast('a', 1, { scope: '' }),
  'broadcast: a name with NUL': () => broadcast('a\0', 1, { scope: 'x' }),
};

onDatabase('PostgreSQL', (database) => {
  let app: DurableApp;
  beforeAll(async () => {
    app = await database.start([Coded]);
  });
  afterAll(() => database.closeApps());
  afterEach(() => void jest.restoreAllMocks());

  describe('sendEvent() from inside an execution', () => {
    it('is in the history, and sends once over retries of the step around it', async () => {
      const receiver = await begin(app.client, () => allOf('a', 'end'));
      let attempts = 0;
      const sender = await begin(app.client, async () => {
        await sendEvent(receiver.id, 'a', 'main');
        await step('tells', { retry: { maxAttempts: 3, base: 1, jitter: 0 } }, async () => {
          attempts += 1;
          await sendEvent(receiver.id, 'a', `step, attempt ${attempts}`);
          if (attempts < 3) throw new Error('again');
        });
        await sendEvent(receiver.id, 'a', 'main again');
        await sendEvent(receiver.id, 'end');
      });
      await sender.result();
      expect(attempts).toBe(3);
      expect(await receiver.result()).toEqual(['main', 'step, attempt 1', 'main again']);
      expect(await recordedOf(app.client, sender.id)).toEqual([
        'a completed',
        'tells/a completed',
        'tells attempt_failed',
        'tells attempt_failed',
        'tells completed',
        'a#2 completed',
        'end completed',
      ]);
      const { steps } = await app.client.getExecution(sender.id, { steps: true });
      expect(steps?.[0]).toMatchObject({ name: 'a', kind: 'send' });
    });

    it('sends once over a replay', async () => {
      const gate = new Gate();
      const receiver = await begin(app.client, () => allOf('a', 'end'));
      const sender = await begin(app.client, async () => {
        await sendEvent(receiver.id, 'a', 1);
        await step('tells', async () => {
          await sendEvent(receiver.id, 'a', 2);
          await gate.pass(execution().signal);
        });
        await sendEvent(receiver.id, 'end');
      });
      await gate.reached();
      await listening(app.client, receiver.id);
      const next = replayedIn(database, app);
      gate.open();
      app = await next;
      await (await app.client.handle(Coded, { id: sender.id })).result();
      expect(await (await app.client.handle(Coded, { id: receiver.id })).result()).toEqual([1, 2]);
    });

    it('sends to itself', async () => {
      const handle = await begin(app.client, async () => {
        await sendEvent(execution().id, 'a', 1);
        const [beside] = await Promise.all([waitForEvent('b'), sendEvent(execution().id, 'b', 2)]);
        return [await waitForEvent('a'), beside];
      });
      expect(await handle.result()).toEqual([1, 2]);
    });

    it('wakes one that is parked', async () => {
      const receiver = await begin(app.client, () => waitForEvent('a'));
      await parked(receiver);
      const sender = await begin(app.client, () => sendEvent(receiver.id, 'a', new Map([['b', 1]])));
      await sender.result();
      expect(await receiver.result()).toEqual(new Map([['b', 1]]));
    });

    it('tells the code when nobody is there, or not any more, without trying again', async () => {
      const finished = await begin(app.client, async () => 'done');
      await finished.result();
      const handle = await begin(app.client, async () => [
        await fault(() => sendEvent(NOBODY, 'a')),
        await fault(() => sendEvent(finished.id, 'a')),
      ]);
      const [nobody, ended] = (await handle.result()) as unknown[];
      expect(nobody).toBeInstanceOf(ExecutionNotFound);
      expect(ended).toBeInstanceOf(ExecutionFinished);
      expect(ended).toMatchObject({ executionId: finished.id, status: 'completed' });
      expect(await recordedOf(app.client, handle.id)).toEqual(['a failed', 'a#2 failed']);
    });

    it('checks what its event says of the payload, and what can be stored: at once and for good', async () => {
      const receiver = await begin(app.client, () => waitForEvent(Paid));
      const handle = await begin(app.client, async () => {
        const errors = [
          await fault(() => sendEvent(receiver.id, Paid, { total: 'x' } as never)),
          await fault(() => sendEvent(receiver.id, 'a', () => 1)),
        ];
        await sendEvent(receiver.id, Paid, { total: 5 });
        return errors;
      });
      const [invalid, unstorable] = (await handle.result({ timeout: '5s' })) as unknown[];
      expect(invalid).toBeInstanceOf(InvalidEvent);
      expect(invalid).toMatchObject({ event: 'paid', fields: [{ path: 'total' }] });
      expect(unstorable).toBeInstanceOf(NotSerializable);
      expect(await receiver.result()).toEqual({ total: 5 });
      expect(await recordedOf(app.client, handle.id)).toEqual([
        'paid failed',
        'a failed',
        'paid#2 completed',
      ]);
    });
  });

  it('What somebody holds for longer than one try lasts is tried again', async () => {
    const send = jest
      .spyOn(EventIntake.prototype, 'send')
      .mockRejectedValueOnce(new EventKeyHeld('a', 'a key', NOBODY, undefined));
    const tell = jest
      .spyOn(EventIntake.prototype, 'broadcast')
      .mockRejectedValueOnce(new BroadcastHeld('news', 'held', undefined));
    const receiver = await begin(app.client, () =>
      Promise.all([waitForEvent('a'), waitForBroadcast('news', { scope: 'held' })]),
    );
    const sender = await begin(app.client, () =>
      Promise.all([sendEvent(receiver.id, 'a', 1), broadcast('news', 2, { scope: 'held' })]),
    );
    expect(await receiver.result()).toEqual([1, 2]);
    await sender.result();
    expect((await recordedOf(app.client, sender.id)).toSorted()).toEqual([
      'a attempt_failed',
      'a completed',
      'news attempt_failed',
      'news completed',
    ]);
    expect([send, tell].map(({ mock }) => mock.calls.length)).toEqual([2, 2]);
  });

  describe('broadcast() from inside an execution', () => {
    it('tells all who wait, once', async () => {
      const waiting = await Promise.all(
        [1, 2].map(() => begin(app.client, () => waitForBroadcast('rates', { scope: 'inside' }))),
      );
      await Promise.all(waiting.map((handle) => parked(handle)));
      let attempts = 0;
      const sender = await begin(app.client, () =>
        step('tells', { retry: { base: 1, jitter: 0 } }, async () => {
          attempts += 1;
          await broadcast('rates', attempts, { scope: 'inside' });
          if (attempts === 1) throw new Error('again');
        }),
      );
      await sender.result();
      expect(await Promise.all(waiting.map((handle) => handle.result()))).toEqual([1, 1]);
      expect(await recordedOf(app.client, sender.id)).toEqual([
        'tells/rates completed',
        'tells attempt_failed',
        'tells completed',
      ]);
    });

    it('reaches a wait of its own', async () => {
      const handle = await begin(app.client, async () => {
        const [got] = await Promise.all([
          waitForBroadcast('own', { scope: 'self' }),
          broadcast('own', 1, { scope: 'self' }),
        ]);
        return got;
      });
      expect(await handle.result()).toBe(1);
    });
  });

  it('What is wrong with a call is said to the code, with the name of the function', async () => {
    const handle = await begin(app.client, async () => {
      const found: Record<string, unknown> = {};
      for (const [what, call] of Object.entries(wrongSends)) {
        const error = await fault(call);
        found[what] = error instanceof InvalidArgument && error.message.startsWith(what.split(':')[0] ?? '!');
      }
      return found;
    });
    const all = Object.fromEntries(Object.keys(wrongSends).map((what) => [what, true]));
    expect(await handle.result()).toEqual(all);
  });

  it('Outside an execution both are refused, and say so', async () => {
    const sent = await failureOf(sendEvent(NOBODY, 'a'), NotInWorkflow);
    expect(sent.message).toContain('sendEvent()');
    const told = await failureOf(broadcast('a', 1, { scope: 'x' }), NotInWorkflow);
    expect(told.message).toContain('broadcast()');
  });

  it('An error of the receiver that nobody catches ends the execution with it', async () => {
    const handle = await begin(app.client, () => sendEvent(NOBODY, 'a'));
    await causeOf(handle, ExecutionNotFound);
  });
});
