import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Branch,
  commit,
  execution,
  ExecutionCancelled,
  mapItems,
  Parallel,
  Pipeline,
  RetryAfter,
  sleep,
  Step,
  step,
  StepTimeout,
  Workflow,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import type { DurableApp } from '../../support/durable-app.js';
import { eventually } from '../../support/eventually.js';
import { Gate } from '../../support/gate.js';
import { logs } from '../../support/log-book.js';
import { causeOf, failureOf } from '../../support/outcome.js';
import { recordedOf } from '../../support/recorded.js';

let ran: string[] = [];
let reasons: unknown[] = [];
/** The failure is held up here, until its siblings are where the test wants them. */
let fails = new Gate();
/** For bodies that do not listen. */
let deaf = new Gate();
/** Where bodies wait until they are told to go. */
let listening = new Gate();

const once = { retry: { maxAttempts: 1 } } as const;

async function fail(message: string): Promise<never> {
  await fails.pass();
  throw new Error(message);
}

/** Waits for its signal, and comes to a good end then. */
async function listen(): Promise<void> {
  const { signal, step: name } = execution();
  await listening.pass(signal).catch(() => reasons.push(signal.reason));
  ran.push(`${name} ended`);
}

@Workflow()
class Siblings extends Pipeline<void, { kept?: boolean }> {
  @Parallel(['bad', 'listens', 'throws', 'ignores', 'line'])
  together() {
    ran.push('join');
  }

  @Step({ in: 'together', ...once })
  async bad() {
    await fail('bad');
  }

  @Step({ in: 'together' })
  async listens() {
    await listen();
    return { kept: true };
  }

  @Step({ in: 'together', retry: { maxAttempts: 5, base: 0 } })
  async throws() {
    ran.push('throws');
    await listening.pass(execution().signal);
  }

  @Step({ in: 'together' })
  async ignores() {
    await deaf.pass();
    ran.push('ignores ended');
  }

  @Branch({ default: ['first', 'second'] }, { in: 'together' })
  line() {
    return null;
  }

  @Step({ in: 'line' })
  async first() {
    await listen();
  }

  @Step({ in: 'line' })
  second() {
    ran.push('second');
  }

  @Step()
  after() {
    ran.push('after');
  }
}

@Workflow()
class Waiting extends Pipeline {
  @Parallel(['bad', 'sleeps', 'retries'])
  together() {}

  @Step({ in: 'together', ...once })
  async bad() {
    await fail('bad');
  }

  @Step({ in: 'together' })
  async sleeps() {
    listening.open();
    await sleep('1h');
    ran.push('woke');
  }

  @Step({ in: 'together' })
  retries() {
    deaf.open();
    throw new RetryAfter('1h');
  }
}

/** Its children do not listen, and call something when they are no longer wanted. */
@Workflow()
class CallsOn extends Pipeline<void, { said?: string[] }> {
  @Parallel(['bad', 'callsStep', 'commits', 'sleeps', 'maps'])
  together() {}

  @Step({ in: 'together', ...once })
  async bad() {
    await fail('bad');
  }

  @Step({ in: 'together' })
  async callsStep() {
    await step('one', () => deaf.pass());
    await step('two', () => void ran.push('two'));
  }

  @Step({ in: 'together' })
  async commits() {
    await deaf.pass();
    await commit();
  }

  @Step({ in: 'together' })
  async sleeps() {
    await deaf.pass();
    await sleep('1h').catch((error: Error) => ran.push(error.message));
  }

  @Step({ in: 'together' })
  async maps() {
    await deaf.pass();
    const settled = await mapItems([1, 2], { onError: 'continue' }, (item) => step(`on ${item}`, () => item));
    return { said: settled.map(({ status }) => status) };
  }
}

@Workflow()
class TimesOut extends Pipeline {
  @Parallel(['slow', 'listens'])
  together() {}

  @Step({ in: 'together', timeout: 60, ...once })
  async slow() {
    await new Promise(() => undefined);
  }

