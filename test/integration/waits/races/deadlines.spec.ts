import { describe, expect, it } from '@jest/globals';
import {
  type Execution,
  execution,
  type ExecutionHandle,
  type ExecutionStep,
  step,
  StepTimeout,
  waitForEvent,
  WorkflowTimeout,
} from 'nest-durable';
import { onGround, Raced, type Saw, turns } from './race-ground.js';

type Limit = 'wait' | 'step' | 'workflow';
const limits = ['wait', 'step', 'workflow'] as const;

interface Times {
  readonly wait: number;
  readonly step: number;
}

/** Undone, by execution. */
const undone: string[] = [];

/** Charges, and then waits in a step; the wait, the step and the workflow each have a time-out. */
async function purchase(saw: Saw, { wait, step: timeout }: Times): Promise<unknown> {
  const { id } = execution();
  await step('charge', { compensate: () => void undone.push(id) }, () => 1);
  return saw(
    await step('approve', { timeout, retry: { maxAttempts: 1 } }, () =>
      waitForEvent('approval', { timeout: wait, timeoutValue: 'nobody came' }),
    ),
  );
}

const orders = limits.flatMap((first) =>
  limits
    .filter((each) => each !== first)
    .map(
      (second) => [first, second, limits.find((each) => each !== first && each !== second) ?? first] as const,
    ),
);

