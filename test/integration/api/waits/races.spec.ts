import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  execution,
  InputSettled,
  InputTimeout,
  InvalidArgument,
  race,
  sleep,
  sleepUntil,
  step,
  waitForAll,
  waitForApproval,
  waitForBroadcast,
  waitForEvent,
  waitForText,
} from 'nest-durable';
import { onDatabase } from '../../../support/api-database.js';
import type { DurableApp } from '../../../support/durable-app.js';
import { eventually } from '../../../support/eventually.js';
import { Gate } from '../../../support/gate.js';
import { causeOf, failureOf } from '../../../support/outcome.js';
import { recordedOf } from '../../../support/recorded.js';
import { HASTY } from '../../../support/restart.js';
import { begin, Coded, fault, listening, openWaits, parked } from './coded.js';

const wrongRaces: readonly unknown[] = [
  undefined,
  null,
  5,
  'a',
  {},
  [],
  [Promise.resolve(1)],
  { a: 1 },
  { a: Promise.resolve(1), b: () => Promise.resolve(1) },
  { a: new Map() },
];

/** What is called, over again, in a second application; the order in which things end must not matter to it. */
const compositions: Readonly<Record<string, () => Promise<unknown>>> = {
  'Promise.race': async () => [
    await Promise.race([waitForEvent('a'), waitForEvent('b'), sleep('1h')]),
    await Promise.race([waitForEvent('c'), sleep(5).then(() => 'slept')]),
  ],
  'Promise.any': async () => [
    await Promise.any([
      waitForApproval('nobody', { timeout: 5, onTimeout: 'fail' }),
      waitForEvent('b'),
      waitForEvent('a'),
    ]),
    await fault(() =>
      Promise.any([
        waitForText('nobody', { timeout: 5, onTimeout: 'fail' }),
        waitForText('no one', { timeout: 5, onTimeout: 'fail' }),
      ]),
    ).then((error) => (error as Error).name),
  ],
  'Promise.all': () =>
    Promise.all([waitForEvent('b'), waitForEvent('a'), waitForEvent('never', { timeout: 5 }), sleep(5)]),
  'Promise.allSettled': async () => {
    const settled = await Promise.allSettled([
      waitForEvent('b'),
      waitForText('nobody', { timeout: 5, onTimeout: 'fail' }),
      waitForEvent('a'),
    ]);
    return settled.map((each) => (each.status === 'fulfilled' ? each.value : each.status));
  },
  'race()': async () => [
    await race({ b: waitForEvent('b'), a: waitForEvent('a'), late: sleep('1h') }),
    await race({ c: waitForEvent('c'), late: sleep(5) }),
  ],
  'helpers side by side': async () => {
    const order: string[] = [];
    const follow = async (name: string): Promise<void> => {
      order.push(`${name} ${String(await waitForEvent(name))}`);
      order.push(await step(name, () => `step ${name}`));
    };
    await Promise.all([follow('a'), follow('b'), follow('d')]);
    return order;
  },
};