  @Step({ in: 'together' })
  async listens() {
    await listen();
  }
}

const PROVIDERS = [Siblings, Waiting, CallsOn, TimesOut];

onDatabase('PostgreSQL', (database) => {
  let app: DurableApp;

  beforeAll(async () => {
    app = await database.start(PROVIDERS);
  });
  afterAll(() => database.closeApps());
  beforeEach(() => {
    ran = [];
    reasons = [];
    fails = new Gate();
    deaf = new Gate();
    listening = new Gate();
    logs.clear();
  });
  afterEach(() => deaf.open());

  describe('Where a child of a parallel block fails, its siblings', () => {
    it('are told by their signals and awaited; what they did is recorded, and nothing begins any more', async () => {
      const handle = await app.client.start(Siblings);
      await listening.reached(3);
      await deaf.reached();
      fails.open();
      await eventually(() => reasons.length === 2);
      await eventually(async () => (await recordedOf(app.client, handle.id)).length >= 5);
      expect(await handle.status()).toBe('running');
      deaf.open();
      expect((await causeOf(handle, Error)).message).toBe('bad');
      expect(ran.toSorted()).toEqual(['first ended', 'ignores ended', 'listens ended', 'throws']);
      expect((await recordedOf(app.client, handle.id)).toSorted()).toEqual([
        'together/bad failed',
        'together/ignores completed',
        'together/line completed',
        'together/line/first completed',
        'together/listens completed',
        'together/throws failed',
      ]);
      for (const reason of reasons) {
        expect(reason).toMatchObject({
          message: expect.stringMatching(/"together"/),
          cause: { message: 'bad' },
        });
      }
    });

    it('that only wait do not hold it up, and nothing is parked for them', async () => {
      const handle = await app.client.start(Waiting);
      await listening.pass();
      await deaf.pass();
      await eventually(async () => (await recordedOf(app.client, handle.id)).length > 0);
      fails.open();
      expect((await causeOf(handle, Error)).message).toBe('bad');
      expect(ran).toEqual([]);
      expect(logs.lines('warn').filter((line) => line.includes(handle.id))).toEqual([]);
    });

    it('that go on calling operations are told so, and nothing of it begins', async () => {
      const handle = await app.client.start(CallsOn);
      await deaf.reached(4);
      fails.open();
      await eventually(async () => (await recordedOf(app.client, handle.id)).includes('together/bad failed'));
      deaf.open();
      expect((await causeOf(handle, Error)).message).toBe('bad');
      expect(ran).toEqual([expect.stringMatching(/"together"/)]);
      const { steps } = await app.client.getExecution(handle.id, { steps: true });
      const ends = steps?.map(({ path, status, output }) => [path, status, output]);
      expect(ends).toContainEqual(['together/callsStep', 'failed', undefined]);
      expect(ends).toContainEqual(['together/commits', 'failed', undefined]);
      expect(ends).toContainEqual(['together/sleeps', 'completed', undefined]);
      expect(ends).toContainEqual(['together/maps', 'completed', { said: ['rejected', 'rejected'] }]);
    });

    it('are told also where it timed out', async () => {
      const handle = await app.client.start(TimesOut);
      expect(await causeOf(handle, StepTimeout)).toMatchObject({ step: 'slow' });
      expect(ran).toEqual(['listens ended']);
    });
  });

  describe('A parallel block', () => {
    it('whose execution is cancelled: its children are told why, and what they did is recorded', async () => {
      const handle = await app.client.start(Siblings);
      await listening.reached(3);
      deaf.open();
      await handle.cancel('not wanted');
      await eventually(() => reasons.length === 2);
      fails.open();
      await failureOf(handle.result(), ExecutionCancelled);
      expect(reasons).toHaveLength(2);
      for (const reason of reasons) expect(reason).toBeInstanceOf(ExecutionCancelled);
      expect(await recordedOf(app.client, handle.id)).toContain('together/listens completed');
      expect(ran).not.toContain('second');
    });
  });
});
