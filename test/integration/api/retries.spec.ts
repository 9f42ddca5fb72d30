import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type DurableClient,
  execution,
  FatalError,
  Pipeline,
  RetryAfter,
  type RetryOptions,
  Run,
  Step,
  step,
  Workflow,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import { eventually } from '../../support/eventually.js';
import { Gate } from '../../support/gate.js';
import { causeOf } from '../../support/outcome.js';
import { HASTY } from '../../support/restart.js';

/** The attempts that ran, with what each was to do. */
let attempts: number[] = [];
let gate = new Gate();

const policies = {
  exponential: { maxAttempts: 5, base: 40, jitter: 0 },
  linear: { maxAttempts: 5, backoff: 'linear', base: 40, jitter: 0 },
  constant: { maxAttempts: 4, backoff: 'constant', base: '40ms', jitter: 0 },
  capped: { maxAttempts: 4, base: 40, maxBackoff: 60, jitter: 0 },
  jittered: { maxAttempts: 2, base: 200, jitter: 0.5 },
  defaults: { maxAttempts: 2 },
  once: { maxAttempts: 1 },
  twice: { maxAttempts: 2, base: 0 },
  minute: { maxAttempts: 2, base: '1m' },
  onlyRange: { base: 0, retryIf: (error) => error instanceof RangeError },
  untilSecond: { maxAttempts: 9, base: 0, retryIf: (_, attempt) => attempt < 2 },
  wrongRetryIf: {
    retryIf: () => {
      throw new SyntaxError('retryIf is wrong');
    },
  },
} satisfies Record<string, RetryOptions>;

type Policy = keyof typeof policies;
type Fault = 'error' | 'range' | 'fatal' | 'retryAfter' | 'retryAfterWrong';

const faults: Readonly<Record<Fault, () => Error>> = {
  error: () => new Error('The service is away'),
  range: () => new RangeError('out of range'),
  fatal: () => new FatalError('The card was refused', { cause: new TypeError('no card') }),
  retryAfter: () => new RetryAfter('70ms'),
  retryAfterWrong: () => new RetryAfter('soon'),
};

interface Plan {
  readonly policy: Policy;
  readonly fault: Fault;
  /** The first attempt that succeeds. */
  readonly succeedsAt?: number;
}

@Workflow()
class Retrying {
  @Run()
  async run({ policy, fault, succeedsAt = Infinity }: Plan) {
    return await step('work', { retry: policies[policy] }, () => {
      const { attempt } = execution();
      attempts.push(attempt);
      if (attempt < succeedsAt) throw faults[fault]();
      return `done at ${attempt}`;
    });
  }
}

@Workflow()
class RetryingPipeline extends Pipeline<{ a: number }, { a: number; b?: number }> {
  @Step({ retry: { maxAttempts: 2, base: 0 } })
  work() {
    attempts.push(execution().attempt);
    if (execution().attempt === 1) throw new Error('first');
    return { b: 2 };
  }
}

@Workflow()
class RetriesLater {
  @Run()
  async run() {
    return await step('work', { retry: { maxAttempts: 2, base: '1200ms', jitter: 0 } }, () => {
      attempts.push(execution().attempt);
      if (execution().attempt === 1) throw new Error('first');
      return 'done';
    });
  }
}

@Workflow()
class FailsTogether {
  @Run()
  async run() {
    const failing = step('fails', { retry: { maxAttempts: 2, base: '50ms' } }, () => {
      throw new Error('fails');
    });
    const other = step('other', () => gate.pass(execution().signal));
    const outcomes = await Promise.allSettled([failing, other]);
    return outcomes.map(({ status }) => status);
  }
}

const PROVIDERS = [Retrying, RetryingPipeline, RetriesLater, FailsTogether];

async function attemptsOf(client: DurableClient, id: string) {
  const { steps = [] } = await client.getExecution(id, { steps: true });
  return steps.map(({ status, attempt, error, dueAt, endedAt }) => ({
    status,
    attempt,
    message: error?.message,
    delay: dueAt === undefined ? undefined : dueAt.getTime() - (endedAt?.getTime() ?? NaN),
  }));
}

/** The clock is read twice: once for the end of an attempt, once for the beginning of the next. */
function expectDelay(delay: number | undefined, least: number, most = least): void {
  expect(delay).toBeGreaterThanOrEqual(least - 25);
  expect(delay).toBeLessThanOrEqual(most + 1);
}

onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    attempts = [];
    gate = new Gate();
  });
  afterEach(() => database.closeApps());

  describe('A step that fails', () => {
    it('is tried again, in code and in pipelines, and each failed attempt is recorded', async () => {
      const { client } = await database.start(PROVIDERS);
      const inCode = await client.start(Retrying, { policy: 'twice', fault: 'error', succeedsAt: 2 });
      expect(await inCode.result()).toBe('done at 2');
      const inPipeline = await client.start(RetryingPipeline, { a: 1 });
      expect(await inPipeline.result()).toEqual({ a: 1, b: 2 });
      expect(attempts).toEqual([1, 2, 1, 2]);
      for (const [{ id }, message] of [
        [inCode, 'The service is away'],
        [inPipeline, 'first'],
      ] as const) {
        expect(await attemptsOf(client, id)).toMatchObject([
          { status: 'attempt_failed', attempt: 1, message },
          { status: 'completed', attempt: 2, message: undefined },
        ]);
      }
    });

    it('fails its execution with the error of the last attempt', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Retrying, { policy: 'twice', fault: 'range' });
      expect(await causeOf(handle, RangeError)).toMatchObject({ message: 'out of range' });
      expect(await handle.status()).toBe('failed');
      expect(await attemptsOf(client, handle.id)).toMatchObject([
        { status: 'attempt_failed', attempt: 1 },
        { status: 'failed', attempt: 2, message: 'out of range', delay: undefined },
      ]);
    });

    it.each([
      ['exponential', [40, 80, 160, 320]],
      ['linear', [40, 80, 120, 160]],
      ['constant', [40, 40, 40]],
      ['capped', [40, 60, 60]],
    ] as const)('waits with %s backoff for %j ms', async (policy, delays) => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Retrying, { policy, fault: 'error' });
      await causeOf(handle, Error);
      const recorded = (await attemptsOf(client, handle.id)).slice(0, -1);
      expect(recorded).toHaveLength(delays.length);
      delays.forEach((delay, index) => expectDelay(recorded[index]?.delay, delay));
    });

    it('varies its delays by the jitter', async () => {
      const { client } = await database.start(PROVIDERS);
      const plan = { policy: 'jittered', fault: 'error' } as const;
      const handles = await client.startMany(
        Retrying,
        Array.from({ length: 8 }, () => plan),
      );
      await Promise.all(handles.map((handle) => causeOf(handle, Error)));
      const all = await Promise.all(handles.map(({ id }) => attemptsOf(client, id)));
      const delays = all.map(([first]) => first?.delay);
      for (const delay of delays) expectDelay(delay, 100, 300);
      expect(new Set(delays).size).toBeGreaterThan(3);
    });

    it('waits a second, give or take a quarter, where nothing else is said', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Retrying, { policy: 'defaults', fault: 'error' });
      const [first] = await eventually(async () => {
        const lines = await attemptsOf(client, handle.id);
        return lines.length > 0 && lines;
      });
      expectDelay(first?.delay, 750, 1_250);
      await handle.cancel();
    });

    it('is tried once with maxAttempts: 1', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Retrying, { policy: 'once', fault: 'error' });
      await causeOf(handle, Error);
      expect(attempts).toEqual([1]);
      expect(await attemptsOf(client, handle.id)).toMatchObject([{ status: 'failed', attempt: 1 }]);
    });

    it('does not hold up the steps beside it', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(FailsTogether);
      await gate.reached();
      gate.open();
      expect(await handle.result()).toEqual(['rejected', 'fulfilled']);
    });
  });

  describe('Errors that decide themselves', () => {
    it('FatalError ends the retries, and keeps its cause', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Retrying, { policy: 'exponential', fault: 'fatal' });
      const error = await causeOf(handle, FatalError);
      expect(error).toMatchObject({ message: 'The card was refused', code: 'DURABLE_FATAL' });
      expect(error.cause).toBeInstanceOf(TypeError);
      expect(attempts).toEqual([1]);
    });

    it('RetryAfter sets the next delay, without jitter', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Retrying, { policy: 'minute', fault: 'retryAfter', succeedsAt: 2 });
      expect(await handle.result()).toBe('done at 2');
      expectDelay((await attemptsOf(client, handle.id))[0]?.delay, 70);
    });

    it('RetryAfter does not add attempts', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Retrying, { policy: 'twice', fault: 'retryAfter' });
      await causeOf(handle, RetryAfter);
      expect(attempts).toEqual([1, 2]);
    });

    it('RetryAfter with something that is no duration fails the step, and says why', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Retrying, { policy: 'twice', fault: 'retryAfterWrong' });
      expect((await causeOf(handle, Error)).message).toContain("'soon' is not a duration");
    });
  });

  describe('retryIf', () => {
    it.each([
      ['onlyRange', 'range', [1, 2, 3]],
      ['onlyRange', 'error', [1]],
      ['untilSecond', 'error', [1, 2]],
    ] as const)('%s decides about %s: attempts %j', async (policy, fault, expected) => {
      const { client } = await database.start(PROVIDERS);
      await causeOf(await client.start(Retrying, { policy, fault }), Error);
      expect(attempts).toEqual(expected);
    });

    it('that throws fails the step with its error, and the error of the step as the cause', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Retrying, { policy: 'wrongRetryIf', fault: 'range' });
      const error = await causeOf(handle, SyntaxError);
      expect(error.message).toBe('retryIf is wrong');
      expect(error.cause).toBeInstanceOf(RangeError);
      expect(attempts).toEqual([1]);
    });
  });

  describe('A delay of more than a second', () => {
    it('parks the execution until then', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Retrying, { policy: 'minute', fault: 'error' });
      await eventually(async () => (await handle.status()) === 'waiting');
      const { dueAt, worker, steps } = await client.getExecution(handle.id, { steps: true });
      expect(worker).toBeUndefined();
      expect(steps?.[0]?.dueAt).toEqual(dueAt);
      await handle.cancel();
    });

    it('goes on in another application after the first is closed, with the next attempt', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(RetriesLater);
      await eventually(async () => (await first.client.getExecution(id)).status === 'waiting');
      await first.close();
      const { client } = await database.start(PROVIDERS);
      expect(await (await client.handle(RetriesLater, { id })).result()).toBe('done');
      expect(attempts).toEqual([1, 2]);
    });
  });
});
