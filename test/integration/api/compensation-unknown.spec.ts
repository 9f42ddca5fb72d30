import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Compensate,
  CompensationFailed,
  type DurableClient,
  execution,
  ExecutionCancelled,
  type ExecutionHandle,
  hours,
  Parallel,
  Pipeline,
  Run,
  sleep,
  Step,
  step,
  StepOutcomeUnknown,
  Workflow,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import { eventually } from '../../support/eventually.js';
import { Gate } from '../../support/gate.js';
import { causeOf, failureOf } from '../../support/outcome.js';
import { HASTY } from '../../support/restart.js';

let runs: string[] = [];
let gate = new Gate();

type How = 'works' | 'sleeps' | 'wakes' | 'backs off';

/** What its second step does when its process is lost. */
@Workflow()
class Order {
  @Run()
  async run(how: How) {
    await this.reserve();
    await this.charge(how);
  }
  @Step() async reserve() {}
  @Step() async charge(how: How) {
    if (how === 'sleeps') await sleep(hours(1));
    if (how === 'wakes') await sleep(1);
    if (how === 'backs off')
      await step('ask', { retry: { base: '1h' } }, () => Promise.reject(new Error('not yet')));
    // It listens to nobody, so it goes down with its process.
    await gate.pass();
  }
  @Compensate('reserve') async free() {
    runs.push('free');
  }
  @Compensate('charge') async refund() {
    runs.push('refund');
  }
}

@Workflow()
class SideBySide extends Pipeline {
  @Step() reserve() {}
  @Parallel(['charge', 'look']) both() {}
  @Step({ in: 'both' }) async charge() {
    await gate.pass();
  }
  @Step({ in: 'both' }) async look() {
    await gate.pass();
  }
  @Compensate(['reserve', 'charge']) async undo(_data: object, { step: name }: { step: string }) {
    runs.push(name);
  }
}

@Workflow({ name: 'trip' })
class Trip {
  @Run()
  async run() {
    await this.car();
    await this.hotel();
    throw new Error('failed');
  }
  @Step() async car() {}
  @Step() async hotel() {}
  @Compensate('car') async uncar() {
    runs.push('car');
  }
  @Compensate('hotel') async unhotel() {
    await gate.pass(execution().signal);
    runs.push('hotel');
  }
}

/** The same, without one of its undos. */
@Workflow({ name: 'trip' })
class TripWithoutUndo {
  @Run()
  async run() {
    await this.car();
    await this.hotel();
    throw new Error('failed');
  }
  @Step() async car() {}
  @Step() async hotel() {}
  @Compensate('hotel') async unhotel() {
    runs.push('hotel');
  }
}

/** The same, without the other one. */
@Workflow({ name: 'trip' })
class TripWithOtherUndo {
  @Run()
  async run() {
    await this.car();
    await this.hotel();
    throw new Error('failed');
  }
  @Step() async car() {}
  @Step() async hotel() {}
  @Compensate('car') async uncar() {
    runs.push('car');
  }
}

const PROVIDERS = [Order, SideBySide];
const UNDO = { compensate: true };

const order = (how: How) => (client: DurableClient) => client.start(Order, how);

/** The body runs so long that it shows. */
async function isSeen(client: DurableClient, id: string, path: string): Promise<void> {
  await eventually(async () =>
    (await client.getExecution(id, { steps: true })).steps?.some(
      (line) => line.path === path && line.status === 'running',
    ),
  );
}

async function resultsOf(client: DurableClient, id: string): Promise<unknown> {
  const { status, compensationResults } = await client.getExecution(id);
  return { status, results: compensationResults };
}

const unknown = (path: string) => ({
  path,
  status: 'failed',
  attempts: 0,
  error: expect.any(StepOutcomeUnknown),
});

function beginAnew(): void {
  beforeEach(() => {
    runs = [];
    gate = new Gate();
  });
}

