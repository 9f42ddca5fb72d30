import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import {
  Compensate,
  execution,
  Parallel,
  Pipeline,
  Run,
  sleep,
  Step,
  step,
  TransactionalStepUnavailable,
  transaction,
  TransactionNotActive,
  waitForEvent,
  WaitInTransaction,
  Workflow,
} from 'nest-durable';
import { notesIn, openAppDataSource } from '../../support/app-data-source.js';
import { type DurableApp, startApp } from '../../support/durable-app.js';
import { eventually } from '../../support/eventually.js';
import { Gate } from '../../support/gate.js';
import { drained } from '../../support/held-clock.js';
import { causeOf, failureOf } from '../../support/outcome.js';
import { recordedOf } from '../../support/recorded.js';
import { HASTY } from '../../support/restart.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

const INSERT = 'INSERT INTO notes (text) VALUES ($1)';

let runs: string[] = [];
let gate = new Gate();
let locked = new Gate();
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

/** The first attempt of the outer step is over while the inner one is being committed. */
@Workflow()
class CommitsInside {
  @Run()
  async run() {
    return await this.outer();
  }

  @Step({ timeout: 1_500, retry: { maxAttempts: 2, base: 0 } })
  async outer() {
    const { attempt, signal } = execution();
    signal.addEventListener('abort', () => gate.open());
    return `${attempt}: ${await this.write()}`;
  }

  @Step({ transactional: true })
  async write() {
    runs.push('write');
    await transaction().query(INSERT, ['slow to commit']);
    return runs.length;
  }
}

/** What the first one commits waits for a lock of the second one, which has yet to begin something. */
@Workflow()
class CommitsInTurn {
  @Run()
  async run() {
    return await Promise.all([waitForEvent('a'), this.second(), this.first()]);
  }

  @Step({ transactional: true })
  async first() {
    await locked.pass();
    await transaction().query(INSERT, ['slow to commit']);
    return 'first';
  }

  @Step({ transactional: true })
  async second() {
    await transaction().query('SELECT pg_advisory_xact_lock(77)');
    locked.open();
    await gate.pass();
    return await step('inside', () => 'second');
  }
}

/** A step that can be undone is over, but for what is being committed inside it, when the code fails. */
@Workflow()
class FailsBesideCommit {
  @Run()
  async run() {
    void this.outer();
    await step('gate', () => gate.pass());
    throw new Error('no');
  }

  @Step()
  async outer() {
    void this.write();
    await locked.pass();
  }
  @Compensate('outer') async undo() {
    runs.push('undone');
  }

  @Step({ transactional: true })
  async write() {
    await transaction().query(INSERT, ['slow to commit']);
  }
}

/** Its transaction is to begin when the test has taken every connection. */
@Workflow()
class WantsConnection {
  @Run()
  async run() {
    await step('gate', () => gate.pass());
    await step('outer', () => this.write().catch((error: Error) => void runs.push(error.name)));
    await step('after', () => locked.pass());
  }

  @Step({ transactional: true, timeout: 300, retry: { maxAttempts: 1 } })
  async write() {
    runs.push('write');
  }
}

@Workflow()
class WantsConnectionBeside extends Pipeline<object, object> {
  @Step() async reserve() {
    await locked.pass();
  }
  @Compensate('reserve') async free() {
    runs.push('undone');
  }

  @Parallel(['fails', 'write'])
  together() {}

