import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Compensate,
  CompensationFailed,
  type DurableClient,
  execution,
  ExecutionCancelled,
  hours,
  Pipeline,
  ReplayDivergence,
  Run,
  sleep,
  Step,
  step,
  Workflow,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import { eventually } from '../../support/eventually.js';
import { Gate } from '../../support/gate.js';
import { causeOf, failureOf } from '../../support/outcome.js';
import { HASTY, restartAt } from '../../support/restart.js';

let runs: string[] = [];
let gate = new Gate();
/** Something that the code awaits and nobody records. */
let unrecorded = new Gate();

type Change =
  'none' | 'fails early' | 'returns early' | 'calls another' | 'other arguments' | 'waits for ever';
/** What the code does otherwise in its second process than in its first. */
let change: Change = 'none';

@Workflow()
class Fickle {
  @Run()
  async run(how: 'fails' | 'sleeps' | 'works') {
    await this.book('car');
    if (change === 'fails early') throw new Error('another failure');
    if (change === 'returns early') return;
    if (change === 'waits for ever') await unrecorded.pass();
    if (change === 'calls another') await this.other();
    await this.book(change === 'other arguments' ? 'tent' : 'hotel');
    if (how === 'fails') throw new Error('failed');
    if (how === 'sleeps') await sleep(hours(1));
    await step('work', () => gate.pass(execution().signal));
  }

  @Step() async book(_what: string) {}
  @Step() async other() {}

  @Compensate('book') async unbook(_undo: unknown, what: string) {
    if (how.isHeldUp && what === 'hotel') await gate.pass(execution().signal);
    runs.push(what);
  }
}

const how = { isHeldUp: false };

@Workflow({ name: 'changed' })
class Before extends Pipeline {
  @Step() book() {}
  @Step() move() {}
  @Compensate(['book', 'move']) async undo(_data: unknown, { step: name }: { step: string }) {
    runs.push(name);
  }
  @Step() async rest() {
    await sleep(hours(1));
  }
}

@Workflow({ name: 'changed' })
class After extends Pipeline {
  @Step() book() {}
  @Compensate('book') undo() {
    runs.push('book');
  }
  @Step() async rest() {
    await sleep(hours(1));
  }
}

const PROVIDERS = [Fickle];
const CHANGES: Change[] = [
  'fails early',
  'returns early',
  'calls another',
  'other arguments',
  'waits for ever',
];

async function isWaiting(client: DurableClient, id: string): Promise<void> {
  await eventually(async () => (await client.getExecution(id)).status === 'waiting');
}

// What the code repeats is no affair of the database, and waiting in vain takes its time.
onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    runs = [];
    gate = new Gate();
    unrecorded = new Gate();
    change = 'none';
    how.isHeldUp = false;
  });
  afterEach(() => database.closeApps());

  describe('Where the code is not what it was, what can be found out is undone, and no more is claimed:', () => {
    it.each(CHANGES)('it %s, after a cancellation', async (what) => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(Fickle, 'sleeps');
      await isWaiting(first.client, id);
      await first.close();
      change = what;
      const { client } = await database.start(PROVIDERS);
      await client.cancel(id, 'enough', { compensate: true });
      const failure = await failureOf((await client.handle(Fickle, { id })).result(), CompensationFailed);
      expect(failure.cause).toBeInstanceOf(ExecutionCancelled);
      expect(runs).toEqual(['car']);
      const { status, compensationResults } = await client.getExecution(id);
      expect(status).toBe('compensation_failed');
      expect(compensationResults).toMatchObject([{ path: 'book', status: 'completed' }]);
    });

    it.each(CHANGES)('it %s, while it is being undone', async (what) => {
      how.isHeldUp = true;
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(Fickle, 'fails');
      await gate.reached();
      await first.close();
      change = what;
      gate.open();
      const { client } = await database.start(PROVIDERS);
      const failure = await failureOf((await client.handle(Fickle, { id })).result(), CompensationFailed);
      expect(failure.cause).toMatchObject({ message: 'failed' });
      expect(runs).toEqual(['car']);
    });

    it('a step is gone from the class', async () => {
      const first = await database.start([Before], HASTY);
      const { id } = await first.client.start(Before);
      await isWaiting(first.client, id);
      await first.close();
      const { client } = await database.start([After]);
      await client.cancel(id, 'enough', { compensate: true });
      await failureOf((await client.handle(After, { id })).result(), CompensationFailed);
      expect(runs).toEqual(['book']);
    });
  });

  it('A divergence of an execution that goes forward undoes nothing: the history cannot be trusted', async () => {
    const first = await database.start(PROVIDERS, HASTY);
    const { id } = await first.client.start(Fickle, 'works');
    await gate.reached();
    await first.close();
    change = 'calls another';
    const { client } = await database.start(PROVIDERS);
    const handle = await client.handle(Fickle, { id });
    await causeOf(handle, ReplayDivergence);
    expect(runs).toEqual([]);
    expect(await handle.status()).toBe('failed');
  });

  it('A cancellation that comes while the code is on its way to where it was undoes everything', async () => {
    const first = await database.start(PROVIDERS, HASTY);
    const { id } = await first.client.start(Fickle, 'works');
    await gate.reached();
    await first.close();
    change = 'waits for ever';
    const { client } = await database.start(PROVIDERS);
    await unrecorded.reached();
    await client.cancel(id, 'enough', { compensate: true });
    unrecorded.open();
    await failureOf((await client.handle(Fickle, { id })).result(), ExecutionCancelled);
    expect(runs).toEqual(['hotel', 'car']);
    expect((await client.getExecution(id)).status).toBe('compensated');
  });

  it('Code that awaits something unrecorded is given its time', async () => {
    how.isHeldUp = true;
    const first = await database.start(PROVIDERS, HASTY);
    const { id } = await first.client.start(Fickle, 'fails');
    const second = restartAt(gate, first, database, PROVIDERS);
    void gate.reached().then(() => (change = 'waits for ever'));
    const { client } = await second;
    await unrecorded.reached();
    unrecorded.open();
    await causeOf(await client.handle(Fickle, { id }), Error);
    expect(runs).toEqual(['hotel', 'car']);
  });
});
