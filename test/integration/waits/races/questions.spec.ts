import { describe, expect, it } from '@jest/globals';
import {
  type ExecutionHandle,
  InputSettled,
  step,
  waitForEvent,
  waitForInput,
  waitForText,
} from 'nest-durable';
import { settleInput } from '../../../../lib/storage/queries/input.queries.js';
import { queryOf } from '../../../../lib/storage/queries/query.js';
import { Gate } from '../../../support/gate.js';
import { at, onGround, type Saw, turns } from './race-ground.js';

interface Told {
  readonly value: string;
  readonly by: string;
}

interface DueRow {
  readonly id: string;
  readonly dueAt: number;
}

/** What became of somebody's answer. */
interface Outcome {
  readonly value: string;
  readonly counts: boolean;
}

const PEOPLE = 20;

async function ask(saw: Saw, timeout: number): Promise<Told | 'nobody'> {
  const answer = await waitForInput('who', { type: 'text', timeout, timeoutValue: 'nobody' });
  if (answer === 'nobody') saw(answer);
  else saw([answer.value, answer.by]);
  // It may be replayed on the way to its end, and still has the same answer.
  saw(await waitForEvent('on'));
  return answer === 'nobody' ? answer : { value: answer.value, by: answer.by ?? '' };
}

describe('Questions', () => {
  onGround({ seed: 409, forgetting: 0.7 }, (ground) => {
    const { random } = ground;

    async function answer({ id }: { readonly id: string }, value: string): Promise<Outcome> {
      try {
        await ground.client.provideInput(id, 'who', value, { by: value });
        return { value, counts: true };
      } catch (error) {
        expect(error).toBeInstanceOf(InputSettled);
        return { value, counts: false };
      }
    }

    async function outcomeOf({
      id,
    }: ExecutionHandle): Promise<{ outcome: string; by: string | null } | undefined> {
      const [row] = await ground.query<{ outcome: string; by: string | null }>(
        'SELECT outcome, settled_by AS by FROM durable.pending_inputs WHERE execution_id = $1',
        [id],
      );
      return row;
    }

    it.each([
      { asked: 'kept in memory', timeout: 400, step: 15 },
      { asked: 'parked', timeout: 1_300, step: 15 },
    ])(
      `that ${PEOPLE} people answer when their time is up ($asked) have one outcome`,
      async ({ timeout, step }) => {
        const handles = await Promise.all(
          // Every third has all the time: there they race each other, and elsewhere the time.
          Array.from({ length: 30 }, (_, n) => ground.begin(ask, n % 3 === 0 ? 30_000 : timeout + n * step)),
        );
        const dues = await ground.until(async () => {
          const found = await ground.query<DueRow>(
            `SELECT execution_id AS id, (extract(epoch FROM due_at) * 1000)::float8 AS "dueAt"
           FROM durable.pending_inputs WHERE execution_id = ANY($1)`,
            [handles.map(({ id }) => id)],
          );
          return found.length === handles.length && found;
        });
        const dueOf = new Map(dues.map(({ id, dueAt }) => [id, dueAt]));
        const outcomes = { answered: 0, timedOut: 0 };
        await Promise.all(
          handles.map(async (handle, n) => {
            const dueAt = dueOf.get(handle.id) ?? 0;
            const people = Array.from({ length: PEOPLE }, async (_, person) => {
              if (n % 3 !== 0) await at(dueAt + random.between(-25, 5));
              return await answer(handle, `person ${person}`);
            });
            const counted = (await Promise.all(people)).filter(({ counts }) => counts);
            expect(counted.length).toBeLessThanOrEqual(1);
            await ground.client.sendEvent(handle.id, 'on', n);
            const told = await handle.result({ timeout: '20s' });
            const row = await outcomeOf(handle);
            if (counted[0] === undefined) {
              expect(told).toBe('nobody');
              expect(row).toEqual({ outcome: 'timed_out', by: null });
              outcomes.timedOut += 1;
            } else {
              const { value } = counted[0];
              expect(told).toEqual({ value, by: value });
              expect(row).toEqual({ outcome: 'answered', by: value });
              outcomes.answered += 1;
            }
          }),
        );
        expect(outcomes.answered).toBeGreaterThan(0);
        expect(outcomes.timedOut + outcomes.answered).toBe(handles.length);
        await ground.expectPeace();
      },
    );

    it('whose answer is committed only after their time have that answer', async () => {
      // Half of them are kept here by a body beside the question: their worker does what it can when the time is up.
      const gate = new Gate();
      const busy = async (saw: Saw, timeout: number): Promise<unknown> => {
        const [answer] = await Promise.all([ask(saw, timeout), step('work', () => gate.pass())]);
        return answer;
      };
      const handles = await Promise.all(
        Array.from({ length: 12 }, (_, n) => ground.begin(n % 2 === 0 ? ask : busy, 2_000 + n)),
      );
      await ground.listening(handles.map(({ id }) => id));
      const seqs = await seqsOf(handles);
      // As `provideInput()` does it, and with its last moment drawn out.
      const answers = await Promise.all(
        handles.map(async ({ id }) => {
          const runner = await ground.transaction();
          const settled = await settleInput(queryOf(runner.manager), 'durable', {
            executionId: id,
            seq: seqs.get(id) ?? 0,
            outcome: 'answered',
            by: 'ann',
            payload: JSON.stringify({ value: `answer to ${id}`, by: 'ann' }),
          });
          expect(settled?.isSettled).toBe(true);
          return runner;
        }),
      );
      await ground.until(async () => {
        const [row] = await ground.query<{ over: boolean }>(
          `SELECT max(due_at) < clock_timestamp() - interval '300 milliseconds' AS over
           FROM durable.pending_inputs WHERE execution_id = ANY($1)`,
          [handles.map(({ id }) => id)],
        );
        return row?.over;
      });
      for (const runner of answers) {
        await runner.commitTransaction();
        await runner.release();
      }
      gate.open();
      for (const [n, handle] of handles.entries()) {
        await ground.client.sendEvent(handle.id, 'on', n);
        expect(await handle.result({ timeout: '20s' })).toEqual({
          value: `answer to ${handle.id}`,
          by: 'ann',
        });
        expect(await outcomeOf(handle)).toEqual({ outcome: 'answered', by: 'ann' });
      }
      await ground.expectPeace();
    });

    async function seqsOf(handles: readonly ExecutionHandle[]): Promise<Map<string, number>> {
      const rows = await ground.query<{ id: string; seq: number }>(
        'SELECT execution_id AS id, seq FROM durable.pending_inputs WHERE execution_id = ANY($1)',
        [handles.map(({ id }) => id)],
      );
      return new Map(rows.map(({ id, seq }) => [id, seq]));
    }

    it('of one name, several at a time, each get the answer that names them', async () => {
      const several = async (saw: Saw): Promise<string[]> =>
        saw(await Promise.all([0, 1, 2].map(() => waitForText('who'))));
      const rounds = Array.from({ length: 25 }, async () => {
        const handle = await ground.begin(several);
        await ground.listening([handle.id], 3);
        const { inputs } = await ground.client.listPendingInputs({ executionId: handle.id });
        const answers = inputs.flatMap(({ inputId }, n) =>
          Array.from({ length: 4 }, async (_, person) => {
            await turns(random.between(0, 10));
            const value = `${n} ${person}`;
            return await ground.client.provideInput(handle.id, { inputId }, value).then(
              () => value,
              (error: unknown) => expect(error).toBeInstanceOf(InputSettled),
            );
          }),
        );
        const counted = (await Promise.all(answers)).filter((each) => typeof each === 'string').sort();
        expect(counted).toHaveLength(3);
        expect(await handle.result({ timeout: '20s' })).toEqual(counted);
      });
      await Promise.all(rounds);
      await ground.expectPeace();
    });

    it('that are cancelled and answered at once are one of the two', async () => {
      const stubborn = async (saw: Saw): Promise<unknown> => {
        const first = await waitForText('who').catch((error: { code: string }) => error.code);
        saw(first);
        saw(await waitForEvent('on'));
        return first;
      };
      const seen = new Set<boolean>();
      const rounds = Array.from({ length: 80 }, async (_, n) => {
        const handle = await ground.begin(stubborn);
        await ground.listening([handle.id]);
        const cancelled = turns(random.between(0, 12)).then(() =>
          ground.client.cancelWait(handle.id, 'who', 'nobody asks any more').then(
            () => true,
            (error: unknown) => {
              expect(error).toBeInstanceOf(InputSettled);
              return false;
            },
          ),
        );
        await turns(random.between(0, 12));
        const { counts } = await answer(handle, `answer ${n}`);
        const isCancelled = await cancelled;
        expect(isCancelled).toBe(!counts);
        await ground.client.sendEvent(handle.id, 'on', n);
        expect(await handle.result({ timeout: '20s' })).toBe(
          counts ? `answer ${n}` : 'DURABLE_WAIT_CANCELLED',
        );
        seen.add(counts);
      });
      await Promise.all(rounds);
      expect(seen.size).toBe(2);
      await ground.expectPeace();
    });
  });
});

