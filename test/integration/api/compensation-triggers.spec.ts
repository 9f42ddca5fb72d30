import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Branch,
  Compensate,
  type DurableClient,
  execution,
  FatalError,
  hours,
  LoopLimitReached,
  NoBranchMatched,
  Parallel,
  Pipeline,
  Run,
  SameKeyTwice,
  sleep,
  Step,
  step,
  StepTimeout,
  While,
  Workflow,
  WorkflowTimeout,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import { eventually } from '../../support/eventually.js';
import { Gate } from '../../support/gate.js';
import { causeOf } from '../../support/outcome.js';
import { HASTY } from '../../support/restart.js';

let runs: string[] = [];
let gate = new Gate();

interface Facts {
  how: string;
  same?: number;
}

@Workflow()
class Fails extends Pipeline<Facts> {
  @Step() book() {}
  @Compensate('book') unbook() {
    runs.push('unbook');
  }

  @Branch({ fails: 'fail', branch: 'choose', loop: 'loop', parallel: 'clash', output: 'fine' })
  kind(data: Facts) {
    return data.how in { fatal: 1, retries: 1, timeout: 1 } ? 'fails' : data.how;
  }

  @Step({ in: 'kind', retry: { maxAttempts: 2, base: 0 }, timeout: 50 })
  async fail(data: Facts) {
    runs.push(`attempt ${execution().attempt}`);
    if (data.how === 'fatal') throw new FatalError('fatal');
    if (data.how === 'timeout') await gate.pass(execution().signal);
    throw new Error('again');
  }
  @Compensate('fail') unfail() {
    runs.push('unfail');
  }

  @Branch({ known: 'known' }, { in: 'kind' }) choose(): string {
    return 'unknown';
  }
  @Step({ in: 'choose' }) known() {}

  @While({ do: 'round', max: 2, in: 'kind' }) loop() {
    return true;
  }
  @Step({ in: 'loop' }) round() {}
  @Compensate('round') unround() {
    runs.push('unround');
  }

  @Parallel(['one', 'two'], { in: 'kind' }) clash() {}
  @Step({ in: 'clash' }) one() {
    return { same: 1 };
  }
  @Step({ in: 'clash' }) two() {
    return { same: 2 };
  }
  @Compensate(['one', 'two']) unclash() {
    runs.push('unclash');
  }

  @Step({ in: 'kind' }) fine() {}
}

@Workflow()
class Together extends Pipeline<{ ignored?: boolean }> {
  @Parallel(['obeys', 'ignores', 'fails']) all() {}

  @Step({ in: 'all' }) async obeys() {
    await gate.pass(execution().signal);
  }
  @Step({ in: 'all' }) async ignores() {
    await gate.pass(execution().signal).catch(() => undefined);
    return { ignored: true };
  }
  @Step({ in: 'all', retry: { maxAttempts: 1 } }) async fails(): Promise<void> {
    await gate.reached(2);
    throw new Error('failed');
  }
  @Compensate(['obeys', 'ignores', 'fails'])
  undo(data: { ignored?: boolean }, { step: name }: { step: string }) {
    runs.push(`${name} ${JSON.stringify(data)}`);
  }
}

@Workflow({ timeout: '1300ms' })
class Slow {
  @Run()
  async run(how: 'runs' | 'sleeps' | 'backs off') {
    const undo = (name: string) => ({ compensate: () => void runs.push(`undo ${name}`) });
    await step('first', undo('first'), () => undefined);
    try {
      if (how === 'sleeps') await sleep(hours(1));
      if (how === 'backs off') {
        await step('fails', { ...undo('fails'), retry: { base: '1h' } }, () =>
          Promise.reject(new Error('no')),
        );
      }
      await step('charge', undo('charge'), async () => {
        // It succeeds although, and when, it is told to stop.
        await gate.pass(execution().signal).catch(() => undefined);
      });
      await step('never', undo('never'), () => void runs.push('never'));
    } finally {
      runs.push('finally');
    }
  }
}

const PROVIDERS = [Fails, Together, Slow];

