import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';
import {
  type DurableClient,
  DurableError,
  type ExecutionHandle,
  Pipeline,
  Run,
  type StartOptions,
  Step,
  Workflow,
} from 'nest-durable';
import { onEachDatabase } from '../../support/api-database.js';
import type { DurableApp } from '../../support/durable-app.js';
import { failureOf } from '../../support/outcome.js';

@Workflow()
class Greet {
  @Run()
  async run(name: string) {
    return `Hello ${name}`;
  }
}

@Workflow()
class Line extends Pipeline<{ a?: number }> {
  @Step()
  pass() {}
}

const NUL = 'a\0b';
const SURROGATE = 'a\ud800b';
/** What no option that is a text takes, and no option that is a number. */
const noTexts = [7, null, {}, [], true, '', NUL, SURROGATE, 'x'.repeat(100_000), Symbol('s'), () => 'x'];
const noDurations = [
  -1,
  -0.5,
  NaN,
  Infinity,
  '',
  'soon',
  '-5s',
  '5 parsecs',
  '1e3',
  null,
  {},
  [],
  true,
  1e300,
];
const noDates = [new Date(NaN), new Date(8.64e15 + 1), '2026-01-01', 1_000, null, {}];

const wrongOptions: Readonly<Record<string, readonly unknown[]>> = {
  key: noTexts,
  queue: noTexts,
  priority: [1.5, 101, -101, NaN, Infinity, '5', null, {}],
  startAt: noDates,
  delay: noDurations,
  expiresIn: [0, ...noDurations],
  timeout: [0, ...noDurations],
  attributes: [
    null,
    7,
    'text',
    [],
    new Map([['a', 1]]),
    new Date(0),
    { a: {} },
    { a: [] },
    { a: undefined },
    { a: NaN },
    { a: NUL },
    { a: SURROGATE },
    { [NUL]: 1 },
    { '': 1 },
    { a: 1n },
    { a: () => 1 },
  ],
  manager: [null, 7, 'manager', {}, { query: () => [] }],
  unknown: [1, undefined],
  prioritty: [5],
};

const wrongIds = [undefined, null, 7, {}, [], '', 'no id', NUL, SURROGATE, 'x'.repeat(100_000), Symbol('s')];

type Call = (client: DurableClient, handle: ExecutionHandle, value: never) => Promise<unknown>;

const calls: Readonly<Record<string, readonly [Call, readonly unknown[]]>> = {
  'start() with a workflow': [
    (client, _, value) => client.start(value, 'input' as never),
    [undefined, null, 7, {}, [], '', NUL, SURROGATE, 'x'.repeat(100_000), Symbol('s'), () => 1, class {}],
  ],
  'start() with options': [
    (client, _, value) => client.start(Greet, 'x', value),
    [null, 7, 'text', [], true],
  ],
  'start() of a pipeline with an input': [
    (client, _, value) => client.start(Line, value),
    [7, 'text', [], new Date(0), new Map(), true, 1n, NaN, () => 1, Symbol('s')],
  ],
  'startMany() with inputs': [
    (client, _, value) => client.startMany(Greet, value),
    [undefined, null, 7, 'text', {}, new Set(['a']), { length: 1 }],
  ],
  'startMany() with options': [
    (client, _, value) => client.startMany(Greet, ['a'], value),
    [
      null,
      7,
      'text',
      [],
      { key: 'text' },
      { key: () => undefined },
      { key: () => 7 },
      { key: () => NUL },
      { unknown: 1 },
    ],
  ],
  'handle() with a workflow': [
    (client, { id }, value) => client.handle(value, { id }),
    [undefined, null, 7, {}, [], '', NUL, SURROGATE, Symbol('s'), () => 1, class {}],
  ],
  'handle() with a reference': [
    (client, _, value) => client.handle(Greet, value),
    [
      undefined,
      null,
      7,
      'id',
      {},
      [],
      ...wrongIds.map((id) => ({ id })),
      ...wrongIds.map((key) => ({ key })),
      { id: 'no id', key: 'no key' },
    ],
  ],
  'getExecution() with an id': [(client, _, value) => client.getExecution(value), wrongIds],
  'getExecution() with options': [
    (client, { id }, value) => client.getExecution(id, value),
    [null, 7, 'steps', [], { steps: 'yes' }, { step: true }],
  ],
  'cancel() with an id': [(client, _, value) => client.cancel(value), wrongIds],
  'cancel() with a reason': [
    (client, { id }, value) => client.cancel(id, value),
    [7, {}, [], true, NUL, SURROGATE, Symbol('s')],
  ],
  'handle.cancel() with a reason': [
    (_, handle, value) => handle.cancel(value),
    [7, {}, [], true, NUL, SURROGATE],
  ],
  'retry() with an id': [(client, _, value) => client.retry(value), wrongIds],
  'result() with options': [
    (_, handle, value) => handle.result(value),
    [null, 7, 'text', [], { timout: 1 }, ...noDurations.map((timeout) => ({ timeout }))],
  ],
  'listExecutions() with a filter': [
    (client, _, value) => client.listExecutions(value),
    [
      null,
      7,
      'text',
      [],
      { unknown: 1 },
      { status: 'done' },
      { status: [] },
      { limit: 0 },
      { limit: 1_001 },
      { limit: NaN },
      { cursor: 'x' },
      { cursor: 7 },
      { createdAfter: new Date(NaN) },
      { createdBefore: 5 },
      { attributes: { a: {} } },
      { parentId: 'no id' },
      { workflow: NUL },
      { workflow: class {} },
      { queue: '' },
      { step: SURROGATE },
    ],
  ],
  'countExecutions() with a filter': [
    (client, _, value) => client.countExecutions(value),
    [null, 7, 'text', [], { unknown: 1 }, { status: 'done' }, { createdAfter: 'x' }],
  ],
};

