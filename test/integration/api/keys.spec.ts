import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ExecutionNotFound, hours, KeyConflict, Run, Workflow } from 'nest-durable';
import { onEachDatabase } from '../../support/api-database.js';
import type { DurableApp } from '../../support/durable-app.js';
import { eventually } from '../../support/eventually.js';
import { failureOf } from '../../support/outcome.js';

interface Order {
  readonly id: string;
  readonly lines?: unknown;
}

let runs: string[] = [];

@Workflow()
class Ship {
  @Run()
  async run(order: Order) {
    runs.push(order.id);
    return order.id;
  }
}

@Workflow()
class Bill {
  @Run()
  async run(order: Order) {
    return order.id;
  }
}

onEachDatabase((database) => {
  let app: DurableApp;
  beforeAll(async () => {
    runs = [];
    app = await database.start([Ship, Bill]);
  });
  afterAll(() => app.close());

  const keys = (name: string, count: number): Order[] =>
    Array.from({ length: count }, (_, index) => ({ id: `${name} ${index}` }));

  describe('A start with a key', () => {
    it('makes an execution that is found by it', async () => {
      const handle = await app.client.start(Ship, { id: 'found' }, { key: 'found' });
      expect(handle.created).toBe(true);
      const found = await app.client.handle(Ship, { key: 'found' });
      expect(found.id).toBe(handle.id);
      expect(found.created).toBe(false);
      expect(await found.result()).toBe('found');
      expect(await app.client.getExecution(handle.id)).toMatchObject({ key: 'found' });
    });

    it('gives the same execution for an equal input, whatever the order of its keys', async () => {
      const lines = { a: [1, { b: new Date(0), c: 2n }], d: new Map([['x', 1]]) };
      const same = { d: new Map([['x', 1]]), a: [1, { c: 2n, b: new Date(0) }] };
      const first = await app.client.start(Ship, { id: 'equal', lines }, { key: 'equal' });
      const second = await app.client.start(Ship, { lines: same, id: 'equal' }, { key: 'equal' });
      expect(second).toMatchObject({ id: first.id, created: false });
      expect(await second.result()).toBe('equal');
    });

    it.each<[string, Order]>([
      ['another value', { id: 'other' }],
      ['one more key', { id: 'conflict', lines: null }],
      ['another type', { id: 'conflict', lines: '1' }],
    ])('with another input (%s) is a KeyConflict that names the holder', async (_, input) => {
      const first = await app.client.start(Ship, { id: 'conflict' }, { key: 'conflict' });
      const failure = await failureOf(app.client.start(Ship, input, { key: 'conflict' }), KeyConflict);
      expect(failure).toMatchObject({ executionId: first.id, key: 'conflict', workflow: 'ship' });
    });

    it('gives the execution that has finished, and does not run it again', async () => {
      const first = await app.client.start(Ship, { id: 'finished' }, { key: 'finished' });
      await first.result();
      const second = await app.client.start(Ship, { id: 'finished' }, { key: 'finished' });
      expect(second).toMatchObject({ id: first.id, created: false });
      expect(await second.status()).toBe('completed');
      expect(await second.result()).toBe('finished');
      expect(runs.filter((id) => id === 'finished')).toHaveLength(1);
    });

    it('gives the execution that was cancelled', async () => {
      const first = await app.client.start(Ship, { id: 'c' }, { key: 'cancelled', delay: hours(1) });
      await first.cancel();
      const second = await app.client.start(Ship, { id: 'c' }, { key: 'cancelled' });
      expect(second).toMatchObject({ id: first.id, created: false });
      expect(await second.status()).toBe('cancelled');
    });

    it('makes one execution for twenty starts at once', async () => {
      const handles = await Promise.all(
        Array.from({ length: 20 }, () => app.client.start(Ship, { id: 'twenty' }, { key: 'twenty' })),
      );
      expect(new Set(handles.map(({ id }) => id)).size).toBe(1);
      expect(handles.filter(({ created }) => created)).toHaveLength(1);
      expect(await Promise.all(handles.map((handle) => handle.result()))).toEqual(
        handles.map(() => 'twenty'),
      );
      expect(runs.filter((id) => id === 'twenty')).toHaveLength(1);
    });

    it('has a key of its own in each workflow', async () => {
      const ship = await app.client.start(Ship, { id: '1' }, { key: 'shared' });
      const bill = await app.client.start(Bill, { id: '2' }, { key: 'shared' });
      expect([ship.created, bill.created]).toEqual([true, true]);
      expect((await app.client.handle(Bill, { key: 'shared' })).id).toBe(bill.id);
    });

    it.each(["'; DROP TABLE x; --", '👋 Grüße', ' leading and trailing ', 'k'.repeat(512)])(
      'takes any text: %j',
      async (key) => {
        const handle = await app.client.start(Ship, { id: 'any' }, { key });
        expect((await app.client.handle(Ship, { key })).id).toBe(handle.id);
      },
    );
  });

  describe('startMany()', () => {
    it('starts one for each input, in their order', async () => {
      const handles = await app.client.startMany(Ship, keys('many', 50));
      expect(await Promise.all(handles.map((handle) => handle.result()))).toEqual(
        keys('many', 50).map(({ id }) => id),
      );
      expect(handles.every(({ created }) => created)).toBe(true);
    });

    it('makes a key for each, and finds those that are there', async () => {
      const existing = await app.client.start(Ship, { id: 'keyed 1' }, { key: 'keyed 1/1' });
      const handles = await app.client.startMany(Ship, keys('keyed', 3), {
        key: (input, index) => `${input.id}/${index}`,
      });
      expect(handles.map(({ created }) => created)).toEqual([true, false, true]);
      expect(handles[1]?.id).toBe(existing.id);
      await Promise.all(handles.map((handle) => handle.result()));
    });

    it('starts nothing where one key is in conflict', async () => {
      await app.client.start(Ship, { id: 'in the way' }, { key: 'atomic 1' });
      const count = await app.client.countExecutions();
      await failureOf(app.client.startMany(Ship, keys('atomic', 3), { key: ({ id }) => id }), KeyConflict);
      expect(await app.client.countExecutions()).toBe(count);
      await failureOf(app.client.handle(Ship, { key: 'atomic 0' }), ExecutionNotFound);
    });

    it('starts one where two inputs have one key and are equal, and nothing where they are not', async () => {
      const [first, second] = await app.client.startMany(Ship, [{ id: 'twin' }, { id: 'twin' }], {
        key: () => 'twin',
      });
      expect(second?.id).toBe(first?.id);
      expect([first?.created, second?.created]).toEqual([true, false]);
      await failureOf(app.client.startMany(Ship, keys('unequal', 2), { key: () => 'unequal' }), KeyConflict);
      await failureOf(app.client.handle(Ship, { key: 'unequal' }), ExecutionNotFound);
    });

    it('of nothing starts nothing', async () => {
      expect(await app.client.startMany(Ship, [])).toEqual([]);
    });

    it('of a thousand starts them all', async () => {
      const handles = await app.client.startMany(Ship, keys('thousand', 1_000));
      const results = await Promise.all(handles.map((handle) => handle.result()));
      expect(new Set(results).size).toBe(1_000);
    });
  });

  it('A handle of an unknown id or key, or of another workflow, is ExecutionNotFound', async () => {
    const handle = await app.client.start(Ship, { id: 'x' }, { key: 'only of ship' });
    await failureOf(app.client.handle(Ship, { key: 'nobody' }), ExecutionNotFound);
    await failureOf(app.client.handle(Bill, { id: handle.id }), ExecutionNotFound);
    await failureOf(app.client.handle(Bill, { key: 'only of ship' }), ExecutionNotFound);
    await failureOf(app.client.handle('ship', { id: 'no id' }), ExecutionNotFound);
    expect((await app.client.handle('ship', { id: handle.id.toUpperCase() })).id).toBe(handle.id);
    await eventually(async () => (await handle.status()) === 'completed');
  });
});