async function stepsOf(client: DurableClient, id: string): Promise<(readonly string[])[] | undefined> {
  const { steps } = await client.getExecution(id, { steps: true });
  return steps?.map(({ path, status }) => [path, status]);
}

onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    runs = [];
    gate = new Gate();
  });
  afterEach(() => database.closeApps());

  describe('A pipeline is undone after', () => {
    it.each([
      ['retries', Error, ['attempt 1', 'attempt 2', 'unbook']],
      ['fatal', FatalError, ['attempt 1', 'unbook']],
      ['timeout', StepTimeout, ['attempt 1', 'attempt 2', 'unbook']],
      ['branch', NoBranchMatched, ['unbook']],
      ['loop', LoopLimitReached, ['unround', 'unround', 'unbook']],
      ['parallel', SameKeyTwice, ['unclash', 'unclash', 'unbook']],
    ])('%s', async (how, classRef, expected) => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Fails, { how });
      await causeOf(handle, classRef);
      expect(runs).toEqual(expected);
      expect(await handle.status()).toBe('compensated');
    });

    it('nothing, where it completes', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Fails, { how: 'output' });
      await handle.result();
      expect(runs).toEqual([]);
      const { status, compensationResults, compensatedAt } = await client.getExecution(handle.id);
      expect({ status, compensationResults, compensatedAt }).toEqual({ status: 'completed' });
    });

    it('the failure of one of several, with what the others still completed while they were stopped', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Together, {});
      await causeOf(handle, Error);
      expect(runs).toEqual(['ignores {"ignored":true}']);
      expect(await stepsOf(client, handle.id)).toEqual([
        ['all/fails', 'failed'],
        expect.any(Array),
        expect.any(Array),
        ['#undo/all%2Fignores', 'completed'],
      ]);
    });
  });

  describe('A workflow that times out is undone', () => {
    it('while it runs, with the step that succeeds while it is told to stop', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Slow, 'runs', { timeout: '300ms' });
      await causeOf(handle, WorkflowTimeout);
      expect(runs).toEqual(['undo charge', 'undo first']);
      expect(await client.getExecution(handle.id)).toMatchObject({
        status: 'compensated',
        error: expect.any(WorkflowTimeout),
        compensatedAt: expect.any(Date),
      });
    });

    it.each(['sleeps', 'backs off'] as const)('while it %s', async (how) => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Slow, how);
      await eventually(async () => (await handle.status()) === 'waiting');
      await causeOf(handle, WorkflowTimeout);
      expect(runs).toEqual(['undo first']);
      expect(await handle.status()).toBe('compensated');
    });

    it.each(['runs', 'sleeps', 'backs off'] as const)('once there is a worker again (%s)', async (how) => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(Slow, how);
      if (how === 'runs') await gate.reached();
      else await eventually(async () => (await first.client.getExecution(id)).status === 'waiting');
      await first.close();
      // What was told to stop by the shutdown has completed; now nobody is there when the deadline passes.
      const { client } = await database.start(PROVIDERS, { worker: false });
      const { deadlineAt } = await client.getExecution(id);
      await eventually(() => Date.now() > (deadlineAt?.getTime() ?? Infinity) + 100);
      expect((await client.getExecution(id)).status).not.toBe('failed');
      await database.closeApps();
      const last = await database.start(PROVIDERS);
      await causeOf(await last.client.handle(Slow, { id }), WorkflowTimeout);
      expect(runs.filter((run) => run !== 'finally')).toEqual(
        how === 'runs' ? ['undo charge', 'undo first'] : ['undo first'],
      );
      expect((await last.client.getExecution(id)).status).toBe('compensated');
    });

    it('has nothing to undo where it never began', async () => {
      const { client } = await database.start(PROVIDERS, { worker: false });
      const handle = await client.start(Slow, 'runs', { timeout: 50 });
      await causeOf(handle, WorkflowTimeout);
      expect(await handle.status()).toBe('failed');
      expect(runs).toEqual([]);
    });
  });
});
