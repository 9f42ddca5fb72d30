import { describe, expect, it } from '@jest/globals';
import { type ExecutionHandle, race, sleep, waitForAll, waitForAny, waitForEvent } from 'nest-durable';
import { UNDEFINED } from './witness.js';
import { at, onGround, Raced, type Saw } from './race-ground.js';

/** Shorter, and longer, than what is waited for in memory. */
const SHORT = 250;
const LONG = 1_250;
const lengths = [SHORT, LONG];

interface Due {
  readonly id: string;
  readonly dueAt: number;
}

/** When waits are due that have begun. */
const DUES = `
  SELECT execution_id AS id, (extract(epoch FROM due_at) * 1000)::float8 AS "dueAt"
  FROM durable.step_executions WHERE execution_id = ANY($1) AND outcome = 'opened' AND due_at IS NOT NULL`;

describe('Waits whose time is up', () => {
  // Whoever comes back to an execution replays it.
  onGround({ seed: 404, forgetting: 1 }, (ground) => {
    const { random } = ground;
    const outcomes = { late: 0, taken: 0 };

    it('are over once, with what was named for that, and on every replay', async () => {
      const everyKind = async (saw: Saw, timeout: number): Promise<void> => {
        const over = await Promise.all([
          waitForEvent('never', { timeout, timeoutValue: { late: true } }),
          waitForEvent('never', { timeout }),
          waitForAny(['never', 'nothing'], { timeout, timeoutValue: 'neither' }),
          waitForAny(['never', 'nothing'], { timeout }),
          waitForAll(['half', 'never'], { timeout, timeoutValue: null }),
          waitForAll(['half', 'never'], { timeout }),
        ]);
        saw(over);
        for (let move = 0; move < 3; move += 1) saw(await waitForEvent('move'));
        // What came for a wait that was given up is there for another one.
        saw(await waitForEvent('half'));
        saw(await waitForEvent('never', { timeout: 20, timeoutValue: 'still nothing' }));
      };
      const seen = [{ late: true }, UNDEFINED, 'neither', UNDEFINED, null, UNDEFINED];
      const rounds = Array.from({ length: 60 }, async (_, n) => {
        const handle = await ground.begin(everyKind, lengths[n % 2]);
        await ground.client.sendEvent(handle.id, 'half', 1_000);
        for (let move = 0; move < 3; move += 1) {
          // The one before has been taken: nothing has run for this execution when the next one comes.
          if (move > 0) await ground.until(async () => (await openIn(handle)) === 'waiting');
          await ground.client.sendEvent(handle.id, 'move', move);
        }
        await handle.result({ timeout: '20s' });
        expect(ground.seen(handle)).toEqual([seen, 0, 1, 2, 1_000, 'still nothing']);
        expect(await timedOut(handle)).toBe(seen.length + 1);
      });
      await Promise.all(rounds);
      expect(ground.replays).toBeGreaterThan(100);
      await ground.expectPeace();
    });

    /** A wait with a time-out, and one that takes what came too late for that. */
    const codes = {
      event: async (saw: Saw, timeout: number) => {
        const first = saw(await waitForEvent('a', { timeout, timeoutValue: 'late' }));
        return [first, first === 'late' ? saw(await waitForEvent('a')) : first];
      },
      any: async (saw: Saw, timeout: number) => {
        const first = saw(await waitForAny(['a', 'b'], { timeout, timeoutValue: 'late' }));
        if (first !== 'late') return [first.payload, first.payload];
        return [first, saw(await waitForAny(['a', 'b'])).payload];
      },
      all: async (saw: Saw, timeout: number) => {
        const first = saw(await waitForAll(['ready', 'a'], { timeout, timeoutValue: 'late' }));
        if (first !== 'late') return [first.a, first.a];
        return [first, saw(await waitForAll(['ready', 'a'])).a];
      },
    };

    it.each(
      (['event', 'any', 'all'] as const).flatMap((kind) => lengths.map((timeout) => ({ kind, timeout }))),
    )(
      '($kind, $timeout ms) are over, or were given what came at that moment: one of the two',
      async ({ kind, timeout }) => {
        const handles = await Promise.all(
          // Their times are up one after the other, so that each shot is a race of its own.
          Array.from({ length: 70 }, (_, n) => ground.begin(codes[kind], timeout + n * 5)),
        );
        if (kind === 'all') {
          for (const { id } of handles) await ground.client.sendEvent(id, 'ready', -1);
        }
        const dues = await ground.until(async () => {
          const found = await ground.query<Due>(DUES, [handles.map(({ id }) => id)]);
          return found.length === handles.length && found;
        });
        const spread = Math.min(120, timeout / 4);
        const shots = dues.map(async ({ id, dueAt }, n) => {
          // Most of them closely around the moment, some clearly before and after it.
          const offset = n % 5 === 0 ? random.between(-spread, spread) : random.between(-14, 4);
          await at(dueAt + offset);
          await ground.client.sendEvent(id, 'a', n);
        });
        await Promise.all(shots);
        const sent = new Map(dues.map(({ id }, n) => [id, n]));
        for (const handle of handles) {
          const [first, taken] = (await handle.result({ timeout: '20s' })) as [unknown, unknown];
          outcomes[first === 'late' ? 'late' : 'taken'] += 1;
          expect(taken).toBe(sent.get(handle.id));
          expect(['late', taken]).toContain(first);
          expect(await timedOut(handle)).toBe(first === 'late' ? 1 : 0);
        }
        expect(await takenTooLate()).toEqual([]);
        await ground.expectPeace();
      },
    );

    it('while there was no worker are judged by when things happened, and not by when that was noticed', async () => {
      /** Of an event, and a time that is up: which was first, by kind of wait. */
      const races: readonly ((timeout: number) => Promise<unknown>)[] = [
        (timeout) => waitForEvent('a', { timeout, timeoutValue: 'late' }),
        (timeout) => waitForAny(['a', 'b'], { timeout, timeoutValue: 'late' }),
        (timeout) => waitForAll(['ready', 'a'], { timeout, timeoutValue: 'late' }),
        (timeout) => Promise.race([waitForEvent('a'), sleep(timeout).then(() => 'late')]),
        async (timeout) => {
          const { key } = await race({ taken: waitForEvent('a'), late: sleep(timeout) });
          return key;
        },
      ];
      const first = async (saw: Saw, { which, timeout }: { which: number; timeout: number }) =>
        saw((await races[which]?.(timeout)) === 'late' ? 'late' : 'taken');
      const handles = await Promise.all(
        Array.from({ length: 60 }, (_, n) =>
          ground.begin(first, { which: n % races.length, timeout: 2_500 + (n % 12) * 40 }),
        ),
      );
      await ground.listening(handles.map(({ id }) => id));
      for (const { id } of handles) await ground.client.sendEvent(id, 'ready', -1);
      await ground.replaceWorkers(async (sender) => {
        const dues = await ground.query<Due>(DUES, [handles.map(({ id }) => id)]);
        expect(dues).toHaveLength(handles.length);
        // Some come clearly before the time, some after it, and some just then.
        const shots = dues.map(async ({ id, dueAt }, n) => {
          await at(dueAt + (n % 3 === 0 ? -400 : random.between(-15, 60)));
          await sender.sendEvent(id, 'a', n);
        });
        await Promise.all(shots);
      });
      const seen = new Set<unknown>();
      for (const { id } of handles) {
        const handle = await ground.client.handle(Raced, { id });
        const got = await handle.result({ timeout: '20s' });
        const [row] = await ground.query<{ isLate: boolean }>(
          `SELECT e.created_at > s.due_at AS "isLate" FROM durable.workflow_events e
           JOIN durable.step_executions s ON s.execution_id = e.execution_id AND s.outcome = 'opened'
             AND s.due_at IS NOT NULL
           WHERE e.execution_id = $1 AND e.name = 'a'`,
          [id],
        );
        expect(got).toBe(row?.isLate === true ? 'late' : 'taken');
        seen.add(got);
      }
      expect(seen.size).toBe(2);
      await ground.expectPeace();
    });

    it('had both outcomes', () => {
      expect(outcomes.late).toBeGreaterThan(0);
      expect(outcomes.taken).toBeGreaterThan(0);
    });

    async function openIn({ id }: ExecutionHandle): Promise<string | undefined> {
      const [row] = await ground.query<{ state: number }>(
        `SELECT q.state FROM durable.workflow_queue q WHERE q.id = $1 AND NOT EXISTS (
           SELECT FROM durable.workflow_events e WHERE e.execution_id = q.id AND e.name = 'move' AND NOT e.taken)`,
        [id],
      );
      return row?.state === 2 ? 'waiting' : undefined;
    }

    async function timedOut({ id }: ExecutionHandle): Promise<number> {
      const rows = await ground.query(
        `SELECT 1 FROM durable.step_executions WHERE execution_id = $1 AND outcome = 'timed_out'`,
        [id],
      );
      return rows.length;
    }

    /** Events that ended a wait whose time had been up when they were sent. */
    async function takenTooLate(): Promise<object[]> {
      return await ground.query(
        `SELECT s.execution_id, s.path, e.id FROM durable.step_executions s
         JOIN durable.workflow_events e ON e.execution_id = s.execution_id AND e.name = 'a'
         WHERE s.outcome = 'completed' AND s.due_at < e.created_at`,
      );
    }
  });
});
