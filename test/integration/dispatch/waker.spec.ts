import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Waker } from '../../../lib/dispatch/waker.js';
import type { Query } from '../../../lib/storage/queries/query.js';
import { DatabaseClock } from '../../../lib/time/database-clock.js';
import { eventually } from '../../support/eventually.js';
import { HeldClock } from '../../support/held-clock.js';
import { JournalRig, schema } from '../../support/journal-rig.js';

const INTERVAL = 1_000;
const past = new Date(0);
const future = new Date('2100-01-01');

describe('The waker', () => {
  let rig: JournalRig;
  let clock: HeldClock;
  let woken: number[][];
  let ended: string[];

  beforeAll(async () => {
    rig = await JournalRig.create();
  });

  beforeEach(() => {
    clock = new HeldClock(Date.now());
    woken = [];
    ended = [];
  });

  afterEach(() => rig.query('DELETE FROM durable.workflow_queue'));
  afterAll(() => rig.dispose());

  function waker(query: Query = rig.query): Waker {
    return new Waker({
      query,
      schema,
      clock,
      databaseClock: new DatabaseClock(clock),
      interval: INTERVAL,
      woken: (ids) => woken.push([...ids]),
      ended: (ids) => ended.push(...ids),
    });
  }

  it('wakes what is due, and nothing else', async () => {
    const due = await rig.execution({ state: 2, due_at: past, queue: 2, epoch: 1 });
    const later = await rig.execution({ state: 2, due_at: future });
    const open = await rig.execution({ state: 2 });
    await waker().wake();
    expect(await rig.queueRow(due)).toMatchObject({ state: 0, epoch: 1 });
    expect(await rig.queueRow(later)).toMatchObject({ state: 2 });
    expect(await rig.queueRow(open)).toMatchObject({ state: 2 });
    expect(woken).toEqual([[2]]);
  });

  it('wakes any number, and tells of the first before the last is awake', async () => {
    await rig.query(
      `INSERT INTO durable.workflow_queue (id, kind, queue, rank, state, due_at)
       SELECT gen_random_uuid(), 1, 1, 0, 2, to_timestamp(n) FROM generate_series(1, 2500) n`,
    );
    const readyWhenTold: number[] = [];
    const query: Query = async (sql, parameters) => {
      const rows = await rig.query<{ count: number }>(
        'SELECT count(*)::int AS count FROM durable.workflow_queue WHERE state = 0',
      );
      if (woken.length > 0) readyWhenTold.push(rows[0]?.count ?? 0);
      return await rig.query(sql, parameters);
    };
    await waker(query).wake();
    expect(readyWhenTold[0]).toBe(1_000);
    const [row] = await rig.query<{ waiting: number }>(
      'SELECT count(*)::int AS waiting FROM durable.workflow_queue WHERE state = 2',
    );
    expect(row?.waiting).toBe(0);
  });

  it('shares the work with other wakers: nobody waits, and everything is woken once', async () => {
    await rig.query(
      `INSERT INTO durable.workflow_queue (id, kind, queue, rank, state, due_at)
       SELECT gen_random_uuid(), 1, 1, 0, 2, to_timestamp(n) FROM generate_series(1, 3000) n`,
    );
    await Promise.all([waker().wake(), waker().wake(), waker().wake()]);
    const [row] = await rig.query<{ ready: number }>(
      'SELECT count(*)::int AS ready FROM durable.workflow_queue WHERE state = 0',
    );
    expect(row?.ready).toBe(3_000);
  });

  it('makes ready what waits beyond its deadline and has begun, so that somebody ends it', async () => {
    const begun = await rig.execution({ state: 2, deadline_at: past, due_at: future, epoch: 2 });
    await waker().wake();
    expect(await rig.queueRow(begun)).toMatchObject({ state: 0, epoch: 2 });
    expect(await rig.outcomeOf(begun)).toBeNull();
  });

  it('ends what has expired or is overdue before it began', async () => {
    const expired = await rig.execution({ expires_at: past });
    const overdue = await rig.execution({ deadline_at: past });
    const scheduled = await rig.execution({ state: 2, due_at: future, deadline_at: past });
    const fine = await rig.execution({ expires_at: future, deadline_at: future });
    const owner = await rig.worker();
    const begun = await rig.running(owner, { deadline_at: past });
    await waker().wake();
    const outcomes = await Promise.all(
      [expired, overdue, scheduled, fine, begun].map((id) => rig.outcomeOf(id)),
    );
    expect(outcomes).toEqual(['cancelled', 'failed', 'failed', null, null]);
    expect(ended.sort()).toEqual([expired, overdue, scheduled].sort());
  });

  it('lets what has begun and is overdue wait for a worker that knows it, however long nobody comes', async () => {
    const ready = await rig.execution({ state: 0, epoch: 2, deadline_at: past, rank: 0 });
    const waiting = await rig.execution({ state: 2, epoch: 2, deadline_at: past, rank: 0 });
    await waker().wake();
    await waker().wake();
    for (const id of [ready, waiting]) {
      expect(await rig.outcomeOf(id)).toBeNull();
      expect(await rig.queueRow(id)).toMatchObject({ state: 0, epoch: 2 });
    }
    expect(ended).toEqual([]);
  });

  it('does not fail what was begun since it looked', async () => {
    const id = await rig.execution({ deadline_at: past });
    const query: Query = async (sql, parameters) => {
      if (sql.includes('DELETE')) {
        await rig.query('UPDATE durable.workflow_queue SET epoch = 1, state = 2 WHERE id = $1', [id]);
      }
      return await rig.query(sql, parameters);
    };
    await waker(query).wake();
    expect(await rig.outcomeOf(id)).toBeNull();
    expect(ended).toEqual([]);
  });

  it('leaves alone what is being undone: it has no deadline any more', async () => {
    const id = await rig.execution({ state: 2, epoch: 2, compensating: true, due_at: future });
    await waker().wake();
    expect(await rig.queueRow(id)).toMatchObject({ state: 2, epoch: 2 });
  });

  it('does not end what was begun, and parked again, since it looked', async () => {
    const id = await rig.execution({ expires_at: past });
    const query: Query = async (sql, parameters) => {
      // The row is claimed by somebody who was faster, runs, and soon only waits.
      if (sql.includes('DELETE')) {
        await rig.query(
          'UPDATE durable.workflow_queue SET epoch = 1, state = 2, expires_at = NULL WHERE id = $1',
          [id],
        );
      }
      return await rig.query(sql, parameters);
    };
    await waker(query).wake();
    expect(await rig.outcomeOf(id)).toBeNull();
    expect(await rig.queueRow(id)).toMatchObject({ state: 2, epoch: 1 });
    expect(ended).toEqual([]);
  });

  it('sets a timer for what is due before the next poll, and none for later', async () => {
    await rig.execution({ state: 2, due_at: future });
    await waker().wake();
    expect(clock.timers).toEqual([]);
    await rig.query(`UPDATE durable.workflow_queue SET due_at = now() + interval '800 milliseconds'`);
    await waker().wake();
    expect(clock.timers).toHaveLength(1);
    expect(clock.timers[0]).toBeLessThanOrEqual(INTERVAL);
    expect(clock.timers[0]).toBeGreaterThan(0);
  });

  it('is told of what will be due, keeps the earliest, and wakes it then', async () => {
    const each = waker();
    const id = await rig.execution({ state: 2, due_at: past });
    each.expect(clock.now() + 900);
    each.expect(clock.now() + 300);
    each.expect(clock.now() + 600);
    each.expect(clock.now() + 10 * INTERVAL);
    expect(clock.timers).toEqual([300]);
    clock.advance(300);
    await eventually(async () => (await rig.queueRow(id))?.state === 0);
  });

  it('leaves a row that somebody holds to the poll, instead of asking on and on', async () => {
    const id = await rig.execution({ state: 2, due_at: past });
    const stranger = await rig.transaction([
      'SELECT 1 FROM durable.workflow_queue WHERE id = $1 FOR UPDATE',
      [id],
    ]);
    await waker().wake();
    await stranger.end();
    expect(clock.timers).toEqual([]);
  });

  it('looks again soon for what was not due yet by a hair in the eyes of the database', async () => {
    const moment = new Date();
    const atThatMoment: Query = (sql, parameters) =>
      rig.query(sql.replaceAll('now()', `'${moment.toISOString()}'::timestamptz`), parameters);
    const id = await rig.execution({ state: 2, due_at: new Date(moment.getTime() - 5) });
    const stranger = await rig.transaction([
      'SELECT 1 FROM durable.workflow_queue WHERE id = $1 FOR UPDATE',
      [id],
    ]);
    await waker(atThatMoment).wake();
    await stranger.end();
    expect(clock.timers).toHaveLength(1);
  });

  it('asks for nothing more once it is stopped', async () => {
    const each = waker();
    each.expect(clock.now() + 100);
    each.stop();
    expect(clock.timers).toEqual([]);
    each.expect(clock.now() + 100);
    expect(clock.timers).toEqual([]);
  });
});
