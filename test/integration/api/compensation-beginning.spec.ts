import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  AlreadyCompensating,
  Compensate,
  CompensationFailed,
  type DurableClient,
  execution,
  ExecutionCancelled,
  now,
  Run,
  sleep,
  Step,
  step,
  StepTimeout,
  Workflow,
} from 'nest-durable';
import { Journal } from '../../../lib/journal/journal.js';
import type { JournalRecord } from '../../../lib/journal/records.js';
import { onDatabase } from '../../support/api-database.js';
import { eventually } from '../../support/eventually.js';
import { Gate } from '../../support/gate.js';
import { causeOf, failureOf } from '../../support/outcome.js';
import { HASTY, restartAt } from '../../support/restart.js';

let runs: string[] = [];
let times: [undo: string, now: number][] = [];
let gate = new Gate();
let charging = new Gate();

/** The second of its undos waits at the gate. */
@Workflow()
class Trip {
  @Run()
  async run() {
    await this.book('car');
    await this.book('train');
    await this.book('hotel');
    await sleep(50);
    await step('fails', { retry: { maxAttempts: 1 } }, () => {
      runs.push('forward');
      throw new Error('failed');
    });
  }
  @Step() async book(_what: string) {}
  @Compensate('book') async unbook(_undo: unknown, what: string) {
    times.push([what, now().getTime()]);
    if (what === 'train') await gate.pass(execution().signal);
    runs.push(what);
  }
}

/** The second of its undos settles never. */
@Workflow()
class Patient {
  @Run()
  async run() {
    await this.car();
    await this.train();
    await step('hotel', { compensate: () => void runs.push('hotel') }, () => undefined);
    throw new Error('failed');
  }
  @Step() async car() {}
  @Step() async train() {}
  @Compensate('car') async uncar() {
    runs.push('car');
  }
  @Compensate('train', { timeout: 20, retry: { maxAttempts: 2, base: 0 } }) async untrain() {
    const { attempt, signal, deadline } = execution();
    runs.push(`train ${attempt} until ${deadline === undefined ? 'for ever' : 'a time'}`);
    signal.addEventListener('abort', () => runs.push(signal.reason.constructor.name));
    await new Promise(() => undefined);
  }
}

@Workflow()
class Deaf {
  @Run()
  async run() {
    await step('charge', { compensate: () => void runs.push('refund') }, () => charging.pass());
  }
}

const PROVIDERS = [Trip, Patient, Deaf];
const { append } = Journal.prototype;

/** Hands the journal other records than the engine does. */
function tamper(instead: (record: JournalRecord) => readonly JournalRecord[]): void {
  Journal.prototype.append = function (this: Journal, record: JournalRecord) {
    for (const each of instead(record)) append.call(this, each);
  };
}

async function outcomeOf(client: DurableClient, id: string): Promise<unknown> {
  const { status, compensationResults } = await client.getExecution(id);
  return { status, undone: compensationResults?.map(({ path, status: each }) => `${path} ${each}`) };
}

const ALL_UNDONE = {
  status: 'compensated',
  undone: ['book#3 completed', 'book#2 completed', 'book completed'],
};

onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    runs = [];
    times = [];
    gate = new Gate();
    charging = new Gate();
  });
  afterEach(async () => {
    Journal.prototype.append = append;
    await database.closeApps();
  });

  describe('The beginning of an undoing', () => {
    it('that was refused together with the failure before it is written again', async () => {
      let begun = 0;
      let failure: JournalRecord | undefined;
      tamper((record) => {
        if (record.type === 'history' && record.path === 'fails') {
          // The database takes no such number: all that it is given of the execution with it is refused.
          failure = { ...record, attempt: 100_000 };
          return [];
        }
        if (record.type !== 'history' || record.path !== '#undo') return [record];
        begun += 1;
        return begun === 1 && failure !== undefined ? [failure, record] : [record];
      });
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(Trip);
      await gate.reached();
      expect(begun).toBe(2);
      expect((await first.client.getExecution(id)).status).toBe('compensating');
      const { client } = await restartAt(gate, first, database, PROVIDERS);
      expect((await causeOf(await client.handle(Trip, { id }), Error)).message).toBe('failed');
      // Its code does not go forward again.
      expect(runs).toEqual(['forward', 'hotel', 'train', 'car']);
      expect(await outcomeOf(client, id)).toEqual(ALL_UNDONE);
    });

    it('of which one half was lost with its process is completed by the next one', async () => {
      tamper((record) => {
        if (record.type !== 'compensation' || record.results !== null) return [record];
        record.watcher.durable(true);
        return [];
      });
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(Trip, undefined, { timeout: '1h' });
      await gate.reached();
      expect((await first.client.getExecution(id)).status).toBe('running');
      await first.close();
      Journal.prototype.append = append;
      gate = new Gate();
      const { client } = await database.start(PROVIDERS, HASTY);
      await gate.reached();
      expect((await client.getExecution(id)).status).toBe('compensating');
      await failureOf(client.cancel(id, 'too late'), AlreadyCompensating);
      gate.open();
      await causeOf(await client.handle(Trip, { id }), Error);
      expect(await outcomeOf(client, id)).toEqual(ALL_UNDONE);
    });

    it('is the time that undos are told, here and elsewhere', async () => {
      const begun: number[] = [];
      tamper((record) => {
        if (record.type === 'history' && record.path === '#undo') begun.push(record.endedAt);
        return [record];
      });
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(Trip);
      const { client } = await restartAt(gate, first, database, PROVIDERS);
      await causeOf(await client.handle(Trip, { id }), Error);
      expect(begun).toHaveLength(1);
      expect(times).toEqual(['hotel', 'train', 'train', 'car'].map((undo) => [undo, begun[0]]));
      expect(begun[0]).not.toBe((await client.getExecution(id)).createdAt.getTime());
    });
  });

  it('An undo that never settles has failed after its time-out, and the others go on', async () => {
    const { client } = await database.start(PROVIDERS);
    const handle = await client.start(Patient);
    const failure = await failureOf(handle.result(), CompensationFailed);
    expect(failure.cause).toMatchObject({ message: 'failed' });
    expect(runs).toEqual([
      'hotel',
      ...['train 1 until a time', 'StepTimeout'],
      ...['train 2 until a time', 'StepTimeout'],
      'car',
    ]);
    expect((await client.getExecution(handle.id)).compensationResults).toMatchObject([
      { path: 'hotel', status: 'completed' },
      { path: 'train', undo: 'untrain', status: 'failed', attempts: 2, error: expect.any(StepTimeout) },
      { path: 'car', status: 'completed' },
    ]);
  });

  describe('The reason of a cancellation', () => {
    const requests = [{ compensate: true }, { compensate: false }];
    const pairs = requests.flatMap((first) => requests.map((second) => [first, second] as const));

    it.each(pairs)('is that of the first request (%j, then %j)', async (one, other) => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Deaf);
      await charging.reached();
      await handle.cancel('first', one);
      await handle.cancel('second', other);
      charging.open();
      const failure = await failureOf(handle.result(), ExecutionCancelled);
      expect(failure.reason).toBe('first');
      const { cancelReason, error, status } = await client.getExecution(handle.id);
      expect({ cancelReason, error }).toMatchObject({ cancelReason: 'first', error: { reason: 'first' } });
      const isUndone = one.compensate || other.compensate;
      expect({ status, runs }).toEqual(
        isUndone ? { status: 'compensated', runs: ['refund'] } : { status: 'cancelled', runs: [] },
      );
    });

    it('is that of the first request where nobody has begun to undo it', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(Deaf);
      await charging.reached();
      await first.close();
      const second = await database.start(PROVIDERS, { worker: false });
      await second.client.cancel(id, 'first', { compensate: true });
      await second.client.cancel(id, 'second', { compensate: true });
      await second.client.cancel(id, 'third');
      await second.close();
      const { client } = await database.start(PROVIDERS);
      const failure = await failureOf((await client.handle(Deaf, { id })).result(), ExecutionCancelled);
      expect(failure.reason).toBe('first');
      await eventually(async () => (await client.getExecution(id)).cancelReason === 'first');
    });
  });
});
