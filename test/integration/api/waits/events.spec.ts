import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type DurableClient,
  execution,
  InvalidArgument,
  NotSerializable,
  sendEvent,
  step,
  UnusableMatch,
  waitForAll,
  waitForAny,
  waitForEvent,
} from 'nest-durable';
import { onDatabase } from '../../../support/api-database.js';
import type { DurableApp } from '../../../support/durable-app.js';
import { Gate } from '../../../support/gate.js';
import { causeOf } from '../../../support/outcome.js';
import { HASTY } from '../../../support/restart.js';
import { begin, Coded, fault, listening, parked, replayedIn } from './coded.js';

/** How sends are written down: `a=1` sends 1 as the event `a`. */
async function sendAll(client: DurableClient, id: string, ...sent: readonly string[]): Promise<void> {
  for (const each of sent) {
    const [event = '', value] = each.split('=');
    await client.sendEvent(id, event, Number(value));
  }
}

/** What is wrong in a call inside an execution, by what it is. */
const wrongCalls: Readonly<Record<string, () => Promise<unknown>>> = {
  'waitForEvent: no name': () => waitForEvent(undefined as never),
  'waitForEvent: an empty name': () => waitForEvent(''),
  'waitForEvent: a name with NUL': () => waitForEvent('a\0'),
  'waitForEvent: a number': () => waitForEvent(5 as never),
  'waitForEvent: an object': () => waitForEvent({ name: 'a' } as never),
  'waitForEvent: null for options': () => waitForEvent('a', null as never),
  'waitForEvent: a number for options': () => waitForEvent('a', 5 as never),
  'waitForEvent: an unknown option': () => waitForEvent('a', { timeOut: 5 } as never),
  'waitForEvent: a match that is none': () => waitForEvent('a', { match: /a/ as never }),
  'waitForEvent: a timeout that is none': () => waitForEvent('a', { timeout: 'soon' }),
  'waitForEvent: no time at all': () => waitForEvent('a', { timeout: 0 }),
  'waitForEvent: negative time': () => waitForEvent('a', { timeout: -5 }),
  'waitForEvent: NaN for the time': () => waitForEvent('a', { timeout: NaN }),
  'waitForEvent: a thousand years': () => waitForEvent('a', { timeout: '365250d' }),
  'waitForEvent: a timeoutValue without a timeout': () => waitForEvent('a', { timeoutValue: 1 } as never),
  'waitForAny: no list': () => waitForAny('a' as never),
  'waitForAny: an empty list': () => waitForAny([]),
  'waitForAny: nothing': () => waitForAny(undefined as never),
  'waitForAny: a name twice': () => waitForAny(['a', 'b', 'a']),
  'waitForAny: a hole': () => waitForAny(['a', undefined] as never),
  'waitForAny: too many': () => waitForAny(Array.from({ length: 51 }, (_, n) => `e${n}`)),
  'waitForAny: an unknown option': () => waitForAny(['a'], { scope: 'x' } as never),
  'waitForAll: no list': () => waitForAll(new Set(['a']) as never),
  'waitForAll: an empty list': () => waitForAll([]),
  'waitForAll: a name twice': () => waitForAll(['a', 'a']),
  'waitForAll: null for options': () => waitForAll(['a'], null as never),
};

