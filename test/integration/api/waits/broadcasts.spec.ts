import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { IsInt } from 'class-validator';
import {
  defineEvent,
  InvalidArgument,
  InvalidEvent,
  NotSerializable,
  ReplayDivergence,
  sleep,
  waitForBroadcast,
  waitForEvent,
} from 'nest-durable';
import { onDatabase } from '../../../support/api-database.js';
import type { DurableApp } from '../../../support/durable-app.js';
import { Gate } from '../../../support/gate.js';
import { causeOf, failureOf } from '../../../support/outcome.js';
import { HASTY } from '../../../support/restart.js';
import { begin, Coded, fault, parked } from './coded.js';

class RateDto {
  @IsInt() rate!: number;
}
const Rate = defineEvent('rate', RateDto);

const wrongOptions: readonly unknown[] = [
  undefined,
  null,
  5,
  {},
  { scope: '' },
  { scope: 5 },
  { scope: 'a\0' },
  { expiresIn: 0 },
  { expiresIn: -1 },
  { expiresIn: 'soon' },
  { expiresIn: '365250d' },
  { scope: 'x', idempotencyKey: 'y' },
  { scope: 'x', manager: 5 },
];

onDatabase('PostgreSQL', (database) => {
  let app: DurableApp;
  beforeAll(async () => {
    app = await database.start([Coded]);
  });
  afterAll(() => database.closeApps());

  describe('A broadcast', () => {
    it('wakes everybody who waits for its name and scope, and nobody else', async () => {
      const wait = (name: string, scope?: string): Promise<unknown> => waitForBroadcast(name, { scope });
      const hit = await Promise.all([1, 2, 3].map(() => begin(app.client, () => wait('rates', 'EUR'))));
      const missed = await Promise.all([
        begin(app.client, () => wait('rates', 'USD')),
        begin(app.client, () => wait('rates')),
        begin(app.client, () => wait('prices', 'EUR')),
        begin(app.client, () => waitForEvent('rates')),
      ]);
      for (const handle of [...hit, ...missed]) await parked(handle);
      expect(await app.client.broadcast('rates', { rate: 1 }, { scope: 'EUR' })).toEqual({ created: true });
      expect(await Promise.all(hit.map((handle) => handle.result()))).toEqual([
        { rate: 1 },
        { rate: 1 },
        { rate: 1 },
      ]);
      for (const handle of missed) expect(await handle.status()).toBe('waiting');
    });

    it('holds with its first value, for those who come later too, any number of times', async () => {
      const options = { scope: 'first' };
      expect(await app.client.broadcast('held', 1, options)).toEqual({ created: true });
      expect(await app.client.broadcast('held', 2, options)).toEqual({ created: false });
      const handle = await begin(app.client, async () => [
        await waitForBroadcast('held', options),
        await waitForBroadcast('held', options),
      ]);
      expect(await handle.result()).toEqual([1, 1]);
    });

    it('that has expired is for nobody who comes later, and the next one takes its place', async () => {
      const gate = new Gate();
      const handle = await begin(app.client, async () => {
        const held = await waitForBroadcast('news');
        await gate.pass();
        const none = await waitForBroadcast('news', { timeout: 100, timeoutValue: 'none' });
        return [held, none, await waitForBroadcast('news')];
      });
      await parked(handle);
      expect(await app.client.broadcast('news', 1, { expiresIn: 1_000 })).toEqual({ created: true });
      expect(await app.client.broadcast('news', 2, { expiresIn: 1_000 })).toEqual({ created: false });
      await gate.reached();
      const over = await begin(app.client, () => sleep(1_050));
      await over.result();
      gate.open();
      await parked(handle);
      expect(await app.client.broadcast('news', 3, { expiresIn: '1h' })).toEqual({ created: true });
      expect(await handle.result()).toEqual([1, 'none', 3]);
    });

    it('is what it was on a replay, although another one holds by then', async () => {
      const gate = new Gate();
      const handle = await begin(app.client, async () => {
        const first = await waitForBroadcast('turns');
        await gate.pass();
        return [first, await waitForBroadcast('turns')];
      });
      await parked(handle);
      await app.client.broadcast('turns', 1, { expiresIn: 50 });
      await gate.reached();
      const over = await begin(app.client, () => sleep(60));
      await over.result();
      await app.close();
      gate.open();
      app = await database.start([Coded], HASTY);
      await app.client.broadcast('turns', 2, { expiresIn: '1h' });
      const again = await app.client.handle(Coded, { id: handle.id });
      expect(await again.result()).toEqual([1, 2]);
    });

    it('carries undefined, and what values carry', async () => {
      await app.client.broadcast('values', undefined, { scope: 'nothing' });
      await app.client.broadcast('values', [new Date(0), 1n], { scope: 'some' });
      const handle = await begin(app.client, async () => [
        await waitForBroadcast('values', { scope: 'nothing' }),
        await waitForBroadcast('values', { scope: 'some' }),
      ]);
      expect(await handle.result()).toEqual([undefined, [new Date(0), 1n]]);
    });

    it('is checked by what its event says', async () => {
      const refused = app.client.broadcast(Rate, { rate: 'x' } as never, { scope: 'checked' });
      expect((await failureOf(refused, InvalidEvent)).fields).toMatchObject([{ path: 'rate' }]);
      await failureOf(app.client.broadcast('rate', 'a\0', { scope: 'checked' }), NotSerializable);
      expect(await app.client.broadcast(Rate, { rate: 1 }, { scope: 'checked' })).toEqual({ created: true });
      const handle = await begin(app.client, () => waitForBroadcast(Rate, { scope: 'checked' }));
      expect(await handle.result()).toEqual({ rate: 1 });
    });

    it('refuses every wrong argument', async () => {
      const call = app.client.broadcast.bind(app.client) as (...args: unknown[]) => Promise<unknown>;
      for (const options of wrongOptions) {
        const failure = await failureOf(call('wrong', 1, options), InvalidArgument);
        expect(failure.message).toContain('broadcast()');
      }
      for (const name of [undefined, '', 'a\0', 5, {}]) {
        await failureOf(call(name, 1, { scope: 'wrong' }), InvalidArgument);
      }
    });
  });

  describe('A wait for a broadcast', () => {
    it('gives its timeoutValue, or undefined, when its time is up', async () => {
      const handle = await begin(app.client, () =>
        Promise.all([
          waitForBroadcast('silence', { timeout: 20 }),
          waitForBroadcast('silence', { scope: 'x', timeout: 20, timeoutValue: 'late' }),
        ]),
      );
      expect(await handle.result()).toEqual([undefined, 'late']);
    });

    it('is listed with its scope', async () => {
      const handle = await begin(app.client, () =>
        Promise.all([waitForBroadcast('listed'), waitForBroadcast('listed', { scope: 'EUR' })]),
      );
      await parked(handle);
      const { events } = await app.client.listPendingEvents({ event: 'listed' });
      expect(events.map(({ kind, events: names, scope }) => ({ kind, names, scope }))).toEqual([
        { kind: 'broadcast', names: ['listed'], scope: undefined },
        { kind: 'broadcast', names: ['listed'], scope: 'EUR' },
      ]);
    });

    it('refuses what is wrong', async () => {
      const handle = await begin(app.client, async () => {
        const errors = [
          await fault(() => waitForBroadcast('')),
          await fault(() => waitForBroadcast('a', null as never)),
          await fault(() => waitForBroadcast('a', { scope: '' })),
          await fault(() => waitForBroadcast('a', { match: () => true } as never)),
          await fault(() => waitForBroadcast('a', { timeout: 'soon' })),
        ];
        return errors.map(
          (error) => error instanceof InvalidArgument && error.message.startsWith('waitForBroadcast()'),
        );
      });
      expect(await handle.result()).toEqual(Array(5).fill(true));
    });

    it('for another scope than the one that is recorded is a divergence', async () => {
      let scope = 'EUR';
      const handle = await begin(app.client, async () => {
        await waitForBroadcast('diverges', { scope });
        await waitForEvent('a');
      });
      await app.client.broadcast('diverges', 1, { scope: 'EUR' });
      await parked(handle);
      await app.close();
      scope = 'USD';
      app = await database.start([Coded], HASTY);
      await app.client.sendEvent(handle.id, 'a');
      await causeOf(await app.client.handle(Coded, { id: handle.id }), ReplayDivergence);
    });
  });
});
