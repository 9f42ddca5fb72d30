import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { execution, Parallel, Pipeline, Step, transaction, Workflow } from 'nest-durable';
import { notesIn, openAppDataSource } from '../../support/app-data-source.js';
import { type DurableApp, startApp } from '../../support/durable-app.js';
import { Gate } from '../../support/gate.js';
import { causeOf } from '../../support/outcome.js';
import { HASTY } from '../../support/restart.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

let ran: string[] = [];
let fails = new Gate();
let written = new Gate();
let gate = new Gate();

async function write(text: string): Promise<void> {
  ran.push(text);
  await transaction().query('INSERT INTO notes (text) VALUES ($1)', [text]);
}

@Workflow()
class Aborted extends Pipeline {
  @Parallel(['bad', 'writes'])
  together() {}

  @Step({ in: 'together', retry: { maxAttempts: 1 } })
  async bad() {
    await fails.pass();
    throw new Error('bad');
  }

  @Step({ in: 'together', transactional: true, retry: { maxAttempts: 3, base: 0 } })
  async writes() {
    await write('never seen');
    written.open();
    await new Promise(() => undefined);
  }
}

@Workflow()
class Writes extends Pipeline<void, { one?: number; two?: number; three?: number }> {
  @Parallel(['one', 'two', 'three'])
  together() {}

  @Step({ in: 'together', transactional: true })
  async one() {
    await write('one');
    return { one: 1 };
  }

  @Step({ in: 'together', transactional: true })
  async two() {
    await write('two');
    return { two: 2 };
  }

  @Step({ in: 'together' })
  three() {
    return { three: 3 };
  }

  @Step()
  async held() {
    await gate.pass(execution().signal);
  }
}

const PROVIDERS = [Aborted, Writes];

describe('Transactional steps side by side', () => {
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
    ran = [];
    fails = new Gate();
    written = new Gate();
    gate = new Gate();
    await dataSource.query('DELETE FROM notes');
    app = await startApp({ database: { dataSource }, ...HASTY }, PROVIDERS);
  });
  afterEach(() => app.close());

  it('write nothing where a sibling fails, and are not tried again', async () => {
    const handle = await app.client.start(Aborted);
    await written.pass();
    fails.open();
    expect((await causeOf(handle, Error)).message).toBe('bad');
    expect(ran).toEqual(['never seen']);
    expect(await notesIn(dataSource)).toEqual([]);
  });

  it('write once, also where another process goes on', async () => {
    const { id } = await app.client.start(Writes);
    await gate.reached();
    await app.close();
    gate.open();
    app = await startApp({ database: { dataSource }, ...HASTY }, PROVIDERS);
    expect(await (await app.client.handle(Writes, { id })).result()).toEqual({ one: 1, two: 2, three: 3 });
    expect((await notesIn(dataSource)).toSorted()).toEqual(['one', 'two']);
  });
});
