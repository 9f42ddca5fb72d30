import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  execution,
  FatalError,
  hours,
  Pipeline,
  Run,
  sleep,
  Step,
  step,
  StepTimeout,
  Workflow,
  WorkflowTimeout,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import { eventually } from '../../support/eventually.js';
import { Deferred, Gate } from '../../support/gate.js';
import { causeOf } from '../../support/outcome.js';
import { HASTY } from '../../support/restart.js';

let runs: string[] = [];
let reasons: unknown[] = [];
let gate = new Gate();
let zombie = new Deferred<string>();

function noteReason(): void {
  const { signal } = execution();
  signal.addEventListener('abort', () => reasons.push(signal.reason), { once: true });
}

@Workflow()
class SlowPipeline extends Pipeline<{ attempts: number }> {
  @Step({ timeout: 60, retry: { maxAttempts: 2, base: 0 } })
  async slow() {
    noteReason();
    runs.push(`attempt ${execution().attempt}`);
    await new Promise(() => undefined);
  }
}

@Workflow()
class Zombie {
  @Run()
  async run() {
    const result = await step('slow', { timeout: 60, retry: { maxAttempts: 2, base: 0 } }, async () => {
      if (execution().attempt === 2) return 'second';
      const late = await zombie.promise;
      // Its attempt is over: none of this counts or runs.
      await step('of the zombie', () => void runs.push('of the zombie'));
      return late;
    });
    zombie.resolve('first');
    await step('gate', () => gate.pass(execution().signal));
    return result;
  }
}

@Workflow()
class Prompt {
  @Run()
  async run() {
    return await step('prompt', { timeout: '1h' }, () => 'in time');
  }
}

@Workflow({ timeout: 150 })
class TimesOutRunning {
  @Run()
  async run() {
    await step('first', () => 'kept');
    await step('slow', async () => {
      noteReason();
      await gate.pass(execution().signal);
    });
  }
}

@Workflow({ timeout: '1200ms' })
class TimesOutAsleep {
  @Run()
  async run() {
    try {
      await sleep(hours(1));
    } finally {
      runs.push('finally');
    }
  }
}

@Workflow({ timeout: 100 })
class TimesOutWithDelay {
  @Run()
  async run() {
    runs.push('ran');
  }
}

@Workflow()
class Held {
  @Run()
  async run() {
    await step('gate', () => gate.pass(execution().signal));
  }
}

@Workflow({ maxRetries: 1 })
class Retried {
  @Run()
  async run(what: 'succeeds' | 'fails' | 'fatal') {
    const { retryOf } = await step('who', () => ({ retryOf: runs.length }));
    runs.push(execution().id);
    if (what === 'fatal') throw new FatalError('hopeless');
    if (what === 'fails' || retryOf === 0) throw new Error('failed');
    return 'succeeded';
  }
}

const PROVIDERS = [
  SlowPipeline,
  Zombie,
  Prompt,
  TimesOutRunning,
  TimesOutAsleep,
  TimesOutWithDelay,
  Held,
  Retried,
];

onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    runs = [];
    reasons = [];
    gate = new Gate();
    zombie = new Deferred();
  });
  afterEach(() => database.closeApps());

  describe('The time-out of a step', () => {
    it('aborts its signal, and counts as a failed attempt', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(SlowPipeline, { attempts: 2 });
      expect(await causeOf(handle, StepTimeout)).toMatchObject({ step: 'slow', attempt: 2, timeout: 60 });
      expect(runs).toEqual(['attempt 1', 'attempt 2']);
      expect(reasons).toEqual([expect.any(StepTimeout), expect.any(StepTimeout)]);
      const { steps } = await client.getExecution(handle.id, { steps: true });
      expect(steps).toMatchObject([
        { status: 'attempt_failed', attempt: 1, error: expect.any(StepTimeout) },
        { status: 'failed', attempt: 2, error: expect.any(StepTimeout) },
      ]);
    });

    it('settles the attempt: what its body still does is ignored', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Zombie);
      await gate.reached();
      gate.open();
      expect(await handle.result()).toBe('second');
      expect(runs).toEqual([]);
      const { steps } = await client.getExecution(handle.id, { steps: true });
      expect(steps?.map(({ path, status }) => [path, status])).toEqual([
        ['slow', 'attempt_failed'],
        ['slow', 'completed'],
        ['gate', 'completed'],
      ]);
    });

    it('does nothing to a step that is in time', async () => {
      const { client } = await database.start(PROVIDERS);
      expect(await (await client.start(Prompt)).result()).toBe('in time');
    });
  });

  describe('The timeout of a workflow', () => {
    it('ends it while it runs; signals tell its steps, and what they did stays recorded', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(TimesOutRunning);
      const error = await causeOf(handle, WorkflowTimeout);
      expect(error).toMatchObject({ executionId: handle.id, timeout: 150 });
      expect(await handle.status()).toBe('failed');
      expect(reasons).toEqual([expect.any(WorkflowTimeout)]);
      const { steps } = await client.getExecution(handle.id, { steps: true });
      expect(steps?.[0]).toMatchObject({ path: 'first', status: 'completed', output: 'kept' });
    });

    it('ends it while it sleeps, and its code sees nothing of it', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(TimesOutAsleep);
      await eventually(async () => (await handle.status()) === 'waiting');
      await causeOf(handle, WorkflowTimeout);
      expect(runs).toEqual([]);
    });

    it('ends it in another application, where its code is not run again', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(TimesOutAsleep);
      await eventually(async () => (await first.client.getExecution(id)).status === 'waiting');
      await first.close();
      const { client } = await database.start(PROVIDERS);
      await causeOf(await client.handle(TimesOutAsleep, { id }), WorkflowTimeout);
      expect(runs).toEqual([]);
    });

    it('ends it while it waits for a free slot', async () => {
      const { client } = await database.start(PROVIDERS, { queues: { default: { concurrency: 1 } } });
      const holder = await client.start(Held);
      await gate.reached();
      const handle = await client.start(TimesOutWithDelay);
      await causeOf(handle, WorkflowTimeout);
      expect(runs).toEqual([]);
      gate.open();
      await holder.result();
    });

    it('counts from the moment at which it may begin', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(TimesOutWithDelay, undefined, { delay: hours(1) });
      const { createdAt, deadlineAt } = await client.getExecution(handle.id);
      expect(deadlineAt?.getTime()).toBe(createdAt.getTime() + hours(1) + 100);
      await handle.cancel();
    });

    it('can be set by the start', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Held, undefined, { timeout: '80ms' });
      expect(await causeOf(handle, WorkflowTimeout)).toMatchObject({ timeout: 80 });
    });
  });

  describe('maxRetries', () => {
    it('starts a failed execution again as a new one; result() follows, and both are linked', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Retried, 'succeeds', {
        key: 'mine',
        attributes: { customer: 'acme' },
      });
      expect(await handle.result()).toBe('succeeded');
      const [firstId, secondId = ''] = runs;
      expect(firstId).toBe(handle.id);
      const first = await client.getExecution(handle.id);
      const second = await client.getExecution(secondId);
      expect(first).toMatchObject({ status: 'failed', retriedAs: secondId, retryNo: 0, key: 'mine' });
      expect(second).toMatchObject({
        status: 'completed',
        originId: handle.id,
        retryNo: 1,
        key: undefined,
        input: 'succeeds',
        attributes: { customer: 'acme' },
      });
    });

    it('ends with the failure of the last one', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Retried, 'fails');
      expect((await causeOf(handle, Error)).message).toBe('failed');
      expect(runs).toHaveLength(2);
    });

    it('does not try what is hopeless', async () => {
      const { client } = await database.start(PROVIDERS);
      await causeOf(await client.start(Retried, 'fatal'), FatalError);
      expect(runs).toHaveLength(1);
    });
  });
});
