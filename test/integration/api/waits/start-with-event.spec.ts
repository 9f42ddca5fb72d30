import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { IsInt } from 'class-validator';
import {
  defineEvent,
  ExecutionFinished,
  ExecutionNotFound,
  InvalidArgument,
  InvalidEvent,
  InvalidInput,
  KeyConflict,
  NotSerializable,
  Run,
  waitForEvent,
  Workflow,
  WorkflowNotRegistered,
} from 'nest-durable';
import { onEachDatabase } from '../../../support/api-database.js';
import type { DurableApp } from '../../../support/durable-app.js';
import { failureOf } from '../../../support/outcome.js';

class Input {
  @IsInt() order!: number;
}

class PaidDto {
  @IsInt() total!: number;
}
const Paid = defineEvent('paid', PaidDto);

let runs: number[] = [];

@Workflow({ name: 'pay', input: Input })
class Pay {
  @Run()
  async run({ order }: Input) {
    runs.push(order);
    return [await waitForEvent(Paid), await waitForEvent<string>('shipped')];
  }
}

@Workflow({ name: 'nowhere' })
class Unregistered {
  @Run() async run() {}
}

const wrong: readonly (readonly [string, unknown])[] = [
  ['no options', undefined],
  ['null', null],
  ['a number', 5],
  ['no key', { event: Paid, payload: { total: 1 } }],
  ['an empty key', { key: '', event: Paid, payload: { total: 1 } }],
  ['a key with NUL', { key: 'a\0', event: Paid, payload: { total: 1 } }],
  ['no event', { key: 'wrong' }],
  ['an empty event', { key: 'wrong', event: '' }],
  ['an unknown option', { key: 'wrong', event: 'a', scope: 'x' }],
  ['a wrong idempotencyKey', { key: 'wrong', event: 'a', idempotencyKey: 5 }],
  ['a wrong priority', { key: 'wrong', event: 'a', priority: 'high' }],
];