onDatabase('PostgreSQL', (database) => {
  let app: DurableApp;
  beforeAll(async () => {
    app = await database.start([Coded]);
  });
  afterAll(() => database.closeApps());

  describe('An event', () => {
    it('is kept until somebody wants it, and waits take events in the order in which they were sent', async () => {
      const gate = new Gate();
      const handle = await begin(app.client, async () => {
        await step('hold', () => gate.pass());
        return [await waitForEvent('a'), await waitForEvent('b'), await waitForEvent('a')];
      });
      await gate.reached();
      await sendAll(app.client, handle.id, 'a=1', 'a=2', 'b=3', 'a=4');
      gate.open();
      expect(await handle.result()).toEqual([1, 3, 2]);
    });

    it('wakes an execution that is parked', async () => {
      const handle = await begin(app.client, async () => [await waitForEvent('a'), await waitForEvent('a')]);
      await parked(handle);
      await sendAll(app.client, handle.id, 'a=1');
      await listening(app.client, handle.id);
      await parked(handle);
      await sendAll(app.client, handle.id, 'a=2');
      expect(await handle.result()).toEqual([1, 2]);
    });

    it('ends one wait: of several for one name the one that began first', async () => {
      const handle = await begin(app.client, () =>
        Promise.all([waitForEvent('a'), waitForEvent('a'), waitForEvent('a')]),
      );
      await listening(app.client, handle.id, 3);
      await sendAll(app.client, handle.id, 'a=1', 'a=2', 'a=3');
      expect(await handle.result()).toEqual([1, 2, 3]);
    });

    it('is for the execution alone that it was sent to', async () => {
      const [one, other] = await Promise.all([
        begin(app.client, () => waitForEvent('a')),
        begin(app.client, () => waitForEvent('a')),
      ]);
      await Promise.all([listening(app.client, one.id), listening(app.client, other.id)]);
      await sendAll(app.client, one.id, 'a=1');
      expect(await one.result()).toBe(1);
      expect((await app.client.listPendingEvents({ executionId: other.id })).events).toHaveLength(1);
      await sendAll(app.client, other.id, 'a=2');
      expect(await other.result()).toBe(2);
    });
  });

  describe('`match`', () => {
    it('leaves what it does not want for later waits, and is asked once for each event', async () => {
      const asked: unknown[] = [];
      const handle = await begin(app.client, async () => {
        const match = (payload: number): boolean => {
          asked.push(payload);
          return payload > 10;
        };
        const large = await waitForEvent<number>('a', { match });
        return [large, await waitForEvent('a'), await waitForEvent('a')];
      });
      await sendAll(app.client, handle.id, 'a=1', 'a=2');
      await listening(app.client, handle.id);
      await sendAll(app.client, handle.id, 'a=11');
      expect(await handle.result()).toEqual([11, 1, 2]);
      expect(asked).toEqual([1, 2, 11]);
    });

    it('leaves an event to a wait beside it', async () => {
      const handle = await begin(app.client, () =>
        Promise.all([
          waitForEvent<number>('a', { match: (payload) => payload % 2 === 0 }),
          waitForEvent<number>('a', { match: (payload) => payload % 2 === 1 }),
        ]),
      );
      await sendAll(app.client, handle.id, 'a=1', 'a=2');
      expect(await handle.result()).toEqual([2, 1]);
    });

    it('is told the name of the event, and looks at those of its names alone', async () => {
      const told: unknown[] = [];
      const handle = await begin(app.client, () =>
        waitForAny(['a', 'b'], {
          match: (payload, event) => {
            told.push([event, payload]);
            return event === 'b';
          },
        }),
      );
      await sendAll(app.client, handle.id, 'c=0', 'a=1', 'b=2');
      expect(await handle.result()).toEqual({ event: 'b', payload: 2 });
      expect(told).toEqual([
        ['a', 1],
        ['b', 2],
      ]);
    });

    it('chooses what a waitForAll() keeps', async () => {
      const handle = await begin(app.client, async () => [
        await waitForAll(['a', 'b'], { match: (payload) => Number(payload) > 1 }),
        await waitForEvent('a'),
      ]);
      await sendAll(app.client, handle.id, 'a=1', 'a=2', 'b=1', 'b=3');
      expect(await handle.result()).toEqual([{ a: 2, b: 3 }, 1]);
    });

    it('stands in its own execution, whoever sent the event', async () => {
      const seen: string[] = [];
      const handle = await begin(app.client, () => {
        const match = (): boolean => {
          seen.push(execution().id);
          return seen.length === 3;
        };
        return waitForEvent('a', { match });
      });
      await sendAll(app.client, handle.id, 'a=1');
      await listening(app.client, handle.id);
      const sender = await begin(app.client, () => sendEvent(handle.id, 'a', 2));
      await sender.result();
      await sendAll(app.client, handle.id, 'a=3');
      expect(await handle.result()).toBe(3);
      expect(seen).toEqual([handle.id, handle.id, handle.id]);
    });

    it('that throws ends its wait with that, and the event stays', async () => {
      const handle = await begin(app.client, async () => {
        const match = (): boolean => {
          throw new TypeError('cannot judge');
        };
        const error = await fault(() => waitForEvent('a', { match }));
        return [error, await waitForEvent('a')];
      });
      await sendAll(app.client, handle.id, 'a=1');
      const [error, payload] = (await handle.result()) as [unknown, number];
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toMatchObject({ message: 'cannot judge' });
      expect(payload).toBe(1);
    });

    it.each([
      ['a promise', async () => true],
      ['undefined', () => undefined],
      ['number', () => 1],
      ['string', () => 'yes'],
    ])('that answers with %s ends its wait, saying so', async (got, match) => {
      const handle = await begin(app.client, async () => {
        const error = await fault(() => waitForEvent('a', { match: match as never }));
        return [error, await waitForEvent('a')];
      });
      await sendAll(app.client, handle.id, 'a=1');
      const [error, payload] = (await handle.result()) as [unknown, number];
      expect(error).toBeInstanceOf(UnusableMatch);
      expect(error).toMatchObject({ wait: 'a', got, executionId: handle.id });
      expect(payload).toBe(1);
    });
  });

  it('A `match` whose promise is rejected does not end the process', async () => {
    const rejections: unknown[] = [];
    const listen = (error: unknown): void => void rejections.push(error);
    process.on('unhandledRejection', listen);
    try {
      const handle = await begin(app.client, () =>
        waitForEvent('a', { match: (async () => Promise.reject(new Error('floating'))) as never }),
      );
      await sendAll(app.client, handle.id, 'a=1');
      await causeOf(handle, UnusableMatch);
      expect(rejections).toEqual([]);
    } finally {
      process.off('unhandledRejection', listen);
    }
  });

  describe('waitForAny()', () => {
    it('takes what was sent first, whatever the order of its list, and leaves the rest', async () => {
      const handle = await begin(app.client, async () => [
        await waitForAny(['a', 'b']),
        await waitForAny(['b', 'a']),
        await waitForEvent('a'),
      ]);
      await sendAll(app.client, handle.id, 'b=1', 'a=2', 'a=3');
      expect(await handle.result()).toEqual([{ event: 'b', payload: 1 }, { event: 'a', payload: 2 }, 3]);
    });

    it('is woken by any of its events', async () => {
      const handle = await begin(app.client, () => waitForAny(['a', 'b', 'c']));
      await parked(handle);
      await sendAll(app.client, handle.id, 'x=0', 'c=1');
      expect(await handle.result()).toEqual({ event: 'c', payload: 1 });
    });
  });

  describe('waitForAll()', () => {
    it('takes one of each, in whatever order they come, and leaves second ones', async () => {
      const handle = await begin(app.client, async () => [
        await waitForAll(['a', 'b', 'c']),
        await waitForEvent('a'),
      ]);
      await listening(app.client, handle.id);
      await sendAll(app.client, handle.id, 'c=1', 'a=2', 'a=3', 'b=4');
      expect(await handle.result()).toEqual([{ a: 2, b: 4, c: 1 }, 3]);
    });

    it('that began first keeps its events from a later wait for one of them', async () => {
      const handle = await begin(app.client, () => Promise.all([waitForAll(['a', 'b']), waitForEvent('a')]));
      await sendAll(app.client, handle.id, 'a=1', 'a=2', 'b=3');
      expect(await handle.result()).toEqual([{ a: 1, b: 3 }, 2]);
    });

    it('that began later gets what an earlier wait for one of them leaves', async () => {
      const handle = await begin(app.client, () => Promise.all([waitForEvent('a'), waitForAll(['a', 'b'])]));
      await sendAll(app.client, handle.id, 'a=1', 'a=2', 'b=3');
      expect(await handle.result()).toEqual([1, { a: 2, b: 3 }]);
    });

    it('gives its events back when its time is up: to a wait beside it, and to later ones', async () => {
      const handle = await begin(app.client, async () => {
        const beside = await Promise.all([
          waitForAll(['a', 'b', 'c'], { timeout: '1s', timeoutValue: 'late' }),
          waitForEvent('a'),
        ]);
        return [...beside, await waitForEvent('b')];
      });
      await sendAll(app.client, handle.id, 'a=1', 'b=2');
      expect(await handle.result()).toEqual(['late', 1, 2]);
    });

    it('still has them after a restart', async () => {
      const handle = await begin(app.client, () => Promise.all([waitForAll(['a', 'b']), waitForEvent('a')]));
      await listening(app.client, handle.id, 2);
      await sendAll(app.client, handle.id, 'a=1');
      app = await replayedIn(database, app);
      const again = await app.client.handle(Coded, { id: handle.id });
      await sendAll(app.client, handle.id, 'b=2', 'a=3');
      expect(await again.result()).toEqual([{ a: 1, b: 2 }, 3]);
    });
  });

  describe('A wait whose time is up', () => {
    it('gives its timeoutValue, or undefined', async () => {
      const handle = await begin(app.client, () =>
        Promise.all([
          waitForEvent('a', { timeout: 20 }),
          waitForEvent('a', { timeout: 20, timeoutValue: null }),
          waitForEvent('a', { timeout: 20, timeoutValue: new Date(0) }),
          waitForAny(['a', 'b'], { timeout: 20 }),
          waitForAny(['a', 'b'], { timeout: 20, timeoutValue: { event: 'none' } }),
          waitForAll(['a', 'b'], { timeout: 20 }),
          waitForAll(['a', 'b'], { timeout: 20, timeoutValue: 'late' }),
        ]),
      );
      expect(await handle.result()).toEqual([
        undefined,
        null,
        new Date(0),
        undefined,
        { event: 'none' },
        undefined,
        'late',
      ]);
      const { steps } = await app.client.getExecution(handle.id, { steps: true });
      expect(steps?.map(({ path, kind, status }) => `${path} ${kind} ${status}`)).toEqual([
        'a event timed_out',
        'a#2 event timed_out',
        'a#3 event timed_out',
        'a|b any timed_out',
        'a|b#2 any timed_out',
        'a&b all timed_out',
        'a&b#2 all timed_out',
      ]);
      expect((await app.client.listPendingEvents({ executionId: handle.id })).events).toEqual([]);
    });

    it('stays timed out on a replay, and what comes later is for a later wait', async () => {
      const app1 = app;
      const gate = new Gate();
      const handle = await begin(app1.client, async () => {
        const first = await waitForEvent('a', { timeout: 20, timeoutValue: 'late' });
        const all = await waitForAll(['a', 'b'], { timeout: 20 });
        await gate.pass();
        return [first, all, await waitForEvent('a')];
      });
      await gate.reached();
      await sendAll(app1.client, handle.id, 'a=1', 'b=2');
      await app1.close();
      gate.open();
      app = await database.start([Coded], HASTY);
      const again = await app.client.handle(Coded, { id: handle.id });
      expect(await again.result()).toEqual(['late', undefined, 1]);
      expect(gate.arrivals).toBe(2);
    });

    it('does not come about where an event was in time', async () => {
      const handle = await begin(app.client, async () => {
        const first = await waitForEvent('a', { timeout: '2s', timeoutValue: 'late' });
        return [first, await waitForEvent('b', { timeout: 20, timeoutValue: 'late' })];
      });
      await parked(handle);
      await sendAll(app.client, handle.id, 'a=1');
      expect(await handle.result()).toEqual([1, 'late']);
    });

    it('fails where its timeoutValue cannot be stored', async () => {
      const handle = await begin(app.client, () =>
        waitForEvent('a', { timeout: 20, timeoutValue: () => 'function' }),
      );
      await causeOf(handle, NotSerializable);
    });
  });

  it('What is wrong with a call is said to the code, with the name of the function', async () => {
    const handle = await begin(app.client, async () => {
      const found: Record<string, unknown> = {};
      for (const [what, call] of Object.entries(wrongCalls)) {
        const error = await fault(call);
        found[what] = error instanceof InvalidArgument && error.message.startsWith(what.split(':')[0] ?? '!');
      }
      return found;
    });
    const found = await handle.result();
    expect(found).toEqual(Object.fromEntries(Object.keys(wrongCalls).map((what) => [what, true])));
    const { steps } = await app.client.getExecution(handle.id, { steps: true });
    expect(steps).toEqual([]);
  });
});
