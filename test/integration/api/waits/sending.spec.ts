import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { IsInt, IsString, Min } from 'class-validator';
import {
  defineEvent,
  ExecutionFinished,
  ExecutionNotFound,
  InvalidArgument,
  InvalidEvent,
  NotSerializable,
  RootManagerRefused,
  type StandardSchema,
  waitForAny,
  waitForEvent,
  Workflow,
  Run,
  WorkflowNotRegistered,
} from 'nest-durable';
import { onEachDatabase } from '../../../support/api-database.js';
import type { DurableApp } from '../../../support/durable-app.js';
import { failureOf } from '../../../support/outcome.js';
import { begin, callOf, Coded, listening, parked } from './coded.js';

class PaidDto {
  @IsString() id!: string;
  @IsInt() @Min(1) total!: number;
}
const Paid = defineEvent('payment.success', PaidDto);

/** A schema that makes something else of what it takes, as Zod and its like do. */
const amount: StandardSchema<{ total: string }, { total: number }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => {
      const total = Number((value as { total?: unknown } | null)?.total);
      return Number.isInteger(total)
        ? { value: { total } }
        : { issues: [{ message: 'is no whole number', path: ['total'] }, { message: 'is wrong' }] };
    },
  },
};
const Amount = defineEvent('amount', amount);
const Later = defineEvent('later', {
  '~standard': { ...amount['~standard'], validate: async (value) => amount['~standard'].validate(value) },
} satisfies StandardSchema<{ total: string }, { total: number }>);

const BIG = 'x'.repeat(1_000_000);

class Socket {}

const carried: Readonly<Record<string, unknown>> = {
  undefined: undefined,
  null: null,
  'an empty text': '',
  false: false,
  NaN: NaN,
  'a Date': new Date(1_700_000_000_000),
  'a Map': new Map([['a', new Set([1n])]]),
  'a Buffer': Buffer.from([0, 255]),
  'undefined in an object': { a: undefined, b: [undefined, null] },
  'an emoji and a quote': `😀 ' " \\ {}`,
  'a megabyte': BIG,
};

const refused: Readonly<Record<string, unknown>> = {
  'text with NUL': { user: { name: 'a\0b' } },
  'a lone surrogate': ['\ud800'],
  'a function': () => 1,
  'a symbol': Symbol('s'),
  'an instance of a class': { socket: new Socket() },
  'a promise': Promise.resolve(1),
};

const wrongNames: readonly unknown[] = [
  undefined,
  null,
  5,
  '',
  ' a',
  'a\n',
  'a\0',
  '\ud800',
  'x'.repeat(201),
  {},
  [],
];
const wrongOptions: readonly unknown[] = [
  null,
  5,
  'key',
  [],
  { idempotencykey: 'x' },
  { idempotencyKey: '' },
  { idempotencyKey: 5 },
  { idempotencyKey: 'a\0' },
  { idempotencyKey: 'x'.repeat(10_000) },
  { manager: 5 },
  { manager: null },
];
const wrongTargets: readonly unknown[] = [
  undefined,
  null,
  5,
  {},
  [],
  { key: 'a' },
  { workflow: 'coded' },
  { workflow: 5, key: 'a' },
  { workflow: 'coded', key: 5 },
  { workflow: 'coded', key: 'a\0' },
  { workflow: '', key: 'a' },
];

@Workflow({ name: 'nowhere' })
class Unregistered {
  @Run() async run() {}
}

