import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import type { Hint } from '../../../lib/dispatch/notifier.js';
import { PostgresNotifier } from '../../../lib/dispatch/postgres.notifier.js';
import { drained, HeldClock } from '../../support/held-clock.js';
import { keepLogs, logs } from '../../support/log-book.js';

const MOST_BYTES = 8_000;

/** A connection that takes notifications down. */
class FakeClient extends EventEmitter {
  readonly payloads: string[] = [];
  listens = 0;
  hasEnded = false;

  constructor(private readonly refuses: (sql: string) => boolean = () => false) {
    super();
  }

  escapeIdentifier(name: string): string {
    return `"${name}"`;
  }

  async query(sql: string, values?: readonly unknown[]): Promise<void> {
    if (this.refuses(sql)) throw new Error('refused');
    if (sql.startsWith('LISTEN')) this.listens += 1;
    else this.payloads.push(...((values?.[1] ?? []) as string[]));
  }

  async end(): Promise<void> {
    this.hasEnded = true;
  }
}

describe('The notifier', () => {
  let clock: HeldClock;
  let clients: FakeClient[];
  let heard: Hint[];

  beforeEach(() => {
    keepLogs();
    logs.clear();
    clock = new HeldClock();
    clients = [];
    heard = [];
  });

  function notifier(self: string, next: () => FakeClient = () => new FakeClient()): PostgresNotifier {
    const made = new PostgresNotifier({
      connect: async () => {
        const client = next();
        clients.push(client);
        return client as unknown as Client;
      },
      channel: 'durable:durable',
      self,
      clock,
    });
    made.onHint((hint) => heard.push(hint));
    return made;
  }

  async function send(each: PostgresNotifier, hints: readonly Hint[]): Promise<string[]> {
    for (const hint of hints) each.publish(hint);
    clock.advance(10);
    await drained();
    return clients.at(-1)?.payloads.splice(0) ?? [];
  }

  it('gathers hints for a moment, and says each once', async () => {
    const each = notifier('me');
    await each.start();
    const work: Hint = { topic: 'work', subject: 'default' };
    const ended: Hint = { topic: 'ended', subject: 'some id' };
    expect(await send(each, [work, ended, work])).toEqual(['me\nwork:default\nended:some id']);
    expect(await send(each, [])).toEqual([]);
  });

  it.each([
    [
      'many',
      Array.from({ length: 1_000 }, (_, place) => `018f0000-0000-7000-8000-${`${place}`.padStart(12, '0')}`),
    ],
    ['wide', Array.from({ length: 200 }, (_, place) => `${'語'.repeat(100)} ${place}`)],
  ])('splits what is too long for one notification, and loses none: %s', async (_, subjects) => {
    const each = notifier('me');
    await each.start();
    const payloads = await send(
      each,
      subjects.map((subject) => ({ topic: 'work', subject }) as const),
    );
    expect(payloads.length).toBeGreaterThan(1);
    for (const payload of payloads) expect(Buffer.byteLength(payload)).toBeLessThan(MOST_BYTES);
    for (const payload of payloads)
      clients[0]?.emit('notification', { payload: payload.replace('me', 'other') });
    expect(heard.map(({ subject }) => subject)).toEqual(subjects);
  });

  it('hears others, and neither itself nor what it does not know', async () => {
    await notifier('me').start();
    for (const payload of [
      'me\nwork:default',
      'other\nwork:a:b\nsignal:x\nnoise:y',
      'other',
      '',
      undefined,
    ]) {
      clients[0]?.emit('notification', { payload });
    }
    expect(heard).toEqual([
      { topic: 'work', subject: 'a:b' },
      { topic: 'signal', subject: 'x' },
    ]);
  });

  it('connects again when the connection is lost, and complains once', async () => {
    const each = notifier('me');
    await each.start();
    clients[0]?.emit('error', new Error('gone'));
    clients[0]?.emit('end');
    clock.advance(1_000);
    await drained();
    expect(clients).toHaveLength(2);
    expect(clients[1]?.listens).toBe(1);
    expect(logs.lines('warn')).toHaveLength(1);
    expect(await send(each, [{ topic: 'work', subject: 'default' }])).toHaveLength(1);
  });

  it('keeps no connection on which it cannot listen', async () => {
    const each = notifier('me', () => new FakeClient((sql) => sql.startsWith('LISTEN')));
    await each.start();
    for (let second = 0; second < 3; second += 1) {
      clock.advance(1_000);
      await drained();
    }
    expect(clients).toHaveLength(4);
    expect(clients.map(({ hasEnded }) => hasEnded)).toEqual([true, true, true, true]);
    expect(logs.lines('warn')).toHaveLength(1);
  });

  it('loses hints without a word where they cannot be sent', async () => {
    const each = notifier('me', () => new FakeClient((sql) => sql.includes('pg_notify')));
    await each.start();
    expect(await send(each, [{ topic: 'work', subject: 'default' }])).toEqual([]);
  });

  it('says what it still has when it stops, and connects no more', async () => {
    const each = notifier('me');
    await each.start();
    each.publish({ topic: 'ended', subject: 'last' });
    await each.stop();
    expect(clients[0]?.payloads).toEqual(['me\nended:last']);
    expect(clients[0]?.hasEnded).toBe(true);
    clients[0]?.emit('end');
    clock.advance(60_000);
    await drained();
    expect(clients).toHaveLength(1);
  });
});