  @Step({ in: 'together', retry: { maxAttempts: 1 } }) async fails() {
    await gate.pass();
    throw new Error('no');
  }
  @Step({ in: 'together', transactional: true }) async write() {
    runs.push('write');
    await gate.pass();
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
class Sleeps {
  @Run()
  async run(time: number) {
    await sleep(time);
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
  CommitsInside,
  CommitsInTurn,
  FailsBesideCommit,
  WantsConnection,
  WantsConnectionBeside,
  RetriesLater,
  Sleeps,
  AsksOutside,
];

describe('A transactional step', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let app: DurableApp;

  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = await openAppDataSource(database.url);
    await dataSource.query(`
      CREATE FUNCTION slow_commit() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_advisory_xact_lock_shared(77); RETURN NULL; END';
      CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON notes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        WHEN (NEW.text = 'slow to commit') EXECUTE FUNCTION slow_commit()`);
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });
  beforeEach(async () => {
    runs = [];
    gate = new Gate();
    locked = new Gate();
    await dataSource.query('DELETE FROM notes');
    app = await startApp({ database: { dataSource }, ...HASTY }, PROVIDERS);
  });
  afterEach(() => app.close());

  /** Resolves when a commit waits for the lock that somebody else has. */
  async function commitsWaiting(): Promise<void> {
    await eventually(async () => {
      const waiting: unknown[] = await dataSource.query(
        `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = 77 AND NOT granted
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      );
      return waiting.length === 1;
    });
  }

  /** Takes all connections of the application, and gives a function that gives them back. */
  async function everyConnection(): Promise<() => Promise<void>> {
    const runners = Array.from({ length: 10 }, () => dataSource.createQueryRunner());
    await Promise.all(runners.map((runner) => runner.connect()));
    return async () => void (await Promise.all(runners.map((runner) => runner.release())));
  }

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

  it('is not run again beside its own commit, where the step around it times out meanwhile', async () => {
    const holder = dataSource.createQueryRunner();
    await holder.query('SELECT pg_advisory_lock(77)');
    const handle = await app.client.start(CommitsInside);
    await gate.pass();
    // Whatever begins now has the time to.
    await (await app.client.start(WritesInPipeline, { text: 'meanwhile' })).result();
    await holder.query('SELECT pg_advisory_unlock(77)');
    await holder.release();
    expect(await handle.result()).toBe('2: 1');
    expect(runs).toEqual(['write']);
    expect(await notesIn(dataSource)).toEqual(['slow to commit', 'meanwhile']);
  });

  it('is waited for by the undo of the step around it, where it is being committed', async () => {
    const holder = dataSource.createQueryRunner();
    await holder.query('SELECT pg_advisory_lock(77)');
    const handle = await app.client.start(FailsBesideCommit);
    await Promise.all([gate.reached(), locked.reached(), commitsWaiting()]);
    locked.open();
    gate.open();
    await drained();
    await holder.query('SELECT pg_advisory_unlock(77)');
    await holder.release();
    await failureOf(handle.result(), Error);
    expect(await handle.status()).toBe('compensated');
    expect(runs).toEqual(['undone']);
  });

  it('begins what it calls also where mail has waited for long for a commit that waits for it', async () => {
    const handle = await app.client.start(CommitsInTurn);
    await gate.reached();
    await commitsWaiting();
    await app.client.sendEvent(handle.id, 'a', 'event');
    // As long as it takes until nothing else begins before the event is there.
    await (await app.client.start(Sleeps, 200)).result();
    gate.open();
    expect(await handle.result()).toEqual(['event', 'second', 'first']);
  });

  it('is nothing to wait for between its attempts', async () => {
    const handle = await app.client.start(RetriesLater);
    await gate.reached();
    await eventually(async () => (await handle.status()) === 'waiting');
    gate.open();
  });

  describe('that waits for a connection', () => {
    it('does not begin when its time is up', async () => {
      const handle = await app.client.start(WantsConnection);
      await gate.reached();
      const release = await everyConnection();
      gate.open();
      await eventually(() => runs.length > 0);
      await release();
      // Whoever stands in line behind it has had his turn.
      await (await app.client.start(WritesInPipeline, { text: 'next' })).result();
      expect(runs).toEqual(['StepTimeout']);
      locked.open();
      await handle.result();
    });

    it('holds up nothing when its block has failed', async () => {
      const handle = await app.client.start(WantsConnectionBeside, {});
      await locked.reached();
      const release = await everyConnection();
      locked.open();
      await gate.reached();
      gate.open();
      await eventually(() => runs.length > 0);
      await release();
      await failureOf(handle.result(), Error);
      expect(runs).toEqual(['undone']);
      expect(await recordedOf(app.client, handle.id)).not.toEqual(
        expect.arrayContaining([expect.stringContaining('together/write')]),
      );
    });
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