onEachDatabase((database) => {
  let app: DurableApp;
  beforeAll(async () => {
    app = await database.start([Coded]);
  });
  afterAll(() => database.closeApps());

  describe('sendEvent()', () => {
    it('finds the execution by workflow and key: by the class, and by its name', async () => {
      const handle = await begin(app.client, () => Promise.all([waitForEvent('a'), waitForEvent('a')]), {
        key: 'by key',
      });
      expect(await app.client.sendEvent({ workflow: Coded, key: 'by key' }, 'a', 1)).toEqual({
        created: true,
      });
      await app.client.sendEvent({ workflow: 'coded', key: 'by key' }, 'a', 2);
      expect(await handle.result()).toEqual([1, 2]);
    });

    it('takes the id in whatever case', async () => {
      const handle = await begin(app.client, () => waitForEvent('a'));
      await app.client.sendEvent(handle.id.toUpperCase(), 'a', 1);
      expect(await handle.result()).toBe(1);
    });

    it.each(Object.entries(carried))('carries %s', async (_, payload) => {
      const handle = await begin(app.client, async () => {
        const [one, any] = await Promise.all([waitForEvent('a'), waitForAny(['b'])]);
        return [one, any];
      });
      await app.client.sendEvent(handle.id, 'a', payload);
      await app.client.sendEvent(handle.id, 'b', payload);
      const [one, any] = (await handle.result()) as [unknown, { payload: unknown }];
      expect(one).toEqual(payload);
      expect(any).toEqual({ event: 'b', payload });
    });

    it.each(Object.entries(refused))('refuses %s, and sends nothing', async (_, payload) => {
      const handle = await begin(app.client, () => waitForEvent('a'));
      const failure = await failureOf(app.client.sendEvent(handle.id, 'a', payload), NotSerializable);
      expect(failure.message).toContain('$');
      await failureOf(
        app.client.sendEvent(handle.id, 'a', payload, { idempotencyKey: 'same' }),
        NotSerializable,
      );
      // Neither an event, nor a key that would be in the way of this one.
      expect(await app.client.sendEvent(handle.id, 'a', 'good', { idempotencyKey: 'same' })).toEqual({
        created: true,
      });
      expect(await handle.result()).toBe('good');
    });

    it('refuses an execution that is not there', async () => {
      for (const target of ['018f0000-0000-7000-8000-000000000000', 'no id', '']) {
        await failureOf(app.client.sendEvent(target, 'a', 1), ExecutionNotFound);
        await failureOf(app.client.sendEvent(target, 'a', 1, { idempotencyKey: 'k' }), ExecutionNotFound);
      }
      const byKey = { workflow: Coded, key: 'nobody has this' };
      const failure = await failureOf(app.client.sendEvent(byKey, 'a'), ExecutionNotFound);
      expect(failure.message).toContain('nobody has this');
      await failureOf(app.client.sendEvent({ workflow: 'no_such', key: 'x' }, 'a'), ExecutionNotFound);
      await failureOf(app.client.sendEvent({ workflow: Unregistered, key: 'x' }, 'a'), WorkflowNotRegistered);
    });

    it('refuses an execution that has finished, whatever its end', async () => {
      const completed = await begin(app.client, async () => 'done', { key: 'finished' });
      await completed.result();
      const cancelled = await begin(app.client, () => waitForEvent('a'));
      await listening(app.client, cancelled.id);
      await cancelled.cancel('off');
      for (const target of [completed.id, { workflow: Coded, key: 'finished' }]) {
        const failure = await failureOf(app.client.sendEvent(target, 'a', 1), ExecutionFinished);
        expect(failure).toMatchObject({ status: 'completed', action: 'sendEvent()' });
      }
      const failure = await failureOf(
        app.client.sendEvent(cancelled.id, 'a', 1, { idempotencyKey: 'k' }),
        ExecutionFinished,
      );
      expect(failure.status).toBe('cancelled');
    });

    it('refuses every wrong argument', async () => {
      const { id } = await begin(app.client, () => waitForEvent('a'));
      const send = app.client.sendEvent.bind(app.client) as (...args: unknown[]) => Promise<unknown>;
      for (const name of wrongNames) await failureOf(send(id, name, 1), InvalidArgument);
      for (const options of wrongOptions) await failureOf(send(id, 'a', 1, options), InvalidArgument);
      for (const target of wrongTargets) await failureOf(send(target, 'a', 1), InvalidArgument);
      await listening(app.client, id);
    });

    it('says what is wrong with a manager that is none of a transaction', async () => {
      const { id } = await begin(app.client, () => waitForEvent('a'));
      const manager = { queryRunner: undefined } as never;
      await failureOf(app.client.sendEvent(id, 'a', 1, { manager }), RootManagerRefused);
    });
  });

  describe('An idempotencyKey', () => {
    it('makes an event one event, however often it is sent, and whatever is sent with it', async () => {
      const handle = await begin(app.client, async () => [
        await waitForEvent('a'),
        await waitForEvent('a'),
        await waitForEvent('a', { timeout: 30, timeoutValue: 'no third' }),
      ]);
      await listening(app.client, handle.id);
      const options = { idempotencyKey: 'delivery 1' };
      expect(await app.client.sendEvent(handle.id, 'a', 1, options)).toEqual({ created: true });
      expect(await app.client.sendEvent(handle.id, 'a', 1, options)).toEqual({ created: false });
      expect(await app.client.sendEvent(handle.id, 'b', 2, options)).toEqual({ created: false });
      await app.client.sendEvent(handle.id, 'a', 3, { idempotencyKey: 'delivery 2' });
      expect(await handle.result()).toEqual([1, 3, 'no third']);
      // Also after the end: who sends it again hears what he heard before.
      expect(await app.client.sendEvent(handle.id, 'a', 1, options)).toEqual({ created: false });
      await failureOf(
        app.client.sendEvent(handle.id, 'a', 1, { idempotencyKey: 'delivery 3' }),
        ExecutionFinished,
      );
    });

    it('is sent once by twenty at once', async () => {
      const handle = await begin(app.client, async () => [
        await waitForEvent('a'),
        await waitForEvent('a', { timeout: 50, timeoutValue: 'once' }),
      ]);
      const sent = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          app.client.sendEvent(handle.id, 'a', n, { idempotencyKey: 'the same' }),
        ),
      );
      expect(sent.filter(({ created }) => created)).toHaveLength(1);
      expect(await handle.result()).toEqual([sent.findIndex(({ created }) => created), 'once']);
    });

    it('is the own of each execution', async () => {
      const handles = await Promise.all([1, 2].map(() => begin(app.client, () => waitForEvent('a'))));
      for (const { id } of handles) {
        expect(await app.client.sendEvent(id, 'a', 1, { idempotencyKey: 'x' })).toEqual({ created: true });
      }
      expect(await Promise.all(handles.map((handle) => handle.result()))).toEqual([1, 1]);
    });
  });

  describe('A defined event', () => {
    it('is checked by its class before it is sent: nothing is written, and each field has its messages', async () => {
      const handle = await begin(app.client, () => waitForEvent(Paid));
      await parked(handle);
      const failure = await failureOf(
        app.client.sendEvent(handle.id, Paid, { id: 7, total: 0 } as never, { idempotencyKey: 'k' }),
        InvalidEvent,
      );
      expect(failure).toMatchObject({
        event: 'payment.success',
        fields: [
          { path: 'id', messages: ['id must be a string'] },
          { path: 'total', messages: ['total must not be less than 1'] },
        ],
      });
      for (const payload of [undefined, null, 'text', [1]]) {
        await failureOf(app.client.sendEvent(handle.id, Paid, payload as never), InvalidEvent);
      }
      expect(await handle.status()).toBe('waiting');
      const sent = { id: 'o-1', total: 5 };
      expect(await app.client.sendEvent(handle.id, Paid, sent, { idempotencyKey: 'k' })).toEqual({
        created: true,
      });
      expect(await handle.result()).toEqual(sent);
    });

    it('takes an instance of its class, and hands on a plain object', async () => {
      const handle = await begin(app.client, () => waitForEvent(Paid));
      await app.client.sendEvent(handle.id, Paid, Object.assign(new PaidDto(), { id: 'o-1', total: 5 }));
      expect(await handle.result()).toEqual({ id: 'o-1', total: 5 });
    });

    it.each([
      ['at once', Amount],
      ['later', Later],
    ])('is what a Standard Schema makes of it that answers %s, or refused by it', async (_, event) => {
      const handle = await begin(app.client, () => waitForAny([event, 'other']));
      const failure = await failureOf(app.client.sendEvent(handle.id, event, { total: 'x' }), InvalidEvent);
      expect(failure.fields).toEqual([
        { path: 'total', messages: ['is no whole number'] },
        { path: '$', messages: ['is wrong'] },
      ]);
      await app.client.sendEvent(handle.id, event, { total: '12' });
      expect(await handle.result()).toEqual({ event: event.name, payload: { total: 12 } });
    });

    it('is not checked where it is sent by its name: nothing is known of it there', async () => {
      const handle = await begin(app.client, () => waitForEvent(Paid));
      await app.client.sendEvent(handle.id, 'payment.success', { any: 'thing' });
      expect(await handle.result()).toEqual({ any: 'thing' });
    });

    it.each([
      [undefined, /name/],
      ['', /name/],
      ['a\0', /name/],
      [5, /name/],
    ])('needs a name that can be stored: not %p', (name, message) => {
      expect(() => defineEvent(name as never)).toThrow(InvalidArgument);
      expect(() => defineEvent(name as never)).toThrow(message);
    });

    it.each([[null], [5], [{}], [() => true], ['text']])('needs a schema that is one: not %p', (schema) => {
      expect(() => defineEvent('a', schema as never)).toThrow(InvalidArgument);
    });
  });

  it('The many events that are sent to one execution at once are all there, each once', async () => {
    const count = 50;
    const handle = await begin(app.client, async () => {
      const got: unknown[] = [];
      for (let n = 0; n < count; n += 1) got.push(await waitForEvent('a'));
      return got;
    });
    await Promise.all(Array.from({ length: count }, (_, n) => app.client.sendEvent(handle.id, 'a', n)));
    const got = (await handle.result()) as number[];
    expect(got.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, n) => n));
  });

  it('An event before the workflow has begun waits for it', async () => {
    const handle = await app.client.start(
      Coded,
      callOf(() => waitForEvent('a')),
      { delay: '2s' },
    );
    await app.client.sendEvent(handle.id, 'a', 1);
    expect(await handle.result()).toBe(1);
    const { startedAt, createdAt } = await app.client.getExecution(handle.id);
    expect((startedAt?.getTime() ?? 0) - createdAt.getTime()).toBeGreaterThanOrEqual(2_000);
  });
});
