import { afterEach, describe, expect, it } from '@jest/globals';
import { broadcast, type ExecutionHandle, race, sleep, waitForBroadcast, waitForEvent } from 'nest-durable';
import { EventIntake } from '../../../../lib/intake/event-intake.js';
import { onGround, type Saw, turns } from './race-ground.js';

async function listen(saw: Saw, scope: string): Promise<unknown> {
  const heard = [saw(await waitForBroadcast('rates', { scope }))];
  // It holds: whoever asks again is told the same.
  heard.push(saw(await waitForBroadcast('rates', { scope, timeout: '10s', timeoutValue: 'nothing' })));
  return heard;
}

describe('Broadcasts', () => {
  onGround({ seed: 411, forgetting: 0.5 }, (ground) => {
    const { random } = ground;
    const { announce } = EventIntake.prototype;
    afterEach(() => {
      EventIntake.prototype.announce = announce;
    });

    async function heardBy(handles: readonly ExecutionHandle[]): Promise<unknown[]> {
      return await Promise.all(handles.map((handle) => handle.result({ timeout: '20s' })));
    }

    it('reach everybody who waits, whoever comes first, and have one value', async () => {
      const rounds = Array.from({ length: 60 }, async (_, n) => {
        const scope = `scope ${n}`;
        const begun = Array.from({ length: 4 }, async () => {
          await turns(random.between(0, 25));
          return await ground.begin(listen, scope);
        });
        const sent = Array.from({ length: 3 }, async (__, sender) => {
          await turns(random.between(0, 60));
          const value = `${n} by ${sender}`;
          return { value, ...(await ground.client.broadcast('rates', value, { scope })) };
        });
        const kept = (await Promise.all(sent)).filter(({ created }) => created);
        expect(kept).toHaveLength(1);
        const value = kept[0]?.value;
        expect(await heardBy(await Promise.all(begun))).toEqual(
          Array.from({ length: 4 }, () => [value, value]),
        );
      });
      await Promise.all(rounds);
      await ground.expectPeace();
    });

    it('reach everybody where the sender died before it could tell anybody', async () => {
      EventIntake.prototype.announce = function (this: EventIntake) {
        // Of the sweeps every second one comes to nothing as well.
        return random.next() < 0.5 ? announce.call(this) : Promise.resolve();
      };
      const rounds = Array.from({ length: 40 }, async (_, n) => {
        const scope = `untold ${n}`;
        const before = await Promise.all([ground.begin(listen, scope), ground.begin(listen, scope)]);
        if (n % 2 === 0) await ground.listening(before.map(({ id }) => id));
        await ground.client.broadcast('rates', n, { scope });
        const after = await ground.begin(listen, scope);
        expect(await heardBy([...before, after])).toEqual([
          [n, n],
          [n, n],
          [n, n],
        ]);
      });
      await Promise.all(rounds);
      await ground.expectPeace();
    });

    it('from inside executions and from outside, in races with time, end each wait once', async () => {
      const raced = async (
        saw: Saw,
        { scope, pause }: { scope: string; pause: number },
      ): Promise<unknown> => {
        const first = saw(await race({ heard: waitForBroadcast('rates', { scope }), late: sleep(pause) }));
        saw(await waitForEvent('on'));
        return first;
      };
      const teller = async (saw: Saw, scope: string): Promise<void> => {
        await broadcast('rates', 'told', { scope });
        saw(await waitForEvent('on'));
        await broadcast('rates', 'told again', { scope });
      };
      const winners = new Set<string>();
      const rounds = Array.from({ length: 50 }, async (_, n) => {
        const scope = `raced ${n}`;
        const racing = await Promise.all(
          [1, random.between(1, 60), 900].map((pause) => ground.begin(raced, { scope, pause })),
        );
        await turns(random.between(0, 40));
        const telling = await ground.begin(teller, scope);
        for (const [place, { id }] of [...racing, telling].entries()) {
          await ground.client.sendEvent(id, 'on', place);
        }
        const firsts = (await heardBy(racing)) as { key: string; value: unknown }[];
        for (const { key, value } of firsts) {
          winners.add(key);
          expect(value ?? 'nothing').toBe(key === 'heard' ? 'told' : 'nothing');
        }
        await telling.result({ timeout: '20s' });
        expect(await ground.client.broadcast('rates', 'late', { scope })).toEqual({ created: false });
      });
      await Promise.all(rounds);
      expect(winners.size).toBe(2);
      await ground.expectPeace();
    });

    it('of a rolled-back transaction reach nobody, those of a committed one everybody', async () => {
      const rounds = Array.from({ length: 30 }, async (_, n) => {
        const scope = `transaction ${n}`;
        const handles = await Promise.all([ground.begin(listen, scope), ground.begin(listen, scope)]);
        const runner = await ground.transaction();
        const commits = n % 2 === 0;
        await ground.client.broadcast('rates', 'in it', { scope, manager: runner.manager });
        await turns(random.between(0, 40));
        await (commits ? runner.commitTransaction() : runner.rollbackTransaction());
        await runner.release();
        if (!commits) await ground.client.broadcast('rates', 'after it', { scope });
        const value = commits ? 'in it' : 'after it';
        expect(await heardBy(handles)).toEqual([
          [value, value],
          [value, value],
        ]);
      });
      await Promise.all(rounds);
      await ground.expectPeace();
    });

    it('that expire are for those who waited before, and the next one takes their place', async () => {
      const once = async (saw: Saw, scope: string): Promise<unknown> =>
        saw(await waitForBroadcast('rates', { scope }));
      const rounds = Array.from({ length: 30 }, async (_, n) => {
        const scope = `short ${n}`;
        const before = await ground.begin(once, scope);
        await ground.listening([before.id]);
        const options = { scope, expiresIn: random.between(1, 60) };
        expect(await ground.client.broadcast('rates', 'first', options)).toEqual({ created: true });
        expect(await before.result({ timeout: '20s' })).toBe('first');
        const during = await ground.begin(once, scope);
        // It has expired for sure, however long the others took.
        await ground.until(async () => {
          const [row] = await ground.query<{ over: boolean }>(
            'SELECT expires_at < clock_timestamp() AS over FROM durable.broadcasts WHERE scope = $1',
            [scope],
          );
          return row?.over;
        });
        const after = await ground.begin(once, scope);
        await ground.listening([after.id]);
        expect(await ground.client.broadcast('rates', 'second', { scope })).toEqual({ created: true });
        expect(await after.result({ timeout: '20s' })).toBe('second');
        expect(['first', 'second']).toContain(await during.result({ timeout: '20s' }));
      });
      await Promise.all(rounds);
      await ground.expectPeace();
    });
  });
});
