import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import {
  Compensate,
  execution,
  Parallel,
  Pipeline,
  Run,
  sleep,
  Step,
  step,
  transaction,
  waitForEvent,
  Workflow,
} from 'nest-durable';
import { notesIn, openAppDataSource } from '../../support/app-data-source.js';
import { type DurableApp, startApp } from '../../support/durable-app.js';
import { eventually } from '../../support/eventually.js';
import { Gate } from '../../support/gate.js';
import { drained } from '../../support/held-clock.js';
import { failureOf } from '../../support/outcome.js';
import { recordedOf } from '../../support/recorded.js';
import { HASTY } from '../../support/restart.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

const INSERT = 'INSERT INTO notes (text) VALUES ($1)';
/** A commit with a note of this text waits while somebody else has the lock. */
const SLOW = 'slow to commit';
const LOCK = 77;

let runs: string[] = [];
let gate = new Gate();
let locked = new Gate();

@Workflow()
class Notes {
  @Run()
  async run(text: string) {
    await this.write(text);
  }

  @Step({ transactional: true })
  async write(text: string) {
    await transaction().query(INSERT, [text]);
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
    await transaction().query(INSERT, [SLOW]);
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
    await transaction().query(INSERT, [SLOW]);
    return 'first';
  }

  @Step({ transactional: true })
  async second() {
    await transaction().query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
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
    await transaction().query(INSERT, [SLOW]);
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
class Sleeps {
  @Run()
  async run(time: number) {
    await sleep(time);
  }
}

const PROVIDERS = [
  Notes,
  CommitsInside,
  CommitsInTurn,
  FailsBesideCommit,
  WantsConnection,
  WantsConnectionBeside,
  Sleeps,
];

describe('A transactional step that is held up', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let app: DurableApp;

  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = await openAppDataSource(database.url);
    await dataSource.query(`
      CREATE FUNCTION slow_commit() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_advisory_xact_lock_shared(${LOCK}); RETURN NULL; END';
      CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON notes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        WHEN (NEW.text = '${SLOW}') EXECUTE FUNCTION slow_commit()`);
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
        `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = ${LOCK} AND NOT granted
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

  describe('in its commit', () => {
    it('is not run again beside its own commit, where the step around it times out meanwhile', async () => {
      const holder = dataSource.createQueryRunner();
      await holder.query('SELECT pg_advisory_lock($1)', [LOCK]);
      const handle = await app.client.start(CommitsInside);
      await gate.pass();
      // Whatever begins now has the time to.
      await (await app.client.start(Notes, 'meanwhile')).result();
      await holder.query('SELECT pg_advisory_unlock($1)', [LOCK]);
      await holder.release();
      expect(await handle.result()).toBe('2: 1');
      expect(runs).toEqual(['write']);
      expect(await notesIn(dataSource)).toEqual([SLOW, 'meanwhile']);
    });

    it('is waited for by the undo of the step around it, where it is being committed', async () => {
      const holder = dataSource.createQueryRunner();
      await holder.query('SELECT pg_advisory_lock($1)', [LOCK]);
      const handle = await app.client.start(FailsBesideCommit);
      await Promise.all([gate.reached(), locked.reached(), commitsWaiting()]);
      locked.open();
      gate.open();
      await drained();
      await holder.query('SELECT pg_advisory_unlock($1)', [LOCK]);
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
  });

  describe('before its connection comes', () => {
    it('does not begin when its time is up', async () => {
      const handle = await app.client.start(WantsConnection);
      await gate.reached();
      const release = await everyConnection();
      gate.open();
      await eventually(() => runs.length > 0);
      await release();
      // Whoever stands in line behind it has had his turn.
      await (await app.client.start(Notes, 'next')).result();
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
});
