import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Compensate,
  CompensationFailed,
  type DurableClient,
  execution,
  FatalError,
  RetryAfter,
  Run,
  setAttribute,
  sleep,
  Step,
  step,
  Workflow,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import { eventually } from '../../support/eventually.js';
import { causeOf, failureOf } from '../../support/outcome.js';
import { HASTY } from '../../support/restart.js';

let runs: unknown[] = [];

/** Which undo does what: the first book() is undone last. */
@Workflow()
class Stubborn {
  @Run()
  async run() {
    await this.own();
    await this.byDefault();
    await this.hopeless();
    await this.refused();
    await this.later();
    throw new Error('no room');
  }

  @Step() async own() {}
  @Step() async byDefault() {}
  @Step() async hopeless() {}
  @Step() async refused() {}
  @Step() async later() {}

  @Compensate('own', { retry: { maxAttempts: 4, base: 0 } })
  undoOwn() {
    runs.push(`own ${execution().attempt}`);
    if (execution().attempt < 4) throw new Error('not yet');
  }

  @Compensate('byDefault')
  undoByDefault() {
    runs.push(`byDefault ${execution().attempt}`);
    throw new RetryAfter(0);
  }

  @Compensate('hopeless', { retry: { maxAttempts: 9, base: 0 } })
  undoHopeless() {
    runs.push(`hopeless ${execution().attempt}`);
    throw new FatalError('hopeless');
  }

  @Compensate('refused', {
    retry: { maxAttempts: 9, base: 0, retryIf: ({ message }) => message !== 'refused' },
  })
  undoRefused() {
    runs.push(`refused ${execution().attempt}`);
    throw new Error(execution().attempt === 2 ? 'refused' : 'again');
  }

  @Compensate('later', { retry: { maxAttempts: 2, base: '1h' } })
  undoLater() {
    runs.push(`later ${execution().attempt}`);
    if (execution().attempt === 1) throw new RetryAfter(10);
  }
}

@Workflow({ name: 'long_backoff' })
class LongBackoff {
  @Run()
  async run() {
    await step('first', { compensate: () => runs.push('first undone') }, () => undefined);
    await this.second();
    throw new Error('no room');
  }

  @Step() async second() {}

  @Compensate('second', { retry: { maxAttempts: 2 } })
  unsecond() {
    runs.push(`attempt ${execution().attempt}`);
    if (execution().attempt === 1) throw new RetryAfter('1500ms');
  }
}

@Workflow()
class LikeAStep {
  @Run()
  async run() {
    await this.book();
    throw new Error('no room');
  }

  @Step() async book() {}

  @Compensate('book', { retry: { maxAttempts: 2, base: 0 } })
  async unbook() {
    const { id, step: name, attempt, idempotencyKey, signal, deadline } = execution();
    runs.push({ id, name, attempt, idempotencyKey, isAborted: signal.aborted, deadline });
    setAttribute('undone', true);
    await step('inner', () => void runs.push('inner'));
    await sleep(attempt === 1 ? 1_500 : 1);
    runs.push('after the sleep');
    if (attempt === 1) throw new Error('not yet');
  }
}

const PROVIDERS = [Stubborn, LongBackoff, LikeAStep];

async function isParked(client: DurableClient, id: string): Promise<void> {
  await eventually(async () => {
    const { steps, status } = await client.getExecution(id, { steps: true });
    const { executions } = await client.listExecutions({ status: 'compensating' });
    expect(executions.map((each) => each.id)).toEqual([id]);
    return status === 'compensating' && steps?.some(({ kind, dueAt }) => kind === 'undo' && dueAt);
  });
}

onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    runs = [];
  });
  afterEach(() => database.closeApps());

  describe('An undo', () => {
    it('has attempts like a step, and stops no other where it fails', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Stubborn);
      const failure = await failureOf(handle.result(), CompensationFailed);
      expect(failure).toMatchObject({ workflow: 'stubborn', cause: { message: 'no room' } });
      expect(runs).toEqual([
        ...['later 1', 'later 2'],
        ...['refused 1', 'refused 2'],
        ...['hopeless 1'],
        ...['byDefault 1', 'byDefault 2', 'byDefault 3'],
        ...['own 1', 'own 2', 'own 3', 'own 4'],
      ]);
      const { status, error, compensationResults, compensatedAt } = await client.getExecution(handle.id);
      expect({ status, error: error?.message }).toEqual({ status: 'compensation_failed', error: 'no room' });
      expect(compensationResults).toMatchObject([
        { step: 'later', undo: 'undoLater', status: 'completed', attempts: 2, error: undefined },
        { step: 'refused', status: 'failed', attempts: 2, error: { message: 'refused' } },
        { step: 'hopeless', status: 'failed', attempts: 1, error: expect.any(FatalError) },
        { step: 'byDefault', status: 'failed', attempts: 3, error: expect.any(RetryAfter) },
        { step: 'own', undo: 'undoOwn', status: 'completed', attempts: 4, error: undefined },
      ]);
      const times = compensationResults?.map(({ endedAt }) => endedAt.getTime()) ?? [];
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(compensatedAt?.getTime()).toBeGreaterThanOrEqual(times.at(-1) ?? Infinity);
    });

    it('shows its failed attempts in the history', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Stubborn);
      await failureOf(handle.result(), CompensationFailed);
      const { steps } = await client.getExecution(handle.id, { steps: true });
      const own = steps?.filter(({ compensates }) => compensates === 'own');
      expect(own?.map(({ attempt, status, error }) => [attempt, status, error?.message])).toEqual([
        [1, 'attempt_failed', 'not yet'],
        [2, 'attempt_failed', 'not yet'],
        [3, 'attempt_failed', 'not yet'],
        [4, 'completed', undefined],
      ]);
    });

    it('that waits long for its next attempt occupies no worker meanwhile', async () => {
      const { client } = await database.start(PROVIDERS, { queues: { default: { concurrency: 1 } } });
      const handle = await client.start(LongBackoff);
      await isParked(client, handle.id);
      // The only slot is free.
      await failureOf((await client.start(Stubborn)).result(), CompensationFailed);
      expect(await handle.status()).toBe('compensating');
      expect(await client.countExecutions({ status: 'compensating' })).toBe(1);
      await causeOf(handle, Error);
      expect(runs.slice(-2)).toEqual(['attempt 2', 'first undone']);
      expect(await handle.status()).toBe('compensated');
      expect(await client.countExecutions({ status: 'compensating' })).toBe(0);
    });

    it('has its next attempt in another application', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(LongBackoff);
      await isParked(first.client, id);
      await first.close();
      const { client } = await database.start(PROVIDERS);
      expect((await client.getExecution(id)).status).toBe('compensating');
      await causeOf(await client.handle(LongBackoff, { id }), Error);
      expect(runs).toEqual(['attempt 1', 'attempt 2', 'first undone']);
      expect((await client.getExecution(id)).compensationResults).toMatchObject([
        { step: 'second', status: 'completed', attempts: 2 },
        { step: 'first', status: 'completed', attempts: 1 },
      ]);
    });

    it.each(['here', 'elsewhere'])(
      'can do what a step can: know itself, checkpoint, sleep (%s)',
      async (where) => {
        const first = await database.start(PROVIDERS, HASTY);
        const { id } = await first.client.start(LikeAStep);
        await eventually(async () =>
          (await first.client.getExecution(id, { steps: true })).steps?.some(({ kind }) => kind === 'sleep'),
        );
        let { client } = first;
        if (where === 'elsewhere') {
          await first.close();
          ({ client } = await database.start(PROVIDERS));
        }
        await causeOf(await client.handle(LikeAStep, { id }), Error);
        const itself = {
          id,
          name: 'unbook',
          idempotencyKey: `${id}:#undo/book`,
          isAborted: false,
          deadline: undefined,
        };
        const begun = { ...itself, attempt: 1 };
        expect(runs).toEqual([
          begun,
          'inner',
          ...(where === 'elsewhere' ? [begun] : []),
          'after the sleep',
          { ...itself, attempt: 2 },
          'after the sleep',
        ]);
        const { status, attributes } = await client.getExecution(id);
        expect({ status, attributes }).toEqual({ status: 'compensated', attributes: { undone: true } });
      },
    );

    it('is not measured by the deadline of its workflow', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(LongBackoff, undefined, { timeout: '1s' });
      expect((await causeOf(handle, Error)).message).toBe('no room');
      expect(await handle.status()).toBe('compensated');
    });
  });
});
