import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  commit,
  Compensate,
  execution,
  ExecutionCancelled,
  hours,
  mapItems,
  Parallel,
  Pipeline,
  Run,
  SiblingFailed,
  sleep,
  Step,
  step,
  Workflow,
  WorkflowTimeout,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import { Gate } from '../../support/gate.js';
import { causeOf, failureOf } from '../../support/outcome.js';

let heard: unknown[] = [];
let runs: string[] = [];
let gate = new Gate();

/** Stays until it is told to go, then tries everything that a body can. */
async function triesAll(): Promise<void> {
  const { signal } = execution();
  await gate.pass(signal).catch((reason: unknown) => heard.push(reason));
  await step('again', () => runs.push('again')).catch((error: unknown) => heard.push(error));
  await sleep(hours(1)).catch((error: unknown) => heard.push(error));
  await commit().catch((error: unknown) => heard.push(error));
}

@Workflow()
class SideBySide extends Pipeline<{ how: 'lives' | 'fails' | 'sleeps' }> {
  @Step() reserve() {}
  @Parallel(['fails', 'charge']) both() {}
  @Step({ in: 'both', retry: { maxAttempts: 1 } }) async fails(): Promise<void> {
    await gate.reached();
    throw new Error('no room');
  }
  @Step({ in: 'both' }) async charge({ how }: { how: string }) {
    if (how === 'lives') return await triesAll();
    if (how === 'fails') return await gate.pass(execution().signal);
    void gate.pass();
    await sleep(hours(1)).catch((error: unknown) => {
      heard.push(error);
      throw error;
    });
  }
  @Compensate(['reserve', 'charge']) async undo(_data: object, { step: name }: { step: string }) {
    runs.push(`undo ${name}`);
  }
}

@Workflow()
class Order {
  @Run()
  async run() {
    await this.charge();
    await step('never', () => void runs.push('never'));
  }
  @Step() async charge() {
    await triesAll();
  }
  @Compensate('charge') async refund() {
    runs.push('refund');
  }
}

/** Its body has an inline step under way when its application closes. */
@Workflow()
class InTwoParts {
  @Run()
  async run() {
    await step('outer', async () => {
      await step('first', () => gate.pass());
      runs.push('between');
      await step('second', () => void runs.push('second'));
    });
  }
}

@Workflow()
class Items {
  @Run()
  async run() {
    return await mapItems([0, 1, 2], { concurrency: 2 }, (item) => this.send(item));
  }
  @Step({ retry: { maxAttempts: 1 } }) async send(item: number) {
    if (item === 0) {
      await gate.reached();
      throw new Error('no room');
    }
    const { signal } = execution();
    void gate.pass();
    await sleep(1);
    runs.push(`sent ${item}${signal.aborted ? ', told to stop' : ''}`);
  }
}

const PROVIDERS = [SideBySide, Order, InTwoParts, Items];

onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    heard = [];
    runs = [];
    gate = new Gate();
  });
  afterEach(() => database.closeApps());

  describe('A body whose sibling has failed', () => {
    it('hears of it through its signal, and from whatever it calls', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(SideBySide, { how: 'lives' });
      await causeOf(handle, Error);
      expect(heard).toHaveLength(4);
      for (const error of heard) {
        expect(error).toBeInstanceOf(SiblingFailed);
        expect(error).toMatchObject({ executionId: handle.id, block: 'both', cause: { message: 'no room' } });
      }
      expect(runs).toEqual(['undo charge', 'undo reserve']);
    });

    it.each(['fails', 'sleeps'] as const)('has that in the history where it %s', async (how) => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(SideBySide, { how });
      expect((await causeOf(handle, Error)).message).toBe('no room');
      const { steps, status } = await client.getExecution(handle.id, { steps: true });
      const charge = steps?.find(({ path, status: each }) => path === 'both/charge' && each === 'failed');
      expect(charge?.error).toBeInstanceOf(SiblingFailed);
      expect(charge?.error).toMatchObject({ block: 'both', cause: { message: 'no room' } });
      if (how === 'sleeps') expect(heard).toEqual([expect.any(SiblingFailed)]);
      expect({ status, runs }).toEqual({ status: 'compensated', runs: ['undo reserve'] });
    });
  });

  describe('A body whose execution is to end', () => {
    it.each([true, false])(
      'hears of a cancellation from whatever it calls (compensate: %p)',
      async (compensate) => {
        const { client } = await database.start(PROVIDERS);
        const handle = await client.start(Order);
        await gate.reached();
        await handle.cancel('enough', { compensate });
        await failureOf(handle.result(), ExecutionCancelled);
        expect(heard).toHaveLength(4);
        for (const error of heard) expect(error).toMatchObject({ executionId: handle.id, reason: 'enough' });
        expect(runs).toEqual(compensate ? ['refund'] : []);
      },
    );

    it('hears of its deadline from whatever it calls', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Order, undefined, { timeout: 200 });
      await causeOf(handle, WorkflowTimeout);
      expect(heard).toEqual(Array.from({ length: 4 }, () => expect.any(WorkflowTimeout)));
      expect(runs).toEqual(['refund']);
    });
  });

  it('A body that is handed over hears nothing, and begins nothing', async () => {
    // The shutdown may take longer than the test.
    const first = await database.start(PROVIDERS, { shutdownTimeout: '10m' });
    const { id } = await first.client.start(InTwoParts);
    await gate.reached();
    const closing = first.close();
    gate.open();
    await closing;
    expect(runs).toEqual(['between']);
    const { client } = await database.start(PROVIDERS);
    await (await client.handle(InTwoParts, { id })).result();
    // What was recorded inside it is not done again.
    expect(gate.arrivals).toBe(1);
    expect(runs).toEqual(['between', 'between', 'second']);
  });

  it('mapItems() begins no more after a failure, and tells nothing to what is under way', async () => {
    const { client } = await database.start(PROVIDERS);
    const handle = await client.start(Items);
    expect((await causeOf(handle, Error)).message).toBe('no room');
    expect(runs).toEqual(['sent 1']);
  });
});
