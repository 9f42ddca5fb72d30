import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ExecutionFinished,
  ExecutionNotFound,
  KeyConflict,
  RootManagerRefused,
  sendEvent,
  Step,
  transaction,
  TransactionNotActive,
  waitForBroadcast,
  waitForEvent,
  WaitInTransaction,
  Workflow,
  Run,
  DurableClient,
} from 'nest-durable';
import type { DataSource } from 'typeorm';
import { forgetExpiredBroadcasts } from '../../../../lib/storage/queries/broadcast.queries.js';
import type { Query } from '../../../../lib/storage/queries/query.js';
import { notesIn, openAppDataSource } from '../../../support/app-data-source.js';
import { type DurableApp, startApp } from '../../../support/durable-app.js';
import { eventually } from '../../../support/eventually.js';
import { failureOf } from '../../../support/outcome.js';
import { createTestDatabase, type TestDatabase } from '../../../support/test-database.js';
import { begin, callOf, Coded, fault, listening, parked } from './coded.js';

const INSERT = 'INSERT INTO notes (text) VALUES ($1)';
const COUNT = 'SELECT count(*)::int AS count FROM durable.workflow_events WHERE execution_id = $1';

let attempts = 0;

@Workflow({ name: 'transactional_sender' })
class TransactionalSender {
  constructor(private readonly client: DurableClient) {}

  @Run()
  async run(to: string) {
    await this.write(to);
    return [await this.waits('event'), await this.waits('broadcast'), await this.says(to)];
  }

  @Step({ transactional: true, retry: { maxAttempts: 2, base: 1, jitter: 0 } })
  async write(to: string) {
    attempts += 1;
    await transaction().query(INSERT, [`attempt ${attempts}`]);
    await this.client.sendEvent(to, 'a', attempts, { manager: transaction() });
    if (attempts === 1) throw new Error('rolled back');
  }

  @Step({ transactional: true })
  async waits(what: string) {
    const error = (await fault(() =>
      what === 'event' ? waitForEvent('a') : waitForBroadcast('a', { timeout: 5 }),
    )) as Error;
    return error instanceof WaitInTransaction ? error.message : `no: ${String(error)}`;
  }

  @Step({ transactional: true })
  async says(to: string) {
    await sendEvent(to, 'b', 'from inside');
    return 'said';
  }
}