onDatabase('PostgreSQL', (database) => {
  let app: DurableApp;
  beforeAll(async () => {
    app = await database.start([Coded]);
  });
  afterAll(() => database.closeApps());

  describe('race()', () => {
    it('gives the first under its key, and withdraws the others: nobody sees them, and they take nothing', async () => {
      const handle = await begin(app.client, async () => {
        const first = await race({
          a: waitForEvent('a'),
          b: waitForEvent('b'),
          boss: waitForApproval('boss'),
          strike: waitForBroadcast('strike', { scope: 'race' }),
          all: waitForAll(['b', 'c']),
          late: sleep('1d'),
        });
        return [first, await waitForEvent('end'), await waitForEvent('b'), await waitForEvent('c')];
      });
      await listening(app.client, handle.id, 5);
      const { inputs } = await app.client.listPendingInputs({ executionId: handle.id });
      const { inputId = '' } = inputs[0] ?? {};
      // Kept for the one that is to lose.
      await app.client.sendEvent(handle.id, 'c', 3);
      await app.client.sendEvent(handle.id, 'a', 1);
      await eventually(async () => (await openWaits(app.client, handle.id)).join() === 'end');
      await app.client.sendEvent(handle.id, 'b', 2);
      await app.client.broadcast('strike', 1, { scope: 'race' });
      for (const which of ['boss', { inputId }]) {
        const failure = await failureOf(app.client.provideInput(handle.id, which, true), InputSettled);
        expect(failure.outcome).toBe('withdrawn');
      }
      await app.client.sendEvent(handle.id, 'end', 'end');
      expect(await handle.result()).toEqual([{ key: 'a', value: 1 }, 'end', 2, 3]);
      expect(await recordedOf(app.client, handle.id)).toEqual([
        'a completed',
        'b withdrawn',
        'boss withdrawn',
        'strike withdrawn',
        'b&c withdrawn',
        'sleep withdrawn',
        'end completed',
        'b#2 completed',
        'c completed',
      ]);
    });

    it('is lost by all waits when a step wins it; a step that loses goes on', async () => {
      const gate = new Gate();
      const handle = await begin(app.client, async () => {
        const first = await race({ heard: waitForEvent('a'), worked: step('works', () => 'work') });
        const works = step('slow', async () => {
          await gate.pass();
          return 'slow work';
        });
        const second = await race({ slow: works, heard: waitForEvent('a') });
        return [first, second, await works];
      });
      await gate.reached();
      await app.client.sendEvent(handle.id, 'a', 1);
      await eventually(async () => (await openWaits(app.client, handle.id)).length === 0);
      gate.open();
      expect(await handle.result()).toEqual([
        { key: 'worked', value: 'work' },
        { key: 'heard', value: 1 },
        'slow work',
      ]);
    });

    it('fails with the first one if that fails, and withdraws the others', async () => {
      const handle = await begin(app.client, async () => {
        const error = await fault(() =>
          race({ boss: waitForApproval('boss', { timeout: 20, onTimeout: 'fail' }), a: waitForEvent('a') }),
        );
        return [error, await waitForEvent('a')];
      });
      await eventually(async () => (await recordedOf(app.client, handle.id)).includes('a withdrawn'));
      await app.client.sendEvent(handle.id, 'a', 1);
      const [error, payload] = (await handle.result()) as unknown[];
      expect(error).toBeInstanceOf(InputTimeout);
      expect(payload).toBe(1);
    });

    it('is won by what is there already, without the others being seen at all', async () => {
      const handle = await begin(app.client, async () => {
        const first = await race({ now: Promise.resolve('now'), a: waitForEvent('a') });
        return [first, await waitForEvent('a')];
      });
      await app.client.sendEvent(handle.id, 'a', 1);
      expect(await handle.result()).toEqual([{ key: 'now', value: 'now' }, 1]);
    });

    it('takes events and times that are all there in the order in which they came', async () => {
      const code = (length: number) => (): Promise<unknown> =>
        race({ a: waitForEvent('a'), late: sleep(length) });
      const early = await begin(app.client, code(2_500));
      const late = await Promise.all(Array.from({ length: 8 }, () => begin(app.client, code(1_200))));
      for (const handle of [early, ...late]) await parked(handle);
      await app.close();
      const idle = await database.start([Coded], { ...HASTY, worker: false });
      const dueOf = async (id: string): Promise<number> => {
        const { steps } = await idle.client.getExecution(id, { steps: true });
        return steps?.find(({ path }) => path === 'sleep')?.dueAt?.getTime() ?? Infinity;
      };
      await idle.client.sendEvent(early.id, 'a', 'in time');
      // On a machine that is very busy it may have taken longer to get here.
      const isInTime = Date.now() < (await dueOf(early.id));
      // Nobody is there to run them when their time comes.
      for (const { id } of [early, ...late]) {
        const dueAt = await dueOf(id);
        await eventually(() => Date.now() > dueAt + 20);
        if (id !== early.id) await idle.client.sendEvent(id, 'a', 'too late');
      }
      await idle.close();
      app = await database.start([Coded]);
      const [first, ...others] = await Promise.all(
        [early, ...late].map(async ({ id }) => (await app.client.handle(Coded, { id })).result()),
      );
      if (isInTime) expect(first).toEqual({ key: 'a', value: 'in time' });
      expect(others).toEqual(late.map(() => ({ key: 'late', value: undefined })));
    });

    it('is won by a time that was up before the event was sent, every time', async () => {
      const won: unknown[] = [];
      for (let round = 0; round < 25; round += 1) {
        const handle = await begin(app.client, async () => {
          await step('sends', () => app.client.sendEvent(execution().id, 'a', 1));
          const { key } = await race({ a: waitForEvent('a'), late: sleepUntil(new Date(0)) });
          return [key, await waitForEvent('a', { timeout: 30, timeoutValue: 'taken' })];
        });
        won.push(await handle.result());
      }
      expect(won).toEqual(Array.from({ length: 25 }, () => ['late', 1]));
    });

    it('in the body of a step withdraws, too, and a later attempt has the same winner', async () => {
      let attempts = 0;
      const handle = await begin(app.client, async () => {
        const first = await step('body', { retry: { base: 1, jitter: 0 } }, async () => {
          attempts += 1;
          const winner = await race({ a: waitForEvent('a'), b: waitForEvent('b') });
          if (attempts === 1) throw new Error('again');
          return winner;
        });
        return [first, await waitForEvent('b')];
      });
      await listening(app.client, handle.id, 2);
      await app.client.sendEvent(handle.id, 'a', 1);
      await eventually(async () => (await openWaits(app.client, handle.id)).join() === 'b');
      await app.client.sendEvent(handle.id, 'b', 2);
      expect(await handle.result()).toEqual([{ key: 'a', value: 1 }, 2]);
      expect(attempts).toBe(2);
    });

    it('is not blinded by a loser that is awaited later: it never ends, and the execution can', async () => {
      const handle = await begin(app.client, async () => {
        const loser = waitForEvent('b');
        const first = await race({ a: waitForEvent('a'), b: loser });
        return [first, await Promise.race([loser, sleep(30).then(() => 'never')])];
      });
      await listening(app.client, handle.id, 2);
      await app.client.sendEvent(handle.id, 'a', 1);
      expect(await handle.result()).toEqual([{ key: 'a', value: 1 }, 'never']);
    });

    it.each([
      [
        'a race',
        (gate: Gate) => race({ all: waitForAll(['a', 'b']), works: step('works', () => gate.pass()) }),
      ],
      [
        'its step, which has failed',
        (gate: Gate) =>
          step('outer', { retry: { maxAttempts: 1 } }, async () => {
            await Promise.race([waitForAll(['a', 'b']), step('works', () => gate.pass())]);
            throw new Error('enough');
          }).catch(() => undefined),
      ],
    ])('gives back what a loser kept, to the wait beside it: %s', async (_, loses) => {
      const gate = new Gate();
      const handle = await begin(app.client, async () => {
        const [, heard] = await Promise.all([loses(gate), waitForEvent('a'), waitForEvent('c')]);
        return heard;
      });
      await listening(app.client, handle.id, 3);
      await app.client.sendEvent(handle.id, 'a', 'for the second');
      await app.client.sendEvent(handle.id, 'c');
      await eventually(async () => (await recordedOf(app.client, handle.id)).includes('c completed'));
      gate.open();
      expect(await handle.result()).toBe('for the second');
    });

    it('refuses what is no object of promises', async () => {
      const handle = await begin(app.client, async () => {
        const errors: unknown[] = [];
        for (const wrong of wrongRaces) errors.push(await fault(() => race(wrong as never)));
        return errors;
      });
      for (const error of (await handle.result()) as unknown[]) {
        expect(error).toBeInstanceOf(InvalidArgument);
        expect(String(error)).toContain('race()');
      }
    });
  });

  describe('A composition of waits has the same outcome on a replay', () => {
    it.each(Object.entries(compositions))('%s', async (_, composed) => {
      const gate = new Gate();
      const outcomes: unknown[] = [];
      const handle = await begin(app.client, async () => {
        const outcome = await composed();
        outcomes.push(outcome);
        await gate.pass();
        return [outcome, await waitForEvent('end')];
      });
      await eventually(async () => (await openWaits(app.client, handle.id)).length >= 2);
      await app.client.sendEvent(handle.id, 'b', 'B');
      await app.client.sendEvent(handle.id, 'd', 'D');
      await app.client.sendEvent(handle.id, 'a', 'A');
      await gate.reached();
      // In the mailbox of the replay lies what might have won.
      for (const name of ['a', 'b', 'c', 'end']) await app.client.sendEvent(handle.id, name, 'later');
      await app.close();
      gate.open();
      app = await database.start([Coded], HASTY);
      const again = await app.client.handle(Coded, { id: handle.id });
      expect(await again.result()).toEqual([outcomes[0], 'later']);
      expect(outcomes).toHaveLength(2);
      expect(outcomes[1]).toEqual(outcomes[0]);
    });
  });

  it('An error of the winner that nobody catches ends the execution', async () => {
    const handle = await begin(app.client, () =>
      race({ q: waitForText('q', { timeout: 10, onTimeout: 'fail' }), a: waitForEvent('a') }),
    );
    await causeOf(handle, InputTimeout);
    expect(await openWaits(app.client, handle.id)).toEqual([]);
  });
});
