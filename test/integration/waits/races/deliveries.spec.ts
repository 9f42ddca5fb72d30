import { describe, expect, it } from '@jest/globals';
import { type ExecutionHandle, sleep, step, waitForAny, waitForEvent } from 'nest-durable';
import { Deferred } from '../../../support/gate.js';
import { onGround, type Saw, turns } from './race-ground.js';

/** Takes so many events of one name, one after the other. */
async function take(saw: Saw, count: number): Promise<unknown> {
  const taken: unknown[] = [];
  while (taken.length < count) taken.push(saw(await waitForEvent('number')));
  return taken;
}

async function numbersOf(handle: ExecutionHandle): Promise<unknown> {
  return await handle.result({ timeout: '20s' });
}

describe('Events', () => {
  onGround({ seed: 401 }, (ground) => {
    const { random } = ground;

    /** How an execution comes to wait for what was sent to it before. */
    const detours = [
      async () => undefined,
      async () => await step('work', async () => await turns(random.between(1, 30))),
      async () => await sleep(20),
      async () => await waitForEvent('go'),
    ] as const;

    it('that are sent before anybody waits are there for whoever does', async () => {
      const late = async (saw: Saw, which: number): Promise<unknown> => {
        await detours[which]?.();
        return saw(await waitForEvent('early'));
      };
      const rounds = Array.from({ length: 160 }, async (_, n) => {
        const which = n % (detours.length + 1);
        // The last ones are not even begun.
        const isLater = which === detours.length;
        const handle = await ground.begin(late, isLater ? 0 : which, isLater ? { delay: 300 } : {});
        await turns(random.between(0, 20));
        await ground.client.sendEvent(handle.id, 'early', n);
        if (which === 3) await ground.client.sendEvent(handle.id, 'go', -1 - n);
        return [await numbersOf(handle), n];
      });
      for (const [got, sent] of await Promise.all(rounds)) expect(got).toBe(sent);
      await ground.expectPeace();
    });

    it.each([
      { executions: 100, events: 2 },
      { executions: 12, events: 25 },
      { executions: 2, events: 200 },
    ])(
      '$events at once to each of $executions executions come once, in the order of their ids',
      async (the) => {
        const rounds = Array.from({ length: the.executions }, async () => {
          const handle = await ground.begin(take, the.events);
          if (random.next() < 0.5) await turns(random.between(0, 40));
          const sent = Array.from({ length: the.events }, async (_, n) => {
            await turns(random.between(0, 10));
            await ground.client.sendEvent(handle.id, 'number', n);
          });
          await Promise.all(sent);
          expect(await numbersOf(handle)).toEqual(await ground.sentTo(handle.id));
          expect(new Set(await ground.sentTo(handle.id)).size).toBe(the.events);
        });
        await Promise.all(rounds);
        await ground.expectPeace();
      },
    );

    it('that come at every moment around the parking of their receiver wake it', async () => {
      const EVENTS = 6;
      const rounds = Array.from({ length: 120 }, async () => {
        const waits = Array.from({ length: EVENTS }, () => new Deferred());
        const handle = await ground.begin(async (saw) => {
          for (let n = 0; n < EVENTS; n += 1) {
            waits[n]?.resolve();
            saw(await waitForEvent('number'));
          }
          return 'all of them';
        });
        for (const [n, { promise }] of waits.entries()) {
          await promise;
          await turns(random.between(0, 24));
          if (random.next() < 0.3) await ground.query('SELECT 1');
          await ground.client.sendEvent(handle.id, 'number', n);
        }
        expect(await numbersOf(handle)).toBe('all of them');
      });
      await Promise.all(rounds);
      await ground.expectPeace();
    });

    it('of one name go to the waits for it in the order in which those began', async () => {
      const mixed = async (saw: Saw): Promise<unknown> => {
        const beside = await Promise.all([
          waitForEvent<number>('number'),
          waitForEvent<number>('number'),
          waitForAny(['number', 'other']).then(({ payload }) => payload),
        ]);
        saw(beside);
        const after = [saw(await waitForEvent('number')), saw(await waitForEvent('number'))];
        return [...beside, ...after];
      };
      const rounds = Array.from({ length: 80 }, async () => {
        const handle = await ground.begin(mixed);
        const sent = Array.from({ length: 5 }, async (_, n) => {
          await turns(random.between(0, 30));
          await ground.client.sendEvent(handle.id, 'number', n);
        });
        await Promise.all(sent);
        expect(await numbersOf(handle)).toEqual(await ground.sentTo(handle.id));
      });
      await Promise.all(rounds);
      await ground.expectPeace();
    });

    it('are not what stands in the input under their name', async () => {
      const code = async (saw: Saw, input: { number: number }): Promise<unknown> => [
        input.number,
        saw(await waitForEvent('number')),
        saw(await waitForEvent('number', { timeout: 30, timeoutValue: 'nothing' })),
      ];
      const handles = await Promise.all(Array.from({ length: 20 }, () => ground.begin(code, { number: 99 })));
      await ground.listening(handles.map(({ id }) => id));
      for (const handle of handles) await ground.client.sendEvent(handle.id, 'number', 1);
      for (const handle of handles) expect(await numbersOf(handle)).toEqual([99, 1, 'nothing']);
      await ground.expectPeace();
    });

    it('came while code was replayed again and again', () => {
      expect(ground.replays).toBeGreaterThan(100);
    });
  });
});
