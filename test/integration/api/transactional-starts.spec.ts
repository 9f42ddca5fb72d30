import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import {
  type ExecutionHandle,
  ExecutionNotFound,
  KeyConflict,
  ResultBeforeCommit,
  RootManagerRefused,
  Run,
  TransactionNotActive,
  Workflow,
} from 'nest-durable';
import { notesIn, openAppDataSource } from '../../support/app-data-source.js';
import { type DurableApp, startApp } from '../../support/durable-app.js';
import { failureOf } from '../../support/outcome.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

let runs: string[] = [];

@Workflow()
class Ship {
  @Run()
  async run(name: string) {
    runs.push(name);
    return name;
  }
}

const INSERT = 'INSERT INTO notes (text) VALUES ($1)';

describe('A start with the manager of a transaction', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let app: DurableApp;

  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = await openAppDataSource(database.url);
    app = await startApp({ database: { dataSource } }, [Ship]);
  });
  afterAll(async () => {
    await app.close();
    await dataSource.destroy();
    await database.drop();
  });
  beforeEach(async () => {
    runs = [];
    await dataSource.query('DELETE FROM notes');
  });

  it('runs when the transaction has committed, and not before', async () => {
    const handle = await dataSource.transaction(async (manager) => {
      await manager.query(INSERT, ['with it']);
      const started = await app.client.start(Ship, 'committed', { manager });
      // Another execution goes all the way meanwhile: this one would have been seen.
      await (await app.client.start(Ship, 'beside it')).result();
      expect(runs).toEqual(['beside it']);
      return started;
    });
    expect(await handle.result()).toBe('committed');
    expect(handle.created).toBe(true);
    expect(await notesIn(dataSource)).toEqual(['with it']);
  });

  it('leaves nothing behind where the transaction rolls back', async () => {
    const before = await app.client.countExecutions();
    let id = '';
    const rolledBack = dataSource.transaction(async (manager) => {
      await manager.query(INSERT, ['without it']);
      ({ id } = await app.client.start(Ship, 'rolled back', { manager, key: 'rolled back' }));
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    expect(await app.client.countExecutions()).toBe(before);
    await failureOf(app.client.getExecution(id), ExecutionNotFound);
    expect(await notesIn(dataSource)).toEqual([]);
    const again = await app.client.start(Ship, 'another input', { key: 'rolled back' });
    expect(again.created).toBe(true);
    expect(await again.result()).toBe('another input');
    expect(runs).toEqual(['another input']);
  });

  it('says after a rollback that there is no result, instead of waiting for ever', async () => {
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    const handle = await app.client.start(Ship, 'rolled back', { manager: runner.manager });
    await runner.rollbackTransaction();
    await runner.release();
    await failureOf(handle.result(), ExecutionNotFound);
  });

  it('gives no result before the commit', async () => {
    const handle = await dataSource.transaction(async (manager) => {
      const started = await app.client.start(Ship, 'early', { manager });
      expect(await failureOf(started.result(), ResultBeforeCommit)).toMatchObject({
        executionId: started.id,
      });
      return started;
    });
    expect(await handle.result()).toBe('early');
  });

  it('takes its key with it', async () => {
    await dataSource.transaction(async (manager) => {
      const first = await app.client.start(Ship, 'keyed', { manager, key: 'in transaction' });
      const second = await app.client.start(Ship, 'keyed', { manager, key: 'in transaction' });
      expect(second).toMatchObject({ id: first.id, created: false });
    });
    const after = await app.client.start(Ship, 'keyed', { key: 'in transaction' });
    expect(after.created).toBe(false);
    expect(await after.result()).toBe('keyed');
    expect(runs).toEqual(['keyed']);
  });

  it('leaves the transaction usable after a KeyConflict', async () => {
    await app.client.start(Ship, 'holder', { key: 'conflict' });
    await dataSource.transaction(async (manager) => {
      await failureOf(app.client.start(Ship, 'other', { manager, key: 'conflict' }), KeyConflict);
      await manager.query(INSERT, ['still there']);
    });
    expect(await notesIn(dataSource)).toEqual(['still there']);
  });

  it('works for startMany(): all or none', async () => {
    const handles = await dataSource.transaction((manager) =>
      app.client.startMany(Ship, ['a', 'b', 'c'], { manager }),
    );
    expect(await Promise.all(handles.map((handle) => handle.result()))).toEqual(['a', 'b', 'c']);
    const before = await app.client.countExecutions();
    await expect(
      dataSource.transaction(async (manager) => {
        await app.client.startMany(Ship, ['d', 'e'], { manager });
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(await app.client.countExecutions()).toBe(before);
  });

  it('leaves nothing of a startMany() that met a KeyConflict, also where the transaction commits', async () => {
    await app.client.start(Ship, 'holder', { key: 'second of three' });
    const before = await app.client.countExecutions();
    await dataSource.transaction(async (manager) => {
      const inputs = ['first of three', 'second of three', 'third of three'];
      await failureOf(app.client.startMany(Ship, inputs, { manager, key: (input) => input }), KeyConflict);
    });
    expect(await app.client.countExecutions()).toBe(before);
  });

  it('works for a start for later', async () => {
    const handle = await dataSource.transaction((manager) =>
      app.client.start(Ship, 'later', { manager, delay: 50 }),
    );
    expect(await handle.result()).toBe('later');
  });

  it('waits for nobody: an open transaction with a key holds up no other start', async () => {
    await dataSource.transaction(async (manager) => {
      await app.client.start(Ship, 'open', { manager, key: 'held open' });
      const others = await app.client.startMany(
        Ship,
        Array.from({ length: 20 }, (_, index) => `other ${index}`),
      );
      await Promise.all(others.map((handle) => handle.result()));
      const keyed = await app.client.start(Ship, 'other key', { key: 'another key' });
      await keyed.result();
    });
  });

  it('keeps nobody from the database, however often its key is started again meanwhile', async () => {
    let repeated: Promise<ExecutionHandle[]> = Promise.resolve([]);
    const first = await dataSource.transaction(async (manager) => {
      const started = await app.client.start(Ship, 'slow', { manager, key: 'slow' });
      // More than there are connections: a webhook that is delivered again and again.
      repeated = Promise.all(
        Array.from({ length: 30 }, () => app.client.start(Ship, 'slow', { key: 'slow' })),
      );
      repeated.catch(() => undefined);
      const other = await app.client.start(Ship, 'beside it', { key: 'beside the slow one' });
      expect(await other.result()).toBe('beside it');
      return started;
    });
    for (const handle of await repeated) expect(handle).toMatchObject({ id: first.id, created: false });
    expect(await first.result()).toBe('slow');
  });

  describe('is refused', () => {
    it('with the root manager, saying what to pass', async () => {
      const before = await app.client.countExecutions();
      for (const manager of [dataSource.manager, dataSource.createEntityManager()]) {
        const failure = await failureOf(app.client.start(Ship, 'root', { manager }), RootManagerRefused);
        expect(failure.message).toContain('dataSource.transaction');
        await failureOf(app.client.startMany(Ship, ['root'], { manager }), RootManagerRefused);
      }
      expect(await app.client.countExecutions()).toBe(before);
    });

    it('with the root DataSource itself', async () => {
      const manager = dataSource as unknown as typeof dataSource.manager;
      await failureOf(app.client.start(Ship, 'root', { manager }), RootManagerRefused);
    });

    it('with a manager whose transaction is over, or has not begun', async () => {
      const runner = dataSource.createQueryRunner();
      const { manager } = runner;
      await failureOf(app.client.start(Ship, 'not begun', { manager }), TransactionNotActive);
      await runner.startTransaction();
      await runner.commitTransaction();
      await failureOf(app.client.start(Ship, 'over', { manager }), TransactionNotActive);
      await runner.release();
    });
  });
});
