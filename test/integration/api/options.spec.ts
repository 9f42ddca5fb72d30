import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  DatabaseUnavailable,
  type DurableError,
  type DurableOptions,
  EmbeddedInProduction,
  InvalidOptions,
  MigrationsPending,
  Run,
  Workflow,
} from 'nest-durable';
import { startApp } from '../../support/durable-app.js';
import { failureOf } from '../../support/outcome.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

@Workflow()
class Greet {
  @Run()
  async run(name: string) {
    return `Hello ${name}`;
  }
}

const url = 'postgres://nobody@127.0.0.1:1/nothing';
const wrong = (options: object): DurableOptions => ({ database: { url }, ...options }) as DurableOptions;

/** Each with the words that its fault must have. */
const faults: readonly [DurableOptions, RegExp][] = [
  [wrong({ concurency: 5 }), /no option 'concurency'/],
  [wrong({ polInterval: '1s' }), /no option 'polInterval'.*pollInterval/],
  [wrong({ schema: 'x'.repeat(64) }), /schema/],
  [wrong({ schema: '' }), /schema/],
  [wrong({ schema: 7 }), /schema/],
  [wrong({ schema: 'nul\0' }), /schema/],
  [wrong({ migrate: 'yes' }), /migrate/],
  [wrong({ worker: 1 }), /worker/],
  [wrong({ poolSize: 0 }), /poolSize/],
  [wrong({ poolSize: 1.5 }), /poolSize/],
  [wrong({ lease: 'soon' }), /lease/],
  [wrong({ lease: 10 }), /lease/],
  [wrong({ lease: Infinity }), /lease/],
  [wrong({ pollInterval: -1 }), /pollInterval/],
  [wrong({ pollInterval: 0 }), /pollInterval/],
  [wrong({ pollInterval: NaN }), /pollInterval/],
  [wrong({ shutdownTimeout: {} }), /shutdownTimeout/],
  [wrong({ timezone: 'Europe/Berlln' }), /timezone/],
  [wrong({ timezone: '+02:00' }), /timezone/],
  [wrong({ timezone: null }), /timezone/],
  [wrong({ queues: {} }), /queues/],
  [wrong({ queues: null }), /queues/],
  [wrong({ queues: 'default' }), /queues/],
  [wrong({ queues: [] }), /queues/],
  [wrong({ queues: ['default'] }), /queues/],
  [wrong({ queues: { default: 5 } }), /queues\.default/],
  [wrong({ queues: { default: { concurrency: 0 } } }), /queues\.default\.concurrency/],
  [wrong({ queues: { default: { concurrency: '5' } } }), /queues\.default\.concurrency/],
  [wrong({ queues: { default: { limit: 5 } } }), /queues\.default.*'limit'/],
  [wrong({ queues: { default: { pollInterval: 'x' } } }), /queues\.default\.pollInterval/],
  [wrong({ queues: { '': {} } }), /queues/],
  [wrong({ queues: { 'nul\0': {} } }), /queues/],
  [wrong({ database: {} }), /database/],
  [wrong({ database: null }), /database/],
  [wrong({ database: url }), /database/],
  [wrong({ database: { url, embedded: ':memory:' } }), /database/],
  [wrong({ database: { url: '' } }), /database\.url/],
  [wrong({ database: { url: 5 } }), /database\.url/],
  [wrong({ database: { uri: url } }), /database/],
  [wrong({ database: { dataSource: {} } }), /database\.dataSource/],
  [wrong({ database: { dataSource: 'nowhere' } }), /'nowhere'/],
  [wrong({ database: { url: 'http://[' } }), /database\.url/],
];

describe('The options of DurableModule', () => {
  const named = faults.map(
    ([options, fault]) => [inspect(options, { breakLength: Infinity }), options, fault] as const,
  );

  it.each(named)('are refused: %s', async (_, options, fault) => {
    const failure = await failureOf(startApp(options, [Greet]), InvalidOptions);
    expect(failure.message).toMatch(fault);
  });

  it('have all their faults listed at once', async () => {
    const options = wrong({
      unknown: 1,
      schema: '',
      lease: 'x',
      worker: 'x',
      queues: { a: { concurrency: -1 }, b: 5 },
    });
    const { faults: listed } = await failureOf(startApp(options, [Greet]), InvalidOptions);
    for (const word of ['unknown', 'schema', 'lease', 'worker', 'queues.a', 'queues.b']) {
      expect(listed.filter((fault) => fault.includes(word))).not.toEqual([]);
    }
    expect(listed.length).toBeGreaterThanOrEqual(6);
  });

  it('with a database that cannot be reached are DatabaseUnavailable, without its password', async () => {
    const hidden = 'postgres://ann:secret@127.0.0.1:1/shop';
    const failure = await failureOf(startApp({ database: { url: hidden } }, [Greet]), DatabaseUnavailable);
    expect(failure.message).toContain('127.0.0.1:1');
    expect(failure.message).not.toContain('secret');
  });
});

describe('Where NODE_ENV is "production"', () => {
  const before = { ...process.env };
  let database: TestDatabase;

  beforeEach(async () => {
    process.env['NODE_ENV'] = 'production';
    delete process.env['DURABLE_DATABASE_URL'];
    database = await createTestDatabase({ migrated: false });
  });
  afterEach(async () => {
    process.env = { ...before };
    await database.drop();
  });

  it('the embedded database is refused, named or not', async () => {
    for (const options of [{}, { database: { embedded: ':memory:' } }]) {
      const failure: DurableError = await failureOf(startApp(options, [Greet]), EmbeddedInProduction);
      expect(failure.message).toContain('DURABLE_DATABASE_URL');
    }
  });

  it('pending migrations are refused, saying what to run, and nothing is made', async () => {
    for (let round = 0; round < 2; round += 1) {
      const failure = await failureOf(
        startApp({ database: { url: database.url } }, [Greet]),
        MigrationsPending,
      );
      expect(failure.migrations.length).toBeGreaterThan(0);
      expect(failure.message).toContain('migrate: true');
    }
  });

  it('DURABLE_DATABASE_URL names the database', async () => {
    process.env['DURABLE_DATABASE_URL'] = database.url;
    const app = await startApp({ migrate: true }, [Greet]);
    expect(await (await app.client.start(Greet, 'you')).result()).toBe('Hello you');
    await app.close();
    // The tables are there now.
    await (await startApp({}, [Greet])).close();
  });
});
