import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import {
  execution,
  Pipeline,
  Run,
  sleep,
  Step,
  step,
  TransactionalStepUnavailable,
  transaction,
  TransactionNotActive,
  WaitInTransaction,
  Workflow,
} from 'nest-durable';
import { notesIn, openAppDataSource } from '../../support/app-data-source.js';
import { type DurableApp, startApp } from '../../support/durable-app.js';
import { eventually } from '../../support/eventually.js';
import { Gate } from '../../support/gate.js';
import { causeOf, failureOf } from '../../support/outcome.js';
import { HASTY } from '../../support/restart.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

const INSERT = 'INSERT INTO notes (text) VALUES ($1)';

let runs: string[] = [];
let gate = new Gate();
let refusals = 0;

@Workflow()
class Writes {
  @Run()
  async run(what: 'once' | 'fails first' | 'fails' | 'conflicts' | 'unserializable') {
    const written = await this.write(what);
    await step('gate', () => gate.pass(execution().signal));
    return written;
  }

  @Step({ transactional: true, retry: { maxAttempts: 2, base: 0 } })
  async write(what: string): Promise<unknown> {
    const { attempt } = execution();
    runs.push(`${what} ${attempt}`);
    await transaction().query(INSERT, [`${what} ${attempt}`]);
    if (what === 'fails' || (what === 'fails first' && attempt === 1))
      throw new RangeError('after the write');
    if (what === 'conflicts' && attempt === 1) {
      await transaction().query(`DO $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '40001'; END $$`);
    }
    return what === 'unserializable' ? { greet: () => 'hi' } : `written ${attempt}`;
  }
}

@Workflow()
class WritesInPipeline extends Pipeline<{ text: string }, { text: string; count?: number }> {
  @Step({ transactional: true })
  async write({ text }: { text: string }) {
    await transaction().query(INSERT, [text]);
    const rows: unknown[] = await transaction().query('SELECT 1 FROM notes');
    return { count: rows.length };
  }
}

@Workflow()
class WritesAtOnce {
  @Run()
  async run(names: readonly string[]) {
    return await Promise.all(names.map((name) => this.write(name)));
  }

  @Step({ transactional: true })
  async write(name: string) {
    await transaction().query(INSERT, [name]);
    return name;
  }
}

/** Its body goes on after its time is up, and writes at every turn while the transaction is being ended. */
@Workflow()
class WritesOn {
  @Run()
  async run() {
    await this.write();
  }

  @Step({ transactional: true, timeout: 50, retry: { maxAttempts: 1 } })
  async write(): Promise<void> {
    const manager = transaction();
    const { signal } = execution();
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    const writes: Promise<unknown>[] = [];
    for (let turn = 0; turn < 50; turn += 1) {
      writes.push(manager.query(INSERT, [`too late ${turn}`]));
      await Promise.resolve();
    }
    refusals = (await Promise.allSettled(writes)).filter(({ status }) => status === 'rejected').length;
    gate.open();
  }
}

@Workflow()
class WaitsInside {
  @Run()
  async run() {
    await this.write();
  }

  @Step({ transactional: true })
  async write() {
    runs.push('write');
    await transaction().query(INSERT, ['before the sleep']);
    await sleep(1);
  }
}

@Workflow()
class TimesOutInside {
  @Run()
  async run() {
    await this.write();
  }

  @Step({ transactional: true, timeout: 50, retry: { maxAttempts: 1 } })
  async write() {
    await transaction().query(INSERT, ['too late']);
    await gate.pass();
  }
}

@Workflow()
class RetriesInside {
  @Run()
  async run() {
    await this.write();
  }

  @Step({ transactional: true, timeout: 200, retry: { maxAttempts: 1 } })
  async write() {
    await transaction().query(INSERT, ['beside a retry']);
    await step('inner', { retry: { base: '1h', maxBackoff: '1h' } }, () => {
      throw new Error('not now');
    });
  }
}

@Workflow()
class RetriesLater {
  @Run()
  async run() {
    await this.write();
  }

  @Step({ transactional: true, timeout: 500, retry: { base: '1h', maxBackoff: '1h' } })
  async write() {
    await gate.pass();
  }
}

@Workflow()
class AsksOutside {
  @Run()
  async run(where: 'code' | 'step') {
    if (where === 'code') transaction();
    else await step('plain', { retry: { maxAttempts: 1 } }, () => void transaction());
  }
}

const PROVIDERS = [
  Writes,
  WritesInPipeline,
  WritesAtOnce,
  WritesOn,
  WaitsInside,
  TimesOutInside,
  RetriesInside,
  RetriesLater,
  AsksOutside,
];

