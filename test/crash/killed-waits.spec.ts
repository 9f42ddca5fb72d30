import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DurableClient } from '../../lib/index.js';
import { Arena } from './support/arena.js';
import { SeededRandom } from './support/random.js';
import type { WaitFailpoint } from './support/wait-failpoints.js';
import { Correspondents, DoomedProcess, LEASE } from './support/wait-scene.js';

type Point = Extract<WaitFailpoint, { readonly statement: string }>;

/** Where processes kill themselves: the flushes that open waits, park, take letters, and settle questions. */
const points: readonly Omit<Point, 'passing'>[] = [
  { statement: 'durable_open_events', moment: 'while it is under way' },
  { statement: 'durable_suspend', moment: 'before it is sent' },
  { statement: 'durable_suspend', moment: 'while it is under way' },
  { statement: 'durable_suspend', moment: 'when it was answered' },
  { statement: 'durable_take', moment: 'before it is sent' },
  { statement: 'durable_take', moment: 'while it is under way' },
  { statement: 'durable_take', moment: 'when it was answered' },
  { statement: 'durable_settle', moment: 'when it was answered' },
];
/** How many of them work at once. */
const AT_ONCE = 4;

describe('Executions that wait, whose workers are killed', () => {
  let arena: Arena;
  let processes: DoomedProcess[];

  beforeEach(async () => {
    arena = await Arena.open({ lease: LEASE });
    processes = [];
  });
  afterEach(async () => {
    await Promise.all(processes.map((process) => process.kill()));
    await arena.close();
  });

  async function doomed(options?: Parameters<typeof DoomedProcess.ready>[1]): Promise<DoomedProcess> {
    const process = await DoomedProcess.ready(arena, options);
    processes.push(process);
    return process;
  }

  async function correspondents(random: SeededRandom): Promise<Correspondents> {
    const clients: [DurableClient, DurableClient] = [await arena.client(), await arena.client()];
    return new Correspondents(arena, clients, random);
  }

  /** Many dealings at once, of every kind. */
  async function deal(all: Correspondents, random: SeededRandom, size: number): Promise<void> {
    const pause = (): number => (random.next() < 0.2 ? 1_050 : random.between(1, 20));
    await Promise.all(
      Array.from({ length: size }, async (_, n) => {
        if (n % 8 < 3) await all.sendTo('collector', { count: random.between(6, 14), pause: pause() });
        else if (n % 8 < 5) await all.sendTo('racer', { count: random.between(4, 9), pause: 0 });
        else if (n % 8 < 7) await all.answerTo({ count: random.between(2, 4), pause: pause() });
        else await all.hurryTo({ count: 3, pause: random.between(20, 150) });
      }),
    );
  }

  it('at any moment get every event and every answer once, in order', async () => {
    const random = new SeededRandom(41);
    const all = await correspondents(random);
    await Promise.all([doomed(), doomed(), doomed()]);
    const dealings: Promise<void>[] = [];
    for (let kill = 0; kill < 5; kill += 1) {
      dealings.push(deal(all, random, 16));
      const living = processes.filter(({ isAlive }) => isAlive);
      const victim = random.pick(living as [DoomedProcess, ...DoomedProcess[]]);
      await arena.query('SELECT pg_sleep($1)', [random.between(20, 250) / 1_000]);
      await Promise.all([victim.kill(), doomed()]);
    }
    await Promise.all(dealings);
    await arena.allEnded();

    expect(await all.audit()).toEqual([]);
  }, 120_000);

  it('around the flushes of a wait, at each point, get every event and every answer once', async () => {
    const random = new SeededRandom(43);
    const all = await correspondents(random);
    await doomed();
    const spared: string[] = [];
    for (let next = 0; next < points.length; next += AT_ONCE) {
      const some = await Promise.all(
        points.slice(next, next + AT_ONCE).map(async (point) => {
          const failpoint = { ...point, passing: random.between(1, 2) };
          return { point, process: await doomed({ failpoint }) };
        }),
      );
      await deal(all, random, 24);
      for (const { point, process } of some) {
        if (process.isAlive) spared.push(`${point.statement} ${point.moment}`);
        await process.kill();
      }
    }
    await arena.allEnded();

    expect(await all.audit()).toEqual([]);
    // Who gets what is chance: most of them came to their point.
    expect(spared.length).toBeLessThan(points.length / 2);
  }, 120_000);

  it('are not taken from twice by one that was stopped beyond its lease', async () => {
    const random = new SeededRandom(44);
    const all = await correspondents(random);
    const [stopped] = await Promise.all([doomed(), doomed()]);
    const dealings: Promise<void>[] = [];
    for (let round = 0; round < 2; round += 1) {
      dealings.push(deal(all, random, 32));
      await arena.query('SELECT pg_sleep($1)', [random.between(50, 200) / 1_000]);
      const before = await workerOf(stopped.pid);
      stopped.signal('SIGSTOP');
      await arena.until('it was declared dead', async () => (await workerOf(stopped.pid)) === undefined);
      stopped.signal('SIGCONT');
      await arena.until('it is a worker again', async () => (await workerOf(stopped.pid)) !== undefined);
      expect(await workerOf(stopped.pid)).not.toBe(before);
    }
    await Promise.all(dealings);
    await arena.allEnded();

    expect(stopped.isAlive).toBe(true);
    expect(await all.audit()).toEqual([]);
  }, 120_000);

  it('get what a sender kept before it was killed, and could tell nobody of', async () => {
    const client = await arena.client();
    await doomed();
    const listeners = await Promise.all(
      Array.from({ length: 6 }, () => client.start('listener', { scope: 'here' })),
    );
    const collector = await client.start('collector', { count: 2, pause: 0 });
    await arena.until('all of them wait', async () => {
      const rows = await arena.query('SELECT 1 FROM durable.pending_events');
      return rows.length === listeners.length + 1;
    });
    const [teller, sender] = await Promise.all([
      doomed({ worker: false, failpoint: { sending: 'kept, not announced' } }),
      doomed({ worker: false, failpoint: { sending: 'written, not delivered' } }),
    ]);
    teller.tell({ broadcast: { scope: 'here', value: 7 } });
    sender.tell({ event: { id: collector.id, number: 1, key: 'once' } });
    await arena.until('both are dead', () => !teller.isAlive && !sender.isAlive);
    // Nobody told it whether that was sent: it says so again.
    expect(await client.sendEvent(collector.id, 'number', 2, { idempotencyKey: 'once' })).toEqual({
      created: false,
    });
    await client.sendEvent(collector.id, 'number', 3);
    await arena.allEnded();

    for (const listener of listeners) expect(await listener.result()).toBe(7);
    expect(await collector.result()).toEqual([1, 3]);
    expect(await client.broadcast('news', 8, { scope: 'here' })).toEqual({ created: false });
  }, 120_000);

  async function workerOf(pid: number): Promise<string | undefined> {
    const rows = await arena.query<{ id: string }>(
      'SELECT id FROM durable.workers WHERE pid = $1 AND alive',
      [pid],
    );
    return rows[0]?.id;
  }
});
