import { describe, expect, it } from '@jest/globals';
import {
  type ExecutionHandle,
  ForEach,
  Parallel,
  Pipeline,
  race,
  sleep,
  Step,
  step,
  waitForAll,
  waitForAny,
  waitForEvent,
  While,
  Workflow,
} from 'nest-durable';
import { onGround, type Saw, shuffled, turns } from './race-ground.js';
import { witness } from './witness.js';

interface Numbers {
  readonly [key: string]: unknown;
  readonly rounds?: number;
}

/** Waits in a body, in branches side by side, for items, and in rounds. */
@Workflow({ name: 'waits_everywhere' })
class WaitsEverywhere extends Pipeline<{ pause: number }, Numbers & { pause: number }> {
  @Step()
  async body({ pause }: { pause: number }) {
    const saw = witness('body');
    await sleep(pause);
    const first = saw(await waitForEvent('body'));
    await sleep(5);
    const second = saw(await waitForEvent('body'));
    await sleep(pause);
    return { body: [first, second] };
  }

  @Parallel(['left', 'right', 'raced'])
  together() {}

  @Step({ in: 'together' })
  async left() {
    return { left: witness('left')(await waitForEvent('side')) };
  }

  @Step({ in: 'together' })
  async right() {
    return { right: witness('right')(await waitForEvent('side')) };
  }

  @Step({ in: 'together' })
  async raced() {
    const saw = witness('raced');
    const first = saw(await race({ a: waitForEvent('a'), b: waitForEvent('b'), late: sleep('1d') }));
    // The loser took nothing: what came for it is there for this one.
    return { raced: [first, saw(await waitForEvent(first.key === 'a' ? 'b' : 'a'))] };
  }

  @ForEach({ do: 'item', concurrency: 3, into: 'items' })
  each(_data: Numbers) {
    return [0, 1, 2, 3, 4];
  }

  @Step({ in: 'each' })
  async item(_data: Numbers, item: number) {
    const got = await waitForEvent<number>('item', { match: (payload) => payload % 5 === item });
    return { got: witness(`item ${item}`)(got) };
  }

  @While({ do: 'round', max: 9 })
  again({ rounds = 0 }: Numbers) {
    return rounds < 3;
  }

  @Step({ in: 'again' })
  async round({ rounds = 0 }: Numbers) {
    return {
      rounds: rounds + 1,
      [`round${rounds}`]: witness(`round ${rounds}`)(await waitForEvent('round')),
    };
  }
}

/** The events of that workflow, each number once. */
const everything = [
  ['body', 1],
  ['body', 2],
  ['side', 3],
  ['side', 4],
  ['a', 5],
  ['b', 6],
  ['item', 10],
  ['item', 11],
  ['item', 12],
  ['item', 13],
  ['item', 14],
  ['round', 20],
  ['round', 21],
  ['round', 22],
] as const;

/** Races of every make, one after the other, and what is left of them. */
async function manyRaces(saw: Saw, pause: number): Promise<unknown> {
  const tagged = (name: string): Promise<unknown> => waitForEvent(name).then((value) => [name, value]);
  // The losers of these go on, and take what comes later.
  const left = [tagged('a'), tagged('b'), tagged('c')];
  saw(await Promise.race([...left, sleep(pause).then(() => 'late')]));
  saw(await Promise.any(left));
  const order: unknown[] = [];
  saw(await Promise.all(left.map(async (each) => order.push(await each))));
  saw(order);
  // The losers of these are withdrawn.
  saw(await race({ a: waitForEvent('a'), any: waitForAny(['a', 'b']), both: waitForAll(['b', 'c']) }));
  saw(
    await race({
      b: waitForEvent('b', { timeout: pause }),
      slow: step('slow', () => turns(3)),
      late: sleep(pause),
    }),
  );
  saw(await Promise.all([waitForEvent('c'), sleep(1), waitForEvent('end')]));
  return 'done';
}