const shown = (value: unknown): string =>
  inspect(value, { depth: 3, breakLength: Infinity, maxStringLength: 20 });

/** At once, with an error of the engine, and a sentence that one can read. */
async function expectRefused(call: () => Promise<unknown>): Promise<void> {
  const failure = await failureOf(within((async () => call())()), DurableError);
  expect(failure.code).toMatch(/^DURABLE_/);
  expect(failure.message.length).toBeLessThan(2_000);
}

/** A call that should have been refused may wait for ever. */
async function within(promise: Promise<unknown>): Promise<unknown> {
  const timeout = new AbortController();
  const late = pause(2_000, 'It was not refused.', { signal: timeout.signal });
  try {
    return await Promise.race([promise, late]);
  } finally {
    timeout.abort();
    late.catch(() => undefined);
  }
}

onEachDatabase((database) => {
  let app: DurableApp;
  let handle: ExecutionHandle;
  let count = 0;

  beforeAll(async () => {
    app = await database.start([Greet, Line]);
    handle = await app.client.start(Greet, 'delayed', { delay: '1h' });
    count = await app.client.countExecutions();
  });
  afterAll(async () => {
    await app.close();
  });

  describe.each(Object.entries(wrongOptions))('The option %s of a start', (option, values) => {
    it.each(values.map((value) => [shown(value), value]))('refuses %s', async (_, value) => {
      const options = { [option]: value } as StartOptions;
      // Left out and undefined are the same, except for an option that there is not.
      await expectRefused(() => app.client.start(Greet, 'x', options));
      if (option !== 'key') await expectRefused(() => app.client.startMany(Greet, ['x'], options as object));
    });
  });

  it('startAt and delay exclude each other', async () => {
    await expectRefused(() => app.client.start(Greet, 'x', { startAt: new Date(), delay: 1 }));
  });

  describe.each(Object.entries(calls))('%s', (_, [call, values]) => {
    it.each(values.map((value) => [shown(value), value]))('refuses %s', async (_text, value) => {
      await expectRefused(() => call(app.client, handle, value as never));
    });
  });

  it('None of it has written anything, or harmed what was there', async () => {
    expect(await app.client.countExecutions()).toBe(count);
    expect(await handle.status()).toBe('pending');
    expect(await (await app.client.start(Greet, 'well')).result()).toBe('Hello well');
  });
});