onDatabase('PostgreSQL', (database) => {
  beginAnew();
  afterEach(() => database.closeApps());

  /** Runs an execution until it is seen, lets its process go, cancels it, and has another process undo it. */
  async function cancelledAfterLoss(
    begin: (client: DurableClient) => Promise<ExecutionHandle>,
    isThere: (client: DurableClient, id: string) => Promise<void>,
  ): Promise<{ client: DurableClient; id: string }> {
    const first = await database.start(PROVIDERS, HASTY);
    const { id } = await begin(first.client);
    await isThere(first.client, id);
    await first.close();
    const second = await database.start(PROVIDERS, { worker: false });
    await second.client.cancel(id, 'enough', UNDO);
    await second.close();
    const { client } = await database.start(PROVIDERS);
    return { client, id };
  }

  async function isWaiting(client: DurableClient, id: string): Promise<void> {
    await eventually(async () => (await client.getExecution(id)).status === 'waiting');
  }

  describe('A cancel with compensate of what was lost with its process', () => {
    it.each(['works', 'wakes'] as const)('reports a step that was seen at work (it %s)', async (how) => {
      const { client, id } = await cancelledAfterLoss(order(how), (client, id) =>
        isSeen(client, id, 'charge'),
      );
      const handle = await client.handle(Order, { id });
      const failure = await failureOf(handle.result(), CompensationFailed);
      expect(failure.cause).toBeInstanceOf(ExecutionCancelled);
      expect(runs).toEqual(['free']);
      expect(await resultsOf(client, id)).toMatchObject({
        status: 'compensation_failed',
        results: [
          { ...unknown('charge'), undo: 'refund', step: 'charge' },
          { path: 'reserve', undo: 'free', status: 'completed' },
        ],
      });
      // It is not run again to find out.
      expect(gate.arrivals).toBe(1);
    });

    it('reports it in a block, and no step without an undo', async () => {
      const { client, id } = await cancelledAfterLoss(
        (client) => client.start(SideBySide),
        (first, lost) => isSeen(first, lost, 'both/charge'),
      );
      await failureOf((await client.handle(SideBySide, { id })).result(), CompensationFailed);
      expect(runs).toEqual(['reserve']);
      expect(await resultsOf(client, id)).toMatchObject({
        status: 'compensation_failed',
        results: [unknown('both/charge'), { path: 'reserve', status: 'completed' }],
      });
    });

    it.each(['sleeps', 'backs off'] as const)('reports no step that only waited (it %s)', async (how) => {
      const { client, id } = await cancelledAfterLoss(order(how), isWaiting);
      await failureOf((await client.handle(Order, { id })).result(), ExecutionCancelled);
      expect(runs).toEqual(['free']);
      expect(await resultsOf(client, id)).toMatchObject({
        status: 'compensated',
        results: [{ path: 'reserve', status: 'completed' }],
      });
    });
  });

  it('A step that was seen at work when its process was lost, and is not cancelled, runs again', async () => {
    const first = await database.start(PROVIDERS, HASTY);
    const { id } = await first.client.start(Order, 'works');
    await isSeen(first.client, id, 'charge');
    await first.close();
    gate.open();
    const { client } = await database.start(PROVIDERS);
    await (await client.handle(Order, { id })).result();
    expect(runs).toEqual([]);
    expect(gate.arrivals).toBe(2);
  });

  it('An undo that the class has lost while others are run is missed', async () => {
    const first = await database.start([Trip], HASTY);
    const { id } = await first.client.start(Trip);
    await gate.reached();
    await first.close();
    const { client } = await database.start([TripWithoutUndo]);
    const failure = await failureOf(
      (await client.handle(TripWithoutUndo, { id })).result(),
      CompensationFailed,
    );
    expect(failure.cause).toMatchObject({ message: 'failed' });
    expect(runs).toEqual(['hotel']);
    expect(await resultsOf(client, id)).toMatchObject({
      status: 'compensation_failed',
      results: [{ path: 'hotel', status: 'completed' }],
    });
  });

  it('An undo that was recorded before the class lost it is not missed', async () => {
    const first = await database.start([Trip], { shutdownTimeout: '20s' });
    const { id } = await first.client.start(Trip);
    await gate.reached();
    const closing = first.close();
    gate.open();
    await closing;
    expect(runs).toEqual(['hotel']);
    const { client } = await database.start([TripWithOtherUndo]);
    await causeOf(await client.handle(TripWithOtherUndo, { id }), Error);
    expect(runs).toEqual(['hotel', 'car']);
    expect(await resultsOf(client, id)).toMatchObject({
      status: 'compensated',
      results: [
        { path: 'hotel', status: 'completed' },
        { path: 'car', status: 'completed' },
      ],
    });
  });
});

onDatabase('PostgreSQL', (database) => {
  beginAnew();
  afterEach(() => database.closeApps());

  it('A step that listens to nobody when its execution is cancelled is reported after its grace', async () => {
    const { client } = await database.start(PROVIDERS);
    const handle = await client.start(Order, 'works');
    await gate.reached();
    await handle.cancel('enough', UNDO);
    const failure = await failureOf(handle.result(), CompensationFailed);
    expect(failure.cause).toBeInstanceOf(ExecutionCancelled);
    expect(runs).toEqual(['free']);
    const { compensationResults } = await client.getExecution(handle.id);
    expect(compensationResults).toMatchObject([
      { ...unknown('charge'), undo: 'refund' },
      { path: 'reserve', status: 'completed' },
    ]);
    expect(compensationResults?.[0]?.error).toMatchObject({ executionId: handle.id, step: 'charge' });
    gate.open();
    // What it did at last comes too late to be recorded.
    await (await client.start(Order, 'works')).result();
    expect(runs).toEqual(['free']);
  });
});
