import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Arena } from './support/arena.js';
import { audit } from './support/audit.js';
import { SeededRandom } from './support/random.js';
import { type Fate, TcpProxy } from './support/tcp-proxy.js';

const EXECUTIONS = 200;

describe('a network that loses what the journal says and hears', () => {
  let arena: Arena;
  let proxy: TcpProxy;
  beforeEach(async () => {
    arena = await Arena.open({ lease: '5s' });
    proxy = await TcpProxy.open(arena.server.port);
  });
  afterEach(async () => {
    await proxy.close();
    await arena.close();
  });

  const breaks: readonly [Fate, ...Fate[]] = ['answer-lost', 'answer-lost', 'cut', 'half-cut'];

  it.each([{ seed: 61 }, { seed: 62 }])(
    'by breaking connections: every flush is stored once (seed $seed)',
    async ({ seed }) => {
      const random = new SeededRandom(seed);
      const workers = await arena.readyWorkers(2, { database: { url: proxy.url } });

      proxy.fates = ({ purpose, messages }) => {
        // Connecting takes three messages; a connection that never works would be an outage.
        if (purpose !== 'durable journal' || messages <= 3) return 'pass';
        return random.next() < 0.15 ? random.pick(breaks) : 'pass';
      };
      await arena.load(EXECUTIONS, random, workers);
      await arena.allEnded();

      expect(arena.refusals).toEqual([]);
      expect(arena.acknowledged.size).toBe(EXECUTIONS);
      expect(proxy.tally.get('answer-lost')).toBeGreaterThan(5);
      // Nobody was away for as long as a lease, so nothing has run twice.
      expect(await audit(arena, { repeats: false })).toEqual([]);
    },
    180_000,
  );

  it.each<{ fate: Fate; seed: number }>([
    { fate: 'half-hung', seed: 64 },
    { fate: 'answer-hung', seed: 65 },
  ])(
    'by hanging ($fate): a hung worker is taken over from, and comes back',
    async ({ fate, seed }) => {
      const random = new SeededRandom(seed);
      const hung = arena.worker(undefined, { database: { url: proxy.url }, lease: '1s' });
      const [other] = await arena.readyWorkers(1, { lease: '1s' });
      await hung.ready;
      if (other === undefined) throw new Error('There is another worker.');

      let left = 3;
      proxy.fates = ({ purpose, messages }) => {
        if (purpose !== 'durable journal' || messages <= 20 || left === 0) return 'pass';
        left -= 1;
        return fate;
      };
      const load = arena.load(EXECUTIONS, random, [hung, other]);
      await arena.until('it has hung a few times', () => left === 0);
      await load;
      await arena.allEnded();

      expect(hung.isAlive).toBe(true);
      expect(arena.refusals).toEqual([]);
      expect(arena.acknowledged.size).toBe(EXECUTIONS);
      expect(await audit(arena)).toEqual([]);
    },
    180_000,
  );

  it('by losing the answer to a start whose worker is then declared dead: the start is acknowledged all the same', async () => {
    const [cutOff] = await arena.readyWorkers(1, { database: { url: proxy.url }, lease: '1s' });
    const [other] = await arena.readyWorkers(1, { lease: '1s' });
    if (cutOff === undefined || other === undefined) throw new Error('There are two workers.');

    let isAway = false;
    proxy.fates = ({ message }) => {
      if (isAway) return 'cut';
      if (!message.includes('"n":815')) return 'pass';
      isAway = true;
      return 'answer-lost';
    };
    const started = cutOff.start('order', { n: 815, bodyMs: 0 });
    await arena.until('its worker is declared dead', async () => {
      const rows = await arena.query('SELECT 1 FROM durable.workers WHERE pid = $1 AND NOT alive', [
        cutOff.pid,
      ]);
      return rows.length > 0;
    });
    proxy.fates = () => 'pass';
    const id = await started;
    await arena.allEnded();

    const executions = await arena.query<{ id: string }>('SELECT id FROM durable.workflow_executions');
    expect(executions.map((row) => row.id)).toEqual([id]);
    expect(await audit(arena)).toEqual([]);
  }, 180_000);
});