describe('In the transaction of a caller', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let app: DurableApp;

  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = await openAppDataSource(database.url);
    app = await startApp({ database: { dataSource } }, [Coded, TransactionalSender]);
  });
  afterAll(async () => {
    await app.close();
    await dataSource.destroy();
    await database.drop();
  });

  async function eventsOf(id: string): Promise<number> {
    const [row] = await dataSource.query<{ count: number }[]>(COUNT, [id]);
    return row?.count ?? NaN;
  }

  it('an event is sent with the commit, and not before', async () => {
    const handle = await begin(app.client, async () => [await waitForEvent('a'), await waitForEvent('a')]);
    await parked(handle);
    await dataSource.transaction(async (manager) => {
      await manager.query(INSERT, ['with it']);
      expect(await app.client.sendEvent(handle.id, 'a', 1, { manager })).toEqual({ created: true });
      // One without the transaction overtakes it, and so does another execution altogether.
      await app.client.sendEvent(handle.id, 'a', 2);
      await eventually(async () => {
        const { steps } = await app.client.getExecution(handle.id, { steps: true });
        return steps?.[0]?.status === 'completed';
      });
      await parked(handle);
    });
    expect(await handle.result()).toEqual([2, 1]);
    expect(await notesIn(dataSource)).toEqual(['with it']);
  });

  it('an event finds by its key what the same transaction has started', async () => {
    const handle = await dataSource.transaction(async (manager) => {
      const started = await app.client.start(
        Coded,
        callOf(() => waitForEvent('a')),
        { manager, key: 'order-9' },
      );
      await app.client.sendEvent({ workflow: Coded, key: 'order-9' }, 'a', 1, { manager });
      await failureOf(app.client.sendEvent({ workflow: Coded, key: 'order-9' }, 'a', 2), ExecutionNotFound);
      return started;
    });
    expect(await handle.result()).toBe(1);
  });

  it('a broadcast holds up nobody but those who send the same, and those hold up nobody', async () => {
    const other = await begin(app.client, () => waitForEvent('a'));
    const listener = await begin(app.client, () => waitForBroadcast('held', { scope: 'S' }));
    await parked(listener);
    let same: Promise<{ created: boolean }[]> | undefined;
    await dataSource.transaction(async (manager) => {
      await app.client.broadcast('held', 'first', { scope: 'S', manager });
      // More than there are connections.
      same = Promise.all(
        Array.from({ length: 25 }, () => app.client.broadcast('held', 'other', { scope: 'S' })),
      );
      await app.client.broadcast('free', 1, { scope: 'S' });
      await app.client.sendEvent(other.id, 'a', 1);
      expect(await other.result()).toBe(1);
    });
    expect(await listener.result()).toBe('first');
    expect(new Set((await same)?.map(({ created }) => created))).toEqual(new Set([false]));
  });

  it('thousands of events of one execution are delivered together', async () => {
    const sent = Array.from({ length: 2_300 }, (_, n) => n);
    const handle = await begin(app.client, async () => {
      const got: unknown[] = [];
      while (got.length < sent.length) got.push(await waitForEvent('many'));
      return got;
    });
    await parked(handle);
    await dataSource.transaction(async (manager) => {
      for (const n of sent) await app.client.sendEvent(handle.id, 'many', n, { manager });
    });
    expect(await handle.result()).toEqual(sent);
    const [left] = await dataSource.query<{ count: number }[]>(
      'SELECT count(*)::int AS count FROM durable.workflow_events WHERE NOT delivered',
    );
    expect(left?.count).toBe(0);
  });

  it('a broadcast that takes the place of one that expired long ago is not forgotten with it', async () => {
    await app.client.broadcast('rates', 'old', { expiresIn: 1 });
    await dataSource.query(
      `UPDATE durable.broadcasts SET expires_at = now() - interval '2 days' WHERE name = 'rates'`,
    );
    const query: Query = (sql, parameters) => dataSource.query(sql, [...(parameters ?? [])]);
    await dataSource.transaction(async (manager) => {
      expect(await app.client.broadcast('rates', 'new', { scope: 'x', expiresIn: '1d', manager })).toEqual({
        created: true,
      });
      expect(await app.client.broadcast('rates', 'new', { expiresIn: '1d', manager })).toEqual({
        created: true,
      });
      await forgetExpiredBroadcasts(query, '"durable"');
    });
    await forgetExpiredBroadcasts(query, '"durable"');
    const handle = await begin(app.client, () => waitForBroadcast('rates'));
    expect(await handle.result()).toBe('new');
  });

  it('an event is never sent where it rolls back, and its idempotencyKey stays free', async () => {
    const handle = await begin(app.client, () => waitForEvent('a'));
    await parked(handle);
    const rolledBack = dataSource.transaction(async (manager) => {
      const options = { manager, idempotencyKey: 'k' };
      expect(await app.client.sendEvent(handle.id, 'a', 1, options)).toEqual({ created: true });
      expect(await app.client.sendEvent(handle.id, 'a', 1, options)).toEqual({ created: false });
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    expect(await eventsOf(handle.id)).toBe(0);
    expect(await app.client.sendEvent(handle.id, 'a', 2, { idempotencyKey: 'k' })).toEqual({ created: true });
    expect(await handle.result()).toBe(2);
  });

  it.each([
    ['commits', [1, 'once'], false],
    ['rolls back', [2, 'once'], true],
  ])('an idempotencyKey is held until that %s, and then known or free', async (ending, received, created) => {
    const handle = await begin(app.client, async () => [
      await waitForEvent('a'),
      await waitForEvent('a', { timeout: 30, timeoutValue: 'once' }),
    ]);
    await parked(handle);
    let beside: Promise<{ readonly created: boolean }> | undefined;
    const transaction = dataSource.transaction(async (manager) => {
      await app.client.sendEvent(handle.id, 'a', 1, { manager, idempotencyKey: 'k' });
      beside = app.client.sendEvent(handle.id, 'a', 2, { idempotencyKey: 'k' });
      // Whoever waits for the key holds nobody up: neither others, nor the same receiver.
      const other = await begin(app.client, () => waitForEvent('a'));
      await app.client.sendEvent(other.id, 'a', 3, { idempotencyKey: 'k' });
      expect(await other.result()).toBe(3);
      await app.client.sendEvent(handle.id, 'x', 4, { idempotencyKey: 'another' });
      if (ending === 'rolls back') throw new Error('no');
    });
    await transaction.catch(() => undefined);
    expect(await beside).toEqual({ created });
    expect(await handle.result()).toEqual(received);
  });

  it('several events come in their order', async () => {
    const handle = await begin(app.client, async () => [
      await waitForEvent('a'),
      await waitForEvent('a'),
      await waitForEvent('b'),
    ]);
    await dataSource.transaction(async (manager) => {
      await app.client.sendEvent(handle.id, 'a', 1, { manager });
      await app.client.sendEvent(handle.id, 'b', 2, { manager });
      await app.client.sendEvent(handle.id, 'a', 3, { manager });
    });
    expect(await handle.result()).toEqual([1, 3, 2]);
  });

  it('a sender that stays open holds up nobody: neither its receiver, nor anybody else', async () => {
    const handle = await begin(app.client, async () => [await waitForEvent('a'), await waitForEvent('b')]);
    await parked(handle);
    await dataSource.transaction(async (manager) => {
      await app.client.sendEvent(handle.id, 'b', 1, { manager });
      await app.client.sendEvent(handle.id, 'a', 2);
      await eventually(async () => {
        const { events } = await app.client.listPendingEvents({ executionId: handle.id });
        return events[0]?.events[0] === 'b';
      });
      const others = await Promise.all(
        Array.from({ length: 10 }, () => begin(app.client, () => waitForEvent('a'))),
      );
      await Promise.all(others.map(({ id }) => app.client.sendEvent(id, 'a', 3)));
      expect(await Promise.all(others.map((other) => other.result()))).toEqual(Array(10).fill(3));
    });
    expect(await handle.result()).toEqual([2, 1]);
  });

  it('an event for an execution that ends before the commit is told to nobody', async () => {
    const handle = await begin(app.client, () => waitForEvent('a'));
    await listening(app.client, handle.id);
    await dataSource.transaction(async (manager) => {
      await app.client.sendEvent(handle.id, 'a', 1, { manager });
      await app.client.sendEvent(handle.id, 'a', 2);
      expect(await handle.result()).toBe(2);
    });
    const [unsent] = await eventually(async () => {
      const rows = await dataSource.query<{ delivered: boolean; taken: boolean }[]>(
        `SELECT delivered, taken FROM durable.workflow_events WHERE execution_id = $1 AND payload::text = '1'`,
        [handle.id],
      );
      return rows[0]?.delivered === true && rows;
    });
    expect(unsent).toEqual({ delivered: true, taken: false });
  });

  it('an event for an execution that has finished, or is not there, is refused and leaves it usable', async () => {
    const finished = await begin(app.client, async () => 1);
    await finished.result();
    await dataSource.transaction(async (manager) => {
      const nobody = '018f0000-0000-7000-8000-000000000000';
      await failureOf(app.client.sendEvent(nobody, 'a', 1, { manager }), ExecutionNotFound);
      await failureOf(app.client.sendEvent(finished.id, 'a', 1, { manager }), ExecutionFinished);
      await manager.query(INSERT, ['still usable']);
    });
    expect(await notesIn(dataSource)).toContain('still usable');
  });

  it('an event reaches an execution that is started in the same transaction', async () => {
    const handle = await dataSource.transaction(async (manager) => {
      const started = await app.client.start(
        Coded,
        callOf(() => waitForEvent('a')),
        { manager },
      );
      await app.client.sendEvent(started.id, 'a', 1, { manager });
      return started;
    });
    expect(await handle.result()).toBe(1);
  });

  it('a broadcast is sent with the commit, and never where it rolls back', async () => {
    const handle = await begin(app.client, () => waitForBroadcast('rates', { scope: 'tx' }));
    await parked(handle);
    const rolledBack = dataSource.transaction(async (manager) => {
      expect(await app.client.broadcast('rates', 1, { scope: 'tx', manager })).toEqual({ created: true });
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    await dataSource.transaction(async (manager) => {
      expect(await app.client.broadcast('rates', 2, { scope: 'tx', manager })).toEqual({ created: true });
    });
    expect(await handle.result()).toBe(2);
  });

  it.each(['sendEvent', 'broadcast', 'startWithEvent'] as const)(
    '%s() refuses the root manager, and one whose transaction is over',
    async (fn) => {
      const { id } = await begin(app.client, () => waitForEvent('a'));
      const call = (manager: DataSource['manager']): Promise<unknown> => {
        if (fn === 'sendEvent') return app.client.sendEvent(id, 'a', 1, { manager });
        if (fn === 'broadcast') return app.client.broadcast('a', 1, { scope: 'root', manager });
        const options = { key: 'root', event: 'a', payload: 1, manager };
        return app.client.startWithEvent(
          Coded,
          callOf(async () => 1),
          options,
        );
      };
      const failure = await failureOf(call(dataSource.manager), RootManagerRefused);
      expect(failure.message).toContain(`${fn}()`);
      const runner = dataSource.createQueryRunner();
      await runner.startTransaction();
      await runner.commitTransaction();
      await failureOf(call(runner.manager), TransactionNotActive);
      await runner.release();
      expect(await eventsOf(id)).toBe(0);
    },
  );

  describe('startWithEvent()', () => {
    it('does both with the commit', async () => {
      const handle = await dataSource.transaction(async (manager) => {
        const options = { key: 'tx both', event: 'a', payload: 1, manager };
        return await app.client.startWithEvent(
          Coded,
          callOf(() => waitForEvent('a')),
          options,
        );
      });
      expect(handle.created).toBe(true);
      expect(await handle.result()).toBe(1);
    });

    it('does neither where it rolls back', async () => {
      let id = '';
      const rolledBack = dataSource.transaction(async (manager) => {
        const options = { key: 'tx neither', event: 'a', payload: 1, manager };
        ({ id } = await app.client.startWithEvent(
          Coded,
          callOf(async () => 1),
          options,
        ));
        throw new Error('no');
      });
      await expect(rolledBack).rejects.toThrow('no');
      await failureOf(app.client.getExecution(id), ExecutionNotFound);
      expect(await eventsOf(id)).toBe(0);
    });

    it('leaves nothing behind, and the transaction usable, where the key is taken by another input', async () => {
      const holder = await begin(app.client, () => waitForEvent('a'), { key: 'tx taken' });
      await dataSource.transaction(async (manager) => {
        const options = { key: 'tx taken', event: 'a', payload: 1, manager };
        const refused = app.client.startWithEvent(
          Coded,
          callOf(async () => 1),
          options,
        );
        await failureOf(refused, KeyConflict);
        await manager.query(INSERT, ['after the conflict']);
      });
      expect(await eventsOf(holder.id)).toBe(0);
      expect(await notesIn(dataSource)).toContain('after the conflict');
    });
  });

  it('of a transactional step events are sent once, by the attempt that commits; waits in it are refused', async () => {
    const receiver = await begin(app.client, async () => [
      await waitForEvent('a'),
      await waitForEvent('b'),
      await waitForEvent('a', { timeout: 20, timeoutValue: 'once' }),
    ]);
    const sender = await app.client.start(TransactionalSender, receiver.id);
    expect(await sender.result()).toEqual([
      expect.stringContaining('waitForEvent()'),
      expect.stringContaining('waitForBroadcast()'),
      'said',
    ]);
    expect(await receiver.result()).toEqual([2, 'from inside', 'once']);
    expect(await notesIn(dataSource)).toContain('attempt 2');
    expect(await notesIn(dataSource)).not.toContain('attempt 1');
  });
});