onEachDatabase((database) => {
  let app: DurableApp;
  beforeAll(async () => {
    app = await database.start([Pay]);
  });
  afterAll(() => database.closeApps());
  beforeEach(() => {
    runs = [];
  });

  describe('startWithEvent()', () => {
    it('starts where there is nothing, and only sends where there is: one execution gets both events', async () => {
      const first = await app.client.startWithEvent(
        Pay,
        { order: 1 },
        { key: 'one', event: 'shipped', payload: 'by ship', attributes: { customer: 'acme' } },
      );
      const second = await app.client.startWithEvent(
        Pay,
        { order: 1 },
        { key: 'one', event: Paid, payload: { total: 5 } },
      );
      expect(first.created).toBe(true);
      expect(second).toMatchObject({ id: first.id, created: false });
      expect(await first.result()).toEqual([{ total: 5 }, 'by ship']);
      expect(await app.client.getExecution(first.id)).toMatchObject({
        key: 'one',
        attributes: { customer: 'acme' },
      });
      expect(runs).toEqual([1]);
    });

    it('does the same for the name of the workflow, and for an execution that was started without it', async () => {
      const started = await app.client.start('pay', { order: 2 }, { key: 'by name' });
      const sent = await app.client.startWithEvent(
        'pay',
        { order: 2 },
        { key: 'by name', event: Paid, payload: { total: 5 } },
      );
      expect(sent).toMatchObject({ id: started.id, created: false });
      await app.client.sendEvent(started.id, 'shipped', 'by air');
      expect(await started.result()).toEqual([{ total: 5 }, 'by air']);
    });

    it('of many at once makes one execution, and sends the event of each', async () => {
      const handles = await Promise.all(
        ['paid', 'shipped'].flatMap((event) =>
          Array.from({ length: 5 }, () =>
            app.client.startWithEvent(
              'pay',
              { order: 3 },
              { key: 'many', event, payload: event === 'paid' ? { total: 1 } : 'x', idempotencyKey: event },
            ),
          ),
        ),
      );
      expect(new Set(handles.map(({ id }) => id)).size).toBe(1);
      expect(handles.filter(({ created }) => created)).toHaveLength(1);
      expect(await handles[0]?.result()).toEqual([{ total: 1 }, 'x']);
      expect(runs).toEqual([3]);
    });

    it('with another input is a KeyConflict, and sends nothing', async () => {
      const first = await app.client.start(Pay, { order: 4 }, { key: 'conflict' });
      const failure = await failureOf(
        app.client.startWithEvent(
          Pay,
          { order: 5 },
          { key: 'conflict', event: Paid, payload: { total: 666 } },
        ),
        KeyConflict,
      );
      expect(failure).toMatchObject({ key: 'conflict', executionId: first.id });
      await app.client.sendEvent(first.id, Paid, { total: 5 });
      await app.client.sendEvent(first.id, 'shipped', 'x');
      expect(await first.result()).toEqual([{ total: 5 }, 'x']);
    });

    it('for a key whose execution has finished is ExecutionFinished, and resurrects nothing', async () => {
      const options = { key: 'finished', event: Paid, payload: { total: 5 }, idempotencyKey: 'd-1' };
      const first = await app.client.startWithEvent(Pay, { order: 6 }, options);
      await app.client.sendEvent(first.id, 'shipped', 'x');
      await first.result();
      const failure = await failureOf(
        app.client.startWithEvent(Pay, { order: 6 }, { ...options, idempotencyKey: 'd-2' }),
        ExecutionFinished,
      );
      expect(failure).toMatchObject({ executionId: first.id, status: 'completed' });
      // A delivery that comes again hears that it is known.
      const again = await app.client.startWithEvent(Pay, { order: 6 }, options);
      expect(again).toMatchObject({ id: first.id, created: false });
      expect(await again.result()).toEqual([{ total: 5 }, 'x']);
      expect(runs).toEqual([6]);
    });

    it('starts nothing where the event is refused, and sends nothing where the input is', async () => {
      const start = (input: unknown, payload: unknown): Promise<unknown> =>
        app.client.startWithEvent(Pay, input as Input, {
          key: 'refused',
          event: Paid,
          payload: payload as PaidDto,
        });
      const refused = await failureOf(start({ order: 7 }, { total: 'x' }), InvalidEvent);
      expect(refused.fields).toEqual([{ path: 'total', messages: ['total must be an integer number'] }]);
      await failureOf(start({ order: 'x' }, { total: 1 }), InvalidInput);
      await failureOf(
        app.client.startWithEvent(Pay, { order: 7 }, { key: 'refused', event: 'a', payload: 'a\0' }),
        NotSerializable,
      );
      await failureOf(app.client.handle(Pay, { key: 'refused' }), ExecutionNotFound);
      expect(runs).toEqual([]);
    });

    it('begins when it is told to, with the event at hand', async () => {
      const handle = await app.client.startWithEvent(
        Pay,
        { order: 8 },
        { key: 'later', event: Paid, payload: { total: 5 }, delay: 300 },
      );
      await app.client.sendEvent(handle.id, 'shipped', 'x');
      expect(await handle.result()).toEqual([{ total: 5 }, 'x']);
      const { createdAt, startedAt } = await app.client.getExecution(handle.id);
      expect((startedAt?.getTime() ?? 0) - createdAt.getTime()).toBeGreaterThanOrEqual(300);
    });

    it.each(wrong)('refuses %s', async (_, options) => {
      const call = app.client.startWithEvent.bind(app.client) as (...args: unknown[]) => Promise<unknown>;
      const failure = await failureOf(call(Pay, { order: 9 }, options), InvalidArgument);
      expect(failure.message).toContain('startWithEvent()');
      await failureOf(app.client.handle(Pay, { key: 'wrong' }), ExecutionNotFound);
    });

    it('refuses a workflow that is in no module', async () => {
      await failureOf(
        app.client.startWithEvent(Unregistered, undefined, { key: 'x', event: 'a' }),
        WorkflowNotRegistered,
      );
    });
  });
});
