import { describe, expect, it } from '@jest/globals';
import { type ExecutionHandle, KeyConflict, waitForEvent } from 'nest-durable';
import { callOf, onGround, Raced, type Saw, turns } from './race-ground.js';

const CALLERS = 20;

/** Takes events until one of them says that it was the last. */
async function collect(saw: Saw): Promise<unknown[]> {
  const taken: unknown[] = [];
  for (;;) {
    const number = saw(await waitForEvent<number>('number'));
    if (number < 0) return taken;
    taken.push(number);
  }
}

describe('Starts with an event', () => {
  onGround({ seed: 412 }, (ground) => {
    const { random } = ground;
    const call = callOf(collect);

    /** Started at once by many with one key: all with an event, some of them with the same delivery. */
    async function startedByAll(
      key: string,
      options: (caller: number) => { readonly idempotencyKey?: string },
    ): Promise<ExecutionHandle[]> {
      return await Promise.all(
        Array.from({ length: CALLERS }, async (_, caller) => {
          await turns(random.between(0, 15));
          if (caller % 5 === 4) return await ground.client.start(Raced, call, { key });
          return await ground.client.startWithEvent(Raced, call, {
            key,
            event: 'number',
            payload: caller,
            ...options(caller),
          });
        }),
      );
    }

    it(`by ${CALLERS} at once with one key are one execution, with every event once`, async () => {
      const rounds = Array.from({ length: 15 }, async (_, n) => {
        const handles = await startedByAll(`all ${n}`, () => ({}));
        const [{ id }] = handles as [ExecutionHandle, ...ExecutionHandle[]];
        expect(new Set(handles.map((handle) => handle.id)).size).toBe(1);
        expect(handles.filter(({ created }) => created)).toHaveLength(1);
        await ground.client.sendEvent({ workflow: Raced, key: `all ${n}` }, 'number', -1);
        const taken = (await handles[0]?.result({ timeout: '20s' })) as number[];
        const expected = Array.from({ length: CALLERS }, (__, caller) => caller).filter(
          (each) => each % 5 !== 4,
        );
        expect([...taken].sort((a, b) => a - b)).toEqual(expected);
        expect(await ground.sentTo(id)).toHaveLength(expected.length + 1);
      });
      await Promise.all(rounds);
      await ground.expectPeace();
    });

    it('of one delivery, made again and again, start once and send once', async () => {
      const rounds = Array.from({ length: 15 }, async (_, n) => {
        const handles = await startedByAll(`once ${n}`, () => ({ idempotencyKey: 'delivery' }));
        expect(new Set(handles.map(({ id }) => id)).size).toBe(1);
        expect(handles.filter(({ created }) => created)).toHaveLength(1);
        await ground.client.sendEvent(handles[0]?.id ?? '', 'number', -1);
        const taken = (await handles[0]?.result({ timeout: '20s' })) as number[];
        expect(taken).toHaveLength(1);
        // After the end a delivery that was known is known still, and one that was not is refused.
        const again = { key: `once ${n}`, event: 'number', payload: 1 } as const;
        const known = await ground.client.startWithEvent(Raced, call, {
          ...again,
          idempotencyKey: 'delivery',
        });
        expect(known).toMatchObject({ id: handles[0]?.id, created: false });
        await expect(ground.client.startWithEvent(Raced, call, again)).rejects.toMatchObject({
          code: 'DURABLE_EXECUTION_FINISHED',
        });
      });
      await Promise.all(rounds);
      await ground.expectPeace();
    });

    it('of another input, or of a transaction that is rolled back, leave nothing', async () => {
      const rounds = Array.from({ length: 30 }, async (_, n) => {
        const key = `other ${n}`;
        const event = { key, event: 'number', payload: 1 } as const;
        const runner = await ground.transaction();
        const within = ground.client.startWithEvent(Raced, call, { ...event, manager: runner.manager });
        const { id } = await within;
        const others =
          n % 2 === 0 ? ground.client.startWithEvent(Raced, call, { ...event, payload: 2 }) : undefined;
        await turns(random.between(0, 20));
        await runner.rollbackTransaction();
        await runner.release();
        const handle = (await others) ?? (await ground.client.start(Raced, call, { key }));
        expect(handle.created).toBe(true);
        expect(handle.id).not.toBe(id);
        const conflict = ground.client.startWithEvent(Raced, callOf(collect, 'another'), {
          ...event,
          payload: 3,
        });
        await expect(conflict).rejects.toBeInstanceOf(KeyConflict);
        await ground.client.sendEvent(handle.id, 'number', -1);
        expect(await handle.result({ timeout: '20s' })).toEqual(others === undefined ? [] : [2]);
        await expect(ground.client.getExecution(id)).rejects.toMatchObject({
          code: 'DURABLE_EXECUTION_NOT_FOUND',
        });
        const left = await ground.query('SELECT 1 FROM durable.workflow_events WHERE execution_id = $1', [
          id,
        ]);
        expect(left).toEqual([]);
      });
      await Promise.all(rounds);
      await ground.expectPeace();
    });
  });
});