describe('Of the time-outs of a wait, its step and its workflow', () => {
  onGround({ seed: 413, forgetting: 0.5 }, (ground) => {
    const { random } = ground;

    it.each([
      { where: 'in memory', times: [250, 10_000, 20_000] },
      { where: 'parked', times: [1_250, 10_000, 20_000] },
    ])('the earliest wins, and the history says which ($where)', async ({ times }) => {
      const rounds = orders.flatMap((order) =>
        Array.from({ length: 6 }, async () => {
          const after = (limit: Limit): number => (times[order.indexOf(limit)] ?? 0) + random.between(0, 40);
          const handle = await ground.begin(
            purchase,
            { wait: after('wait'), step: after('step') },
            { timeout: after('workflow') },
          );
          await expectEnd(handle, order[0]);
        }),
      );
      await Promise.all(rounds);
      await ground.expectPeace();
    });

    it.each([200, 1_200])('one wins also where they are all due at once (in %d ms)', async (time) => {
      const winners = new Set<Limit>();
      const rounds = Array.from({ length: 90 }, async (_, n) => {
        const after = (): number => time + random.between(0, 60);
        const times = { wait: after(), step: after() };
        // That of the workflow counts from its start, so it is a little longer; of every third it is no part of this.
        const timeout = n % 3 === 0 ? 15_000 : after() + random.between(0, 300);
        const handle = await ground.begin(purchase, times, { timeout });
        const failure = await failureOrOutput(handle);
        const winner =
          failure instanceof WorkflowTimeout ? 'workflow' : failure instanceof StepTimeout ? 'step' : 'wait';
        winners.add(winner);
        const { steps = [] } = await expectEnd(handle, winner);
        if (winner === 'workflow') return;
        // Of the two that know of each other the one that was due first, however late that was noticed.
        const { wait, begun } = await duesOf(handle);
        if (winner === 'wait') expect(wait).toBeLessThanOrEqual(begun + times.step);
        // A wait that ended just before the step may have left it no time.
        else if (statusOfWait(steps) !== 'timed_out') {
          expect(wait).toBeGreaterThanOrEqual(begun + times.step);
        }
      });
      await Promise.all(rounds);
      expect(winners.size).toBeGreaterThan(1);
      await ground.expectPeace();
    });

    it('the earliest wins also where there was no worker when they were due', async () => {
      const handles = await Promise.all(
        orders.flatMap((order) =>
          Array.from({ length: 5 }, async () => {
            const after = (limit: Limit): number => 2_500 + order.indexOf(limit) * 100;
            const times = { wait: after('wait'), step: after('step') };
            // Nobody is there to say that a workflow has ended in time: of the two inside it is asked.
            const first = order.find((limit) => limit !== 'workflow') ?? 'wait';
            return { first, handle: await ground.begin(purchase, times) };
          }),
        ),
      );
      await ground.listening(handles.map(({ handle }) => handle.id));
      await ground.replaceWorkers(() =>
        ground.until(async () => {
          const [row] = await ground.query<{ late: boolean }>(
            `SELECT max(due_at) < now() - interval '300 milliseconds' AS late FROM durable.pending_events`,
          );
          return row?.late;
        }),
      );
      for (const { first, handle } of handles) {
        // A handle asks the application that gave it, which is gone.
        await expectEnd(await ground.client.handle(Raced, { id: handle.id }), first);
      }
      await ground.expectPeace();
    });

    it('none wins against an event that is there before', async () => {
      const rounds = Array.from({ length: 40 }, async (_, n) => {
        const handle = await ground.begin(purchase, { wait: 8_000, step: 9_000 }, { timeout: 10_000 });
        await turns(random.between(0, 30));
        await ground.client.sendEvent(handle.id, 'approval', n);
        expect(await handle.result({ timeout: '20s' })).toBe(n);
        expect(undone).not.toContain(handle.id);
      });
      await Promise.all(rounds);
      await ground.expectPeace();
    });

    it('that of a workflow which waits for ever compensates and fails, whatever comes at that moment', async () => {
      const forever = async (saw: Saw): Promise<void> => {
        const { id } = execution();
        await step('charge', { compensate: () => void undone.push(id) }, () => 1);
        for (;;) saw(await waitForEvent('more'));
      };
      let taken = 0;
      const rounds = Array.from({ length: 40 }, async (_, n) => {
        const timeout = n % 2 === 0 ? 300 : 1_300;
        const handle = await ground.begin(forever, undefined, { timeout });
        let isOver = false;
        const ended = handle.result({ timeout: '20s' }).catch((error: unknown) => {
          isOver = true;
          return error;
        });
        const refused: unknown[] = [];
        let sent = 0;
        while (!isOver) {
          const sending = ground.client.sendEvent(handle.id, 'more', sent);
          await sending.then(
            () => (sent += 1),
            (error: { code: string }) => refused.push(error.code),
          );
          await ground.query('SELECT pg_sleep($1)', [random.between(5, 25) / 1_000]);
        }
        expect(await ended).toMatchObject({ cause: { code: 'DURABLE_WORKFLOW_TIMEOUT' } });
        // What was refused came after the end, and was told so.
        expect(new Set([...refused, 'DURABLE_EXECUTION_FINISHED'])).toEqual(
          new Set(['DURABLE_EXECUTION_FINISHED']),
        );
        expect(ground.seen(handle)).toEqual(
          Array.from({ length: ground.seen(handle).length }, (_, seen) => seen),
        );
        taken += ground.seen(handle).length;
        await expectEnd(handle, 'workflow');
      });
      await Promise.all(rounds);
      expect(taken).toBeGreaterThan(0);
      await ground.expectPeace();
    });

    /** When the wait is due, and when the attempt of the step around it began. */
    async function duesOf({ id }: ExecutionHandle): Promise<{ wait: number; begun: number }> {
      const [dues] = await ground.query<{ wait: number; begun: number }>(
        `SELECT (extract(epoch FROM w.due_at) * 1000)::float8 AS wait,
           (extract(epoch FROM s.started_at) * 1000)::float8 AS begun
         FROM durable.step_executions w JOIN durable.step_executions s USING (execution_id)
         WHERE execution_id = $1 AND w.path = 'approve/approval' AND w.outcome = 'opened'
           AND s.path = 'approve' AND s.outcome <> 'opened'`,
        [id],
      );
      return dues ?? { wait: NaN, begun: NaN };
    }

    async function expectEnd(handle: ExecutionHandle, first: Limit): Promise<Execution> {
      const failure = await failureOrOutput(handle);
      const history = await ground.client.getExecution(handle.id, { steps: true });
      const wait = history.steps?.find(({ path }) => path === 'approve/approval');
      const isCharged =
        history.steps?.some(({ path, status }) => path === 'charge' && status === 'completed') === true;
      switch (first) {
        case 'wait':
          expect(failure).toBe('nobody came');
          expect(history.status).toBe('completed');
          expect(wait).toMatchObject({ status: 'timed_out', output: 'nobody came' });
          break;
        case 'step':
          expect(failure).toBeInstanceOf(StepTimeout);
          expect(history.status).toBe('compensated');
          expect(history.steps).toContainEqual(
            expect.objectContaining({ path: 'approve', status: 'failed', error: expect.any(StepTimeout) }),
          );
          // The wait may have ended so shortly before that the step had no time left.
          expect(['withdrawn', 'timed_out']).toContain(wait?.status);
          break;
        case 'workflow':
          expect(failure).toBeInstanceOf(WorkflowTimeout);
          // On a slow day its time is up before there is anything to undo.
          expect(history).toMatchObject({
            status: isCharged ? 'compensated' : 'failed',
            error: expect.any(WorkflowTimeout),
          });
          break;
      }
      const isUndone = first !== 'wait' && isCharged;
      expect(undone.filter((id) => id === handle.id)).toHaveLength(isUndone ? 1 : 0);
      return history;
    }
  });
});

async function failureOrOutput(handle: ExecutionHandle): Promise<unknown> {
  return await handle.result({ timeout: '20s' }).then(
    (output) => output,
    (error: Error) => error.cause,
  );
}

function statusOfWait(steps: readonly ExecutionStep[]): string | undefined {
  return steps.find(({ path }) => path === 'approve/approval')?.status;
}
