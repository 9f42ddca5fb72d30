import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Type } from 'class-transformer';
import { ArrayNotEmpty, IsInt, IsString, Min, ValidateNested } from 'class-validator';
import {
  execution,
  ExecutionCancelled,
  hours,
  InvalidInput,
  Pipeline,
  Run,
  StartExpired,
  Step,
  step,
  Workflow,
  WorkflowNotRegistered,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import { eventually } from '../../support/eventually.js';
import { Gate } from '../../support/gate.js';
import { failureOf } from '../../support/outcome.js';

let runs: unknown[] = [];
let gate = new Gate();

@Workflow()
class Note {
  @Run()
  async run(name: string) {
    runs.push(name);
    return name;
  }
}

@Workflow({ name: 'held', priority: 5, queue: 'default' })
class Held {
  @Run()
  async run() {
    await step('gate', () => gate.pass(execution().signal));
  }
}

class Line {
  @IsString()
  sku!: string;

  @IsInt()
  @Min(1)
  count!: number;
}

class OrderInput {
  @IsString()
  customer!: string;

  @ArrayNotEmpty()
  @ValidateNested({ each: true })
  @Type(() => Line)
  lines!: Line[];
}

@Workflow({ input: OrderInput })
class Order extends Pipeline<OrderInput> {
  @Step()
  note(data: OrderInput) {
    runs.push(data);
  }
}

@Workflow()
class Unregistered {
  @Run()
  async run() {}
}

class NoWorkflow {
  async run() {}
}

const PROVIDERS = [Note, Held, Order];

onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    runs = [];
    gate = new Gate();
  });
  afterEach(() => database.closeApps());

  describe('A start for later', () => {
    it.each([
      ['startAt', () => ({ startAt: new Date(Date.now() + 150) })],
      ['delay', () => ({ delay: '150ms' })],
    ])('with %s is pending until then, and runs then', async (_, options) => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Note, 'later', options());
      expect(await handle.status()).toBe('pending');
      const { dueAt } = await client.getExecution(handle.id);
      expect(await handle.result()).toBe('later');
      const { startedAt } = await client.getExecution(handle.id);
      expect(startedAt?.getTime()).toBeGreaterThanOrEqual(dueAt?.getTime() ?? NaN);
    });

    it('says when it begins', async () => {
      const { client } = await database.start(PROVIDERS);
      const startAt = new Date(Date.now() + hours(24 * 365 * 50));
      const handle = await client.start(Note, 'much later', { startAt });
      expect((await client.getExecution(handle.id)).dueAt).toEqual(startAt);
      await handle.cancel();
    });

    it('in the past begins at once', async () => {
      const { client } = await database.start(PROVIDERS);
      await (await client.start(Note, 'past', { startAt: new Date(0) })).result();
      await (await client.start(Note, 'zero', { delay: 0 })).result();
      expect(runs).toEqual(['past', 'zero']);
    });
  });

  describe('expiresIn', () => {
    it('ends an execution that no worker began in time', async () => {
      const { client } = await database.start(PROVIDERS, { worker: false });
      const handle = await client.start(Note, 'expired', { expiresIn: '50ms' });
      const failure = await failureOf(handle.result(), StartExpired);
      expect(failure.executionId).toBe(handle.id);
      expect(await handle.status()).toBe('cancelled');
      expect(failure).not.toBeInstanceOf(ExecutionCancelled);
    });

    it('does nothing to one that was begun in time', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Held, undefined, { expiresIn: 500 });
      await gate.reached();
      const clock = await client.start(Note, 'the time is over', { delay: 550 });
      await clock.result();
      gate.open();
      await handle.result();
    });
  });

  it('The higher the priority, the sooner an execution is taken from its queue', async () => {
    const { client } = await database.start(PROVIDERS, { queues: { default: { concurrency: 1 } } });
    await client.start(Held);
    await gate.reached();
    const handles = [];
    for (const priority of [0, -100, 50, 100, -1, 0]) {
      handles.push(await client.start(Note, `${priority} (${handles.length})`, { priority }));
    }
    gate.open();
    await Promise.all(handles.map((handle) => handle.result()));
    expect(runs).toEqual(['100 (3)', '50 (2)', '0 (0)', '0 (5)', '-1 (4)', '-100 (1)']);
  });

  it('A start keeps its attributes, its priority and its timeout, and takes the others from the workflow', async () => {
    const { client } = await database.start(PROVIDERS, { worker: false });
    const attributes = { customer: 'acme', count: 2.5, vip: false, nobody: null };
    const given = await client.start(Held, undefined, { attributes, priority: -3, timeout: '1h' });
    const { createdAt, ...execution } = await client.getExecution(given.id);
    expect(execution).toMatchObject({
      attributes,
      priority: -3,
      queue: 'default',
      version: 1,
      workflow: 'held',
    });
    expect(execution.deadlineAt?.getTime()).toBe(createdAt.getTime() + hours(1));
    const plain = await client.start(Held);
    expect(await client.getExecution(plain.id)).toMatchObject({ attributes: {}, priority: 5 });
    const { executions } = await client.listExecutions({ attributes: { vip: false, count: 2.5 } });
    expect(executions.map(({ id }) => id)).toEqual([given.id]);
    await Promise.all([given.cancel(), plain.cancel()]);
  });

  describe('The input class of a workflow', () => {
    const valid: OrderInput = { customer: 'ann', lines: [{ sku: 'a', count: 1 }] };

    it('lets through what it accepts, as a plain object', async () => {
      const { client } = await database.start(PROVIDERS);
      const input = Object.assign(new OrderInput(), { customer: 'ann', lines: valid.lines });
      for (const each of [valid, input])
        expect(await (await client.start(Order, each)).result()).toEqual(valid);
      expect(runs).toEqual([valid, valid]);
    });

    it.each<[string, unknown, Record<string, RegExp>]>([
      ['a field', { ...valid, customer: 7 }, { customer: /string/ }],
      [
        'nested fields',
        {
          customer: 'ann',
          lines: [
            { sku: 'a', count: 0 },
            { sku: 1, count: 'x' },
          ],
        },
        { 'lines.0.count': /less than 1/, 'lines.1.sku': /string/, 'lines.1.count': /integer/ },
      ],
      ['an empty list', { ...valid, lines: [] }, { lines: /empty/ }],
      ['everything', {}, { customer: /string/, lines: /empty/ }],
    ])('refuses %s with the messages of the fields, and writes nothing', async (_, input, fields) => {
      const { client } = await database.start(PROVIDERS);
      const before = await client.countExecutions();
      const failure = await failureOf(client.start(Order, input as OrderInput, { key: 'k' }), InvalidInput);
      const byPath = Object.fromEntries(failure.fields.map(({ path, messages }) => [path, messages.join()]));
      expect(Object.keys(byPath).sort()).toEqual(Object.keys(fields).sort());
      for (const [path, message] of Object.entries(fields)) expect(byPath[path]).toMatch(message);
      expect(await client.countExecutions()).toBe(before);
    });

    it('refuses what is no object', async () => {
      const { client } = await database.start(PROVIDERS);
      for (const input of [undefined, null, 'text', 7, [], new Date(0), new Map()]) {
        await failureOf(client.start(Order, input as unknown as OrderInput), InvalidInput);
      }
    });

    it('refuses all of a startMany() for one bad input, also by name', async () => {
      const { client } = await database.start(PROVIDERS);
      const before = await client.countExecutions();
      const inputs = [valid, { ...valid, customer: 7 }] as OrderInput[];
      await failureOf(client.startMany(Order, inputs), InvalidInput);
      await failureOf(client.startMany<Order>('order', inputs), InvalidInput);
      expect(await client.countExecutions()).toBe(before);
    });
  });

  describe('A start by name', () => {
    it('is the same as one by class', async () => {
      const { client } = await database.start(PROVIDERS);
      expect(await (await client.start<Note>('note', 'by name')).result()).toBe('by name');
    });

    it('of a workflow that nobody knows waits, breaks nothing, and runs when somebody does', async () => {
      const first = await database.start([Note]);
      const unknown = await first.client.start('held');
      expect(await (await first.client.start(Note, 'beside it')).result()).toBe('beside it');
      expect(await unknown.status()).toBe('pending');
      await first.close();
      gate.open();
      const second = await database.start(PROVIDERS);
      await (await second.client.handle('held', { id: unknown.id })).result();
      expect(await second.client.getExecution(unknown.id)).toMatchObject({ status: 'completed' });
    });
  });

  it('A class that is in no module, or no workflow, is WorkflowNotRegistered', async () => {
    const { client } = await database.start(PROVIDERS);
    const failure = await failureOf(client.start(Unregistered), WorkflowNotRegistered);
    expect(failure.message).toContain('`providers`');
    await failureOf(client.startMany(Unregistered, [undefined]), WorkflowNotRegistered);
    await failureOf(client.start(NoWorkflow), WorkflowNotRegistered);
    await failureOf(client.handle(Unregistered, { key: 'a' }), WorkflowNotRegistered);
  });

  describe('retry()', () => {
    it('starts a new, linked execution with the input and options of one that has ended', async () => {
      const { client } = await database.start(PROVIDERS);
      const first = await client.start(Note, 'again', { key: 'mine', attributes: { a: 1 }, priority: 3 });
      await first.result();
      const second = await client.retry(first.id);
      expect(second).toMatchObject({ created: true, workflow: 'note' });
      expect(await second.result()).toBe('again');
      expect(await client.getExecution(second.id)).toMatchObject({
        originId: first.id,
        key: undefined,
        input: 'again',
        attributes: { a: 1 },
        priority: 3,
      });
      expect((await client.handle(Note, { key: 'mine' })).id).toBe(first.id);
      expect(runs).toEqual(['again', 'again']);
    });
  });

  it('result({ timeout }) gives up waiting, and the execution goes on', async () => {
    const { client } = await database.start(PROVIDERS);
    const handle = await client.start(Held);
    await expect(handle.result({ timeout: 20 })).rejects.toMatchObject({ code: 'DURABLE_RESULT_TIMEOUT' });
    gate.open();
    await handle.result({ timeout: '10s' });
    await eventually(async () => (await handle.status()) === 'completed');
  });
});