describe('A transactional step', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let app: DurableApp;

  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = await openAppDataSource(database.url);
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });
  beforeEach(async () => {
    runs = [];
    gate = new Gate();
    await dataSource.query('DELETE FROM notes');
    app = await startApp({ database: { dataSource }, ...HASTY }, PROVIDERS);
  });
  afterEach(() => app.close());

  it('commits its writes with its record, and is not run again on a replay', async () => {
    const { id } = await app.client.start(Writes, 'once');
    await gate.reached();
    expect(await notesIn(dataSource)).toEqual(['once 1']);
    const { steps } = await app.client.getExecution(id, { steps: true });
    expect(steps?.[0]).toMatchObject({ path: 'write', status: 'completed', output: 'written 1', attempt: 1 });
    await app.close();
    gate.open();
    app = await startApp({ database: { dataSource } }, PROVIDERS);
    expect(await (await app.client.handle(Writes, { id })).result()).toBe('written 1');
    expect(await notesIn(dataSource)).toEqual(['once 1']);
    expect(runs).toEqual(['once 1']);
  });

  it('works in a pipeline', async () => {
    const handle = await app.client.start(WritesInPipeline, { text: 'hello' });
    expect(await handle.result()).toEqual({ text: 'hello', count: 1 });
    expect(await notesIn(dataSource)).toEqual(['hello']);
  });

  it('has a transaction of its own when several run at once', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `note ${index}`);
    const handle = await app.client.start(WritesAtOnce, names);
    expect(await handle.result()).toEqual(names);
    expect((await notesIn(dataSource)).sort()).toEqual(names);
  });

  it('lets nothing be written by a body that goes on while its transaction is rolled back', async () => {
    const handle = await app.client.start(WritesOn);
    await expect(handle.result()).rejects.toThrow('took longer than its timeout');
    await gate.pass();
    expect(refusals).toBeGreaterThan(0);
    expect(await notesIn(dataSource)).toEqual([]);
  });

  it('rolls back where it fails, and its next attempt writes anew', async () => {
    gate.open();
    const handle = await app.client.start(Writes, 'fails first');
    expect(await handle.result()).toBe('written 2');
    expect(await notesIn(dataSource)).toEqual(['fails first 2']);
  });

  it('leaves nothing behind where every attempt fails', async () => {
    const handle = await app.client.start(Writes, 'fails');
    await causeOf(handle, RangeError);
    expect(await notesIn(dataSource)).toEqual([]);
    const { steps } = await app.client.getExecution(handle.id, { steps: true });
    expect(steps?.map(({ status }) => status)).toEqual(['attempt_failed', 'failed']);
  });

  it('is tried again where the database refuses its transaction', async () => {
    gate.open();
    const handle = await app.client.start(Writes, 'conflicts');
    expect(await handle.result()).toBe('written 2');
    expect(await notesIn(dataSource)).toEqual(['conflicts 2']);
  });

  it('rolls back where its result cannot be stored', async () => {
    const handle = await app.client.start(Writes, 'unserializable');
    expect(await causeOf(handle, Error)).toMatchObject({ code: 'DURABLE_NOT_SERIALIZABLE', path: '$.greet' });
    expect(await notesIn(dataSource)).toEqual([]);
    expect(runs).toEqual(['unserializable 1']);
  });

  it('rolls back where it times out, whatever its body does later', async () => {
    const handle = await app.client.start(TimesOutInside);
    expect(await causeOf(handle, Error)).toMatchObject({ code: 'DURABLE_STEP_TIMEOUT' });
    gate.open();
    await app.close();
    expect(await notesIn(dataSource)).toEqual([]);
  });

  it('ends its transaction with its attempt, also while an operation inside it waits for its retry', async () => {
    const handle = await app.client.start(RetriesInside);
    expect(await causeOf(handle, Error)).toMatchObject({ code: 'DURABLE_STEP_TIMEOUT' });
    await eventually(async () => {
      const open: unknown[] = await dataSource.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'`,
      );
      return open.length === 0;
    });
    expect(await notesIn(dataSource)).toEqual([]);
  });

  it('is nothing to wait for between its attempts', async () => {
    const handle = await app.client.start(RetriesLater);
    await gate.reached();
    await eventually(async () => (await handle.status()) === 'waiting');
    gate.open();
  });

  it('may not wait: WaitInTransaction, at once and without another attempt', async () => {
    const handle = await app.client.start(WaitsInside);
    expect(await causeOf(handle, WaitInTransaction)).toMatchObject({ fn: 'sleep()', step: 'write' });
    expect(await notesIn(dataSource)).toEqual([]);
    expect(runs).toEqual(['write']);
  });

  it.each(['code', 'step'] as const)('is the only place of transaction(), not: %s', async (where) => {
    await causeOf(await app.client.start(AsksOutside, where), TransactionNotActive);
  });
});

describe('A transactional step without the DataSource of the application', () => {
  it('is an error at boot that names it', async () => {
    const database = await createTestDatabase();
    const failure = await failureOf(
      startApp({ database: { url: database.url } }, [WritesInPipeline]),
      TransactionalStepUnavailable,
    );
    expect(failure.message).toContain('WritesInPipeline.write');
    expect(failure.message).toContain('dataSource');
    await database.drop();
  });
});