describe('Waits for events', () => {
  onGround({ seed: 410, forgetting: 0.7 }, (ground) => {
    const { random } = ground;

    it('that are cancelled while the event comes are one of the two, and lose no event', async () => {
      const stubborn = async (saw: Saw): Promise<unknown> => {
        const first = await waitForEvent('a').catch((error: { code: string }) => error.code);
        saw(first);
        saw(await waitForEvent('on'));
        // The one that a cancelled wait did not get is there for the next.
        return [first, first === 'DURABLE_WAIT_CANCELLED' ? saw(await waitForEvent('a')) : first];
      };
      const seen = new Set<boolean>();
      const rounds = Array.from({ length: 80 }, async (_, n) => {
        const handle = await ground.begin(stubborn);
        await ground.listening([handle.id]);
        const cancelled = turns(random.between(0, 12)).then(() =>
          ground.client.cancelWait(handle.id, 'a').then(
            () => undefined,
            (error: { code: string }) => error.code,
          ),
        );
        await turns(random.between(0, 12));
        await ground.client.sendEvent(handle.id, 'a', n);
        await ground.client.sendEvent(handle.id, 'on', 1_000 + n);
        const refused = await cancelled;
        const [first, event] = (await handle.result({ timeout: '20s' })) as [unknown, unknown];
        expect(event).toBe(n);
        expect([n, 'DURABLE_WAIT_CANCELLED']).toContain(first);
        if (refused !== undefined) expect(refused).toMatch(/^DURABLE_(WAIT_NOT_FOUND|EXECUTION_FINISHED)$/);
        if (refused !== undefined) expect(first).toBe(n);
        seen.add(first === n);
      });
      await Promise.all(rounds);
      expect(seen.size).toBe(2);
      await ground.expectPeace();
    });
  });
});
