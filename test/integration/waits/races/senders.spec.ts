import { describe, expect, it } from '@jest/globals';
import { type ExecutionHandle, sendEvent, step, waitForEvent } from 'nest-durable';
import { onGround, type Saw, turns } from './race-ground.js';

/** Takes events until one of them says that it was the last. */
async function untilTheEnd(saw: Saw): Promise<unknown[]> {
  const taken: unknown[] = [];
  for (;;) {
    const number = saw(await waitForEvent<number>('number'));
    if (number < 0) return taken;
    taken.push(number);
    await step('work', () => turns(2));
  }
}

const LAST = -1;

describe('Senders', () => {
  onGround({ seed: 408, options: { poolSize: 8 } }, (ground) => {
    const { random } = ground;

    async function tookSoFar({ id }: ExecutionHandle, count: number): Promise<void> {
      await ground.until(async () => {
        const rows = await ground.query(
          `SELECT 1 FROM durable.step_executions WHERE execution_id = $1 AND kind = 'event' AND outcome = 'completed'`,
          [id],
        );
        return rows.length >= count;
      });
    }

    it('in open transactions hold up nobody: not others, not their receiver, not each other', async () => {
      const handles = await Promise.all(Array.from({ length: 30 }, () => ground.begin(untilTheEnd)));
      const open = await Promise.all(
        handles.map(async (handle, n) => {
          const runner = await ground.transaction();
          await ground.client.sendEvent(handle.id, 'number', 100, { manager: runner.manager });
          if (n % 3 === 0) {
            const options = { manager: runner.manager, idempotencyKey: 'held' };
            await ground.client.sendEvent(handle.id, 'number', 101, options);
          }
          return { handle, runner, commits: random.next() < 0.5, held: n % 3 === 0 };
        }),
      );
      // Everything that others send meanwhile arrives, and the code goes on to its next wait.
      await Promise.all(
        handles.map(async (handle) => {
          for (let sent = 0; sent < 4; sent += 1) {
            await ground.client.sendEvent(handle.id, 'number', sent, {
              ...(sent === 2 && { idempotencyKey: 'another' }),
            });
          }
          await tookSoFar(handle, 4);
          const other = await ground.begin(untilTheEnd);
          await ground.client.sendEvent(other.id, 'number', LAST);
          expect(await other.result({ timeout: '20s' })).toEqual([]);
        }),
      );
      for (const { runner, commits } of open) {
        await (commits ? runner.commitTransaction() : runner.rollbackTransaction());
        await runner.release();
      }
      for (const { handle, commits, held } of open) {
        if (commits) await tookSoFar(handle, held ? 6 : 5);
        await ground.client.sendEvent(handle.id, 'number', LAST);
        const taken = (await handle.result({ timeout: '20s' })) as number[];
        expect(taken.slice(0, 4).sort()).toEqual([0, 1, 2, 3]);
        // A transaction that was rolled back has left nothing.
        expect(taken.slice(4).sort()).toEqual([...(commits ? [100] : []), ...(commits && held ? [101] : [])]);
        expect((await ground.sentTo(handle.id)).length).toBe(taken.length + 1);
      }
      await ground.expectPeace();
    });

    it('of the same thing, many at once and one in a slow transaction, send it once', async () => {
      const rounds = Array.from({ length: 24 }, async (_, n) => {
        const handle = await ground.begin(untilTheEnd);
        const runner = n % 2 === 0 ? await ground.transaction() : undefined;
        const commits = n % 4 === 0;
        const created: boolean[] = [];
        if (runner !== undefined) {
          const options = { idempotencyKey: 'once', manager: runner.manager };
          created.push((await ground.client.sendEvent(handle.id, 'number', 50, options)).created);
        }
        const duplicates = Array.from({ length: 6 }, async (__, copy) => {
          await turns(random.between(0, 10));
          const sent = await ground.client.sendEvent(handle.id, 'number', copy, { idempotencyKey: 'once' });
          created.push(sent.created);
        });
        await turns(random.between(0, 20));
        if (runner !== undefined) {
          await (commits ? runner.commitTransaction() : runner.rollbackTransaction());
          await runner.release();
        }
        await Promise.all(duplicates);
        const counted = runner !== undefined && !commits ? created.slice(1) : created;
        expect(counted.filter(Boolean)).toHaveLength(1);
        await tookSoFar(handle, 1);
        await ground.client.sendEvent(handle.id, 'number', LAST);
        const taken = (await handle.result({ timeout: '20s' })) as number[];
        expect(taken).toHaveLength(1);
        if (commits) expect(taken).toEqual([50]);
        // Whoever says it again after the end is told that it is known.
        const again = ground.client.sendEvent(handle.id, 'number', 7, { idempotencyKey: 'once' });
        expect(await again).toEqual({ created: false });
      });
      await Promise.all(rounds);
      await ground.expectPeace();
    });

    it('that repeat what a transaction still holds wait for it, and hold up nobody else', async () => {
      const [held, other] = await Promise.all([ground.begin(untilTheEnd), ground.begin(untilTheEnd)]);
      const runner = await ground.transaction();
      const options = { idempotencyKey: 'slow' };
      const [client] = ground.clients;
      if (client === undefined) throw new Error('There are applications.');
      await client.sendEvent(held.id, 'number', 1, { ...options, manager: runner.manager });
      // More of them than the application has connections: a webhook that is delivered again and again.
      const duplicates = Array.from({ length: 20 }, () => client.sendEvent(held.id, 'number', 2, options));
      const outcome = Promise.allSettled(duplicates);
      try {
        for (const { id } of [held, other]) await client.sendEvent(id, 'number', 3);
        await tookSoFar(held, 1);
        await client.sendEvent(other.id, 'number', LAST);
        expect(await other.result({ timeout: '10s' })).toEqual([3]);
      } finally {
        await runner.commitTransaction();
        await runner.release();
      }
      const created = (await outcome).flatMap((sent) =>
        sent.status === 'fulfilled' ? [sent.value.created] : [],
      );
      expect(created).not.toContain(true);
      await tookSoFar(held, 2);
      await client.sendEvent(held.id, 'number', LAST);
      expect(await held.result({ timeout: '10s' })).toEqual([3, 1]);
      await ground.expectPeace();
    }, 40_000);

    it('inside executions send once, however often they are replayed', async () => {
      const sender = async (saw: Saw, { to, from }: { to: string; from: number }): Promise<void> => {
        for (let n = 0; n < 4; n += 1) {
          await sendEvent(to, 'number', from + n);
          saw(await waitForEvent('go on'));
        }
      };
      const rounds = Array.from({ length: 8 }, async () => {
        const receiver = await ground.begin(untilTheEnd);
        const senders = await Promise.all(
          [10, 20, 30, 40, 50].map((from) => ground.begin(sender, { to: receiver.id, from })),
        );
        await Promise.all(
          senders.map(async ({ id }) => {
            for (let n = 0; n < 4; n += 1) {
              await turns(random.between(0, 30));
              await ground.client.sendEvent(id, 'go on', n);
            }
          }),
        );
        for (const each of senders) await each.result({ timeout: '20s' });
        await ground.client.sendEvent(receiver.id, 'number', LAST);
        const taken = (await receiver.result({ timeout: '20s' })) as number[];
        const expected = [10, 20, 30, 40, 50].flatMap((from) => [0, 1, 2, 3].map((n) => from + n));
        expect([...taken].sort((a, b) => a - b)).toEqual(expected);
        // What one execution sent comes in the order in which it sent it.
        for (const from of [10, 20, 30, 40, 50]) {
          expect(taken.filter((each) => each >= from && each < from + 10)).toEqual(
            [0, 1, 2, 3].map((n) => from + n),
          );
        }
      });
      await Promise.all(rounds);
      await ground.expectPeace();
    });

    it('are heard by code that was replayed many times', () => {
      expect(ground.replays).toBeGreaterThan(30);
    });
  });
});
