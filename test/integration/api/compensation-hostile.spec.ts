import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  commit,
  Compensate,
  CompensationFailed,
  type DurableClient,
  execution,
  RecordRefused,
  Run,
  setAttribute,
  Step,
  step,
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
let gate = new Gate();
let isFirst = true;

const once = { maxAttempts: 1 };
const BIG = 'x'.repeat(2_000_000);

@Workflow()
class Answers {
  @Run()
  async run() {
    await this.returns();
    await this.throws();
    await this.big();
    await this.bigError();
    throw new Error('failed');
  }
  @Step() async returns() {
    return null;
  }
  @Step() async throws() {}
  @Step() async big() {
    return BIG;
  }
  @Step() async bigError() {}

  @Compensate('returns') async unreturns({ result }: { result: null }) {
    runs.push(`returns ${String(result)}`);
    return { not: () => 'serializable', at: Symbol('all') };
  }
  @Compensate('throws', { retry: once }) async unthrows() {
    runs.push('throws');
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- what users should not do, and do
    throw { not: 'an error', text: 'with \0 and \ud800' };
  }
  @Compensate('big') async unbig({ result }: { result: string }) {
    runs.push(`big ${result.length}`);
    return BIG;
  }
  @Compensate('bigError', { retry: once }) async unbigError() {
    runs.push('bigError');
    throw new Error(`\0\ud800 ${BIG}`);
  }
}

@Workflow()
class Never {
  @Run()
  async run() {
    await step('first', { compensate: () => void runs.push('first') }, () => undefined);
    await this.second();
    throw new Error('failed');
  }
  @Step() async second() {}
  @Compensate('second') async unsecond() {
    runs.push('second');
    // It listens to nothing and nobody.
    if (isFirst) await new Promise(() => undefined);
  }
}

@Workflow()
class Spoiled {
  @Run()
  async run() {
    await this.book('car');
    await this.book('train');
    await this.book('hotel');
    await step('after', () => undefined);
    throw new Error('failed');
  }
  @Step() async book(_what: string) {}
  @Compensate('book') async unbook(_undo: unknown, what: string) {
    if (what === 'train') await gate.pass(execution().signal);
    setAttribute('undone', what);
    runs.push(what);
    setAttribute('undoneToo', what);
  }
}

@Workflow()
class Commits {
  @Run()
  async run() {
    await this.book('car');
    await this.book('hotel');
    throw new Error('failed');
  }
  @Step() async book(_what: string) {}
  @Compensate('book') async unbook(_undo: unknown, what: string) {
    if (what === 'car') await gate.pass(execution().signal);
    await commit();
    runs.push(what);
  }
}

const PROVIDERS = [Answers, Never, Spoiled, Commits];
const { append } = Journal.prototype;

/** Makes the ends of an operation something that the database does not take. */
function spoil(path: string): void {
  Journal.prototype.append = function (this: Journal, record: JournalRecord) {
    const isIt = record.type === 'history' && record.path === path;
    append.call(this, isIt ? { ...record, attempt: 100_000 } : record);
  };
}

async function results(client: DurableClient, id: string) {
  const { compensationResults } = await client.getExecution(id);
  return compensationResults?.map(({ path, status, error }) => [path, status, error?.constructor.name]);
}

onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    runs = [];
    gate = new Gate();
    isFirst = true;
  });
  afterEach(async () => {
    Journal.prototype.append = append;
    await database.closeApps();
  });

  describe('An undo', () => {
    it('may return what it likes, and throw what it likes', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Answers);
      await failureOf(handle.result(), CompensationFailed);
      expect(runs).toEqual(['bigError', `big ${BIG.length}`, 'throws', 'returns null']);
      expect(await results(client, handle.id)).toEqual([
        ['bigError', 'failed', 'Error'],
        ['big', 'completed', undefined],
        ['throws', 'failed', 'Error'],
        ['returns', 'completed', undefined],
      ]);
    });

    it('that never settles does not keep the application open; the next one undoes the rest', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(Never);
      await eventually(() => runs.length === 1);
      await eventually(async () => (await first.client.getExecution(id)).status === 'compensating');
      await first.close();
      isFirst = false;
      const { client } = await database.start(PROVIDERS);
      await causeOf(await client.handle(Never, { id }), Error);
      expect(runs).toEqual(['second', 'second', 'first']);
      expect((await client.getExecution(id)).status).toBe('compensated');
    });

    it('that calls commit() keeps nothing from being undone, here or elsewhere', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(Commits);
      const { client } = await restartAt(gate, first, database, PROVIDERS);
      await causeOf(await client.handle(Commits, { id }), Error);
      expect(runs).toEqual(['hotel', 'car']);
      expect((await client.getExecution(id)).status).toBe('compensated');
    });
  });

  describe('A record that the database refuses', () => {
    it('of an undo stops no other undo, and is told', async () => {
      spoil('#undo/book%232');
      gate.open();
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Spoiled);
      await failureOf(handle.result(), CompensationFailed);
      expect(runs).toEqual(['hotel', 'train', 'car']);
      expect(await results(client, handle.id)).toEqual([
        ['book#3', 'completed', undefined],
        ['book#2', 'failed', RecordRefused.name],
        ['book', 'completed', undefined],
      ]);
    });

    it('of a step is a failure after which everything is undone, that step as well', async () => {
      spoil('book#3');
      gate.open();
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Spoiled);
      await causeOf(handle, RecordRefused);
      expect(runs).toEqual(['hotel', 'train', 'car']);
      expect(await handle.status()).toBe('compensated');
    });

    it('of a step does not disturb the undoing that goes on elsewhere', async () => {
      spoil('book#3');
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(Spoiled);
      const { client } = await restartAt(gate, first, database, PROVIDERS);
      await causeOf(await client.handle(Spoiled, { id }), RecordRefused);
      expect(runs).toEqual(['hotel', 'train', 'car']);
      expect(await results(client, id)).toEqual([
        ['book#3', 'completed', undefined],
        ['book#2', 'completed', undefined],
        ['book', 'completed', undefined],
      ]);
    });
  });
});
