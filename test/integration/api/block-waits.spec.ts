import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  execution,
  ForEach,
  Parallel,
  Pipeline,
  RetryAfter,
  type Settled,
  sleep,
  Step,
  step,
  While,
  Workflow,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import type { DurableApp } from '../../support/durable-app.js';
import { eventually } from '../../support/eventually.js';
import { Gate } from '../../support/gate.js';
import { logs } from '../../support/log-book.js';
import { recordedOf } from '../../support/recorded.js';
import { HASTY } from '../../support/restart.js';

/** Longer than what is waited for in memory. */
const LONG = 1_200;

let ran: string[] = [];
let gate = new Gate();

@Workflow()
class AllSleep extends Pipeline<void, { woke?: number; other?: boolean; out?: unknown[] }> {
  @Parallel(['naps', 'items', 'retries', 'done'])
  together() {}

  @Step({ in: 'together' })
  async naps() {
    await step('before', () => void ran.push('before the nap'));
    await sleep(LONG);
    ran.push('woke');
    return { woke: 1 };
  }

  @ForEach({ do: 'nap', in: 'together', onError: 'continue' })
  items() {
    return [LONG, LONG + 50];
  }

  @Step({ in: 'items' })
  async nap(_data: object, item: number) {
    await sleep(item);
    ran.push(`woke after ${item}`);
  }

  @Step({ in: 'together' })
  retries() {
    if (execution().attempt === 1) throw new RetryAfter(LONG);
    ran.push('second attempt');
  }

  @Step({ in: 'together' })
  done() {
    return { other: true };
  }
}

@Workflow()
class OneWorks extends Pipeline<void, { out?: Settled<object>[] }> {
  @ForEach({ do: 'work', onError: 'continue', into: 'out' })
  items() {
    return ['sleeps', 'works'];
  }

  @Step({ in: 'items' })
  async work(_data: object, item: string) {
    if (item === 'sleeps') await sleep('1h');
    else await gate.pass(execution().signal);
    return {};
  }
}

@Workflow()
class SleepsInRounds extends Pipeline<void, { rounds?: number }> {
  @While({ do: ['nap', 'count'], max: 2 })
  poll({ rounds = 0 }: { rounds?: number }) {
    return rounds < 2;
  }

  @Step({ in: 'poll' })
  async nap({ rounds = 0 }: { rounds?: number }) {
    // The second is long enough to be parked.
    await sleep(rounds === 0 ? 5 : LONG);
  }

  @Step({ in: 'poll' })
  count({ rounds = 0 }: { rounds?: number }) {
    ran.push(`round ${rounds + 1}`);
    return { rounds: rounds + 1 };
  }
}

const PROVIDERS = [AllSleep, OneWorks, SleepsInRounds];

onDatabase('PostgreSQL', (database) => {
  let app: DurableApp;

  beforeAll(async () => {
    app = await database.start(PROVIDERS, HASTY);
  });
  afterAll(() => database.closeApps());
  beforeEach(() => {
    ran = [];
    gate = new Gate();
    logs.clear();
  });

  async function parked(id: string): Promise<void> {
    await eventually(async () => (await app.client.getExecution(id)).status === 'waiting');
  }

  describe('An execution', () => {
    it('of which all parts of a block wait gives its worker back, and goes on when they are over', async () => {
      const handle = await app.client.start(AllSleep);
      await parked(handle.id);
      expect(await handle.result()).toEqual({ woke: 1, other: true });
      expect(ran[0]).toBe('before the nap');
      expect(ran.slice(1).toSorted()).toEqual([
        'second attempt',
        'woke',
        `woke after ${LONG}`,
        `woke after ${LONG + 50}`,
      ]);
      expect(logs.lines('warn').filter((line) => line.includes(handle.id))).toEqual([]);
    });

    it('whose waits in a block are over in another process goes on there', async () => {
      const { id } = await app.client.start(AllSleep);
      await parked(id);
      await app.close();
      app = await database.start(PROVIDERS, HASTY);
      expect(await (await app.client.handle(AllSleep, { id })).result()).toEqual({ woke: 1, other: true });
      expect(ran.filter((what) => what === 'before the nap')).toHaveLength(1);
      expect(ran).toHaveLength(5);
    });

    it('of which one part of a block works is not parked', async () => {
      const handle = await app.client.start(OneWorks);
      await gate.reached();
      await eventually(async () => (await recordedOf(app.client, handle.id)).length >= 2);
      expect((await app.client.getExecution(handle.id)).status).toBe('running');
      gate.open();
      await parked(handle.id);
      await handle.cancel();
    });

    it('may sleep in each round of a loop', async () => {
      const handle = await app.client.start(SleepsInRounds);
      await parked(handle.id);
      expect(ran).toEqual(['round 1']);
      expect(await handle.result()).toEqual({ rounds: 2 });
      expect(ran).toEqual(['round 1', 'round 2']);
      expect(logs.lines('warn').filter((line) => line.includes(handle.id))).toEqual([]);
    });
  });
});