describe('Waits anywhere', () => {
  onGround({ seed: 406, forgetting: 0.6, providers: [WaitsEverywhere] }, (ground) => {
    const { random } = ground;

    async function sendShuffled(
      { id }: ExecutionHandle,
      events: readonly (readonly [string, number])[],
    ): Promise<void> {
      await Promise.all(
        shuffled(events, random).map(async ([name, payload]) => {
          await turns(random.between(0, 60));
          if (random.next() < 0.3) await ground.query('SELECT pg_sleep($1)', [random.between(1, 60) / 1_000]);
          await ground.client.sendEvent(id, name, payload);
        }),
      );
    }

    it('in bodies, branches, items and rounds get what was sent for them, each once', async () => {
      const rounds = Array.from({ length: 50 }, async (_, n) => {
        const pause = n % 10 === 0 ? 1_100 : random.between(1, 30);
        const handle = await ground.client.start(WaitsEverywhere, { pause });
        await sendShuffled(handle, everything);
        const data = (await handle.result({ timeout: '25s' })) as unknown as Numbers & {
          raced: [{ key: string; value: number }, number];
        };
        const sent = await ground.sentTo(handle.id);
        const inOrder = (...numbers: number[]): number[] => sent.filter((each) => numbers.includes(each));
        expect(data).toMatchObject({
          body: inOrder(1, 2),
          // The one that began first is to the left.
          left: inOrder(3, 4)[0],
          right: inOrder(3, 4)[1],
          items: [10, 11, 12, 13, 14].map((got) => ({ got })),
          round0: inOrder(20, 21, 22)[0],
          round1: inOrder(20, 21, 22)[1],
          round2: inOrder(20, 21, 22)[2],
        });
        const [first, second] = data.raced;
        expect([
          [5, 6],
          [6, 5],
        ]).toContainEqual([first.value, second]);
        expect(first.key).toBe(first.value === 5 ? 'a' : 'b');
      });
      await Promise.all(rounds);
      await ground.expectPeace();
    });

    it('in races have the same winner on every replay, which is the one that the history says', async () => {
      const rounds = Array.from({ length: 90 }, async (_, n) => {
        const handle = await ground.begin(manyRaces, n % 6 === 0 ? 1_060 : random.between(1, 40));
        const names = ['a', 'a', 'a', 'b', 'b', 'b', 'b', 'c', 'c', 'c'];
        await sendShuffled(
          handle,
          names.map((name, place) => [name, place + 1] as const),
        );
        await ground.client.sendEvent(handle.id, 'end', 100);
        expect(await handle.result({ timeout: '25s' })).toBe('done');
        const [raced] = ground.seen(handle);
        const [first] = await ground.query<{ path: string }>(
          `SELECT path FROM durable.step_executions WHERE execution_id = $1 AND outcome <> 'opened'
             AND path IN ('a', 'b', 'c', 'sleep') ORDER BY seq LIMIT 1`,
          [handle.id],
        );
        expect(first?.path).toBe(Array.isArray(raced) ? raced[0] : 'sleep');
      });
      await Promise.all(rounds);
      expect(ground.replays).toBeGreaterThan(100);
      await ground.expectPeace();
    });

    it('let no catch and no finally of the code see that it is parked', async () => {
      const careful = async (saw: Saw, pause: number): Promise<unknown> => {
        try {
          try {
            await sleep(pause);
            saw('slept');
            saw(await waitForEvent('a'));
            await step('inner', async () => {
              const within = witness('inner');
              try {
                await waitForEvent('b');
                await sleep(pause);
              } catch (error) {
                within(['caught in the body', String(error)]);
                throw error;
              } finally {
                within('left the body');
              }
            });
            throw new Error('its own');
          } catch (error) {
            saw(['caught', (error as Error).message]);
            saw(await waitForEvent('a'));
          } finally {
            saw('in finally');
            await sleep(1);
            saw(await waitForEvent('a'));
          }
        } finally {
          saw('out of it');
        }
        return 'done';
      };
      const rounds = Array.from({ length: 60 }, async (_, n) => {
        const handle = await ground.begin(careful, n % 4 === 0 ? 1_050 : 3);
        await sendShuffled(handle, [
          ['a', 1],
          ['a', 2],
          ['a', 3],
          ['b', 4],
        ]);
        expect(await handle.result({ timeout: '25s' })).toBe('done');
        const [first, second, third] = (await ground.sentTo(handle.id)).filter((number) => number < 4);
        expect(ground.seen(handle, 'inner')).toEqual(['left the body']);
        expect(ground.seen(handle)).toEqual([
          'slept',
          first,
          ['caught', 'its own'],
          second,
          'in finally',
          third,
          'out of it',
        ]);
      });
      await Promise.all(rounds);
      await ground.expectPeace();
    });
  });
});
