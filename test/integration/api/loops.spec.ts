import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  execution,
  LoopLimitReached,
  now,
  Pipeline,
  sleep,
  Step,
  UnusableAnswer,
  uuid,
  While,
  Workflow,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import type { DurableApp } from '../../support/durable-app.js';
import { Gate } from '../../support/gate.js';
import { causeOf } from '../../support/outcome.js';
import { recordedOf } from '../../support/recorded.js';
import { HASTY, restartAt } from '../../support/restart.js';

let ran: string[] = [];
let gate = new Gate();

interface Count {
  wanted: number;
  count?: number;
  text?: string;
}

@Workflow()
class Counts extends Pipeline<Count> {
  @While({ do: ['add', 'look'], max: 3 })
  more({ wanted, count = 0 }: Count) {
    ran.push('asked');
    return count < wanted;
  }

  @Step({ in: 'more' })
  add({ count = 0 }: Count) {
    return { count: count + 1 };
  }

  @Step({ in: 'more' })
  look({ count, text = '' }: Count) {
    ran.push(`round ${count}`);
    return { text: text + count };
  }

  @Step()
  after() {
    ran.push('after');
  }
}

@Workflow()
class Forgets extends Pipeline<void, { token?: string; rounds?: number }> {
  @While({ do: ['take', 'drop'], max: 2 })
  loop({ rounds = 0 }: { rounds?: number }) {
    return rounds < 2;
  }

  @Step({ in: 'loop' })
  take({ token, rounds = 0 }: { token?: string; rounds?: number }) {
    ran.push(`has ${token}`);
    return { token: 'taken', rounds: rounds + 1 };
  }

  @Step({ in: 'loop' })
  drop() {
    return { token: undefined };
  }
}

@Workflow()
class Moves extends Pipeline<void, { times?: number[]; ids?: string[]; keys?: string[] }> {
  @While({ do: 'note', max: 3 })
  loop({ times = [] }: { times?: number[] }) {
    return times.length < 3;
  }

  @Step({ in: 'loop' })
  async note({ times = [], ids = [], keys = [] }: { times?: number[]; ids?: string[]; keys?: string[] }) {
    const before = now().getTime();
    // Longer than the idea of the database's time may step back on a busy machine.
    await sleep(50);
    return {
      times: [...times, before],
      ids: [...ids, uuid()],
      keys: [...keys, execution().idempotencyKey],
    };
  }
}

const answers: Readonly<Record<string, readonly [given: unknown, got: string]>> = {
  nothing: [undefined, 'nothing'],
  null: [null, 'nothing'],
  'a number': [1, 'a number'],
  'a text': ['yes', 'a string'],
  'an object': [{}, 'an object'],
};

@Workflow()
class Mistaken extends Pipeline<{ what: string }> {
  @While({ do: 'work', max: 2 })
  loop({ what }: { what: string }) {
    ran.push('asked');
    return answers[what]?.[0] as boolean;
  }

  @Step({ in: 'loop' })
  work() {
    ran.push('worked');
  }
}

@Workflow()
class Nested extends Pipeline<void, { outer?: number; inner?: number; trace?: string }> {
  @While({ do: ['reset', 'innerLoop', 'count'], max: 2 })
  outerLoop({ outer = 0 }: { outer?: number }) {
    return outer < 2;
  }

  @Step({ in: 'outerLoop' })
  reset() {
    return { inner: 0 };
  }

  @While({ do: 'innerStep', max: 2, in: 'outerLoop' })
  innerLoop({ inner = 0 }: { inner?: number }) {
    return inner < 2;
  }

  @Step({ in: 'innerLoop' })
  async innerStep({ outer = 0, inner = 0, trace = '' }: { outer?: number; inner?: number; trace?: string }) {
    ran.push(`${outer}.${inner}`);
    if (outer === 1 && inner === 1) await gate.pass(execution().signal);
    return { inner: inner + 1, trace: `${trace} ${outer}.${inner}` };
  }

  @Step({ in: 'outerLoop' })
  count({ outer = 0 }: { outer?: number }) {
    return { outer: outer + 1 };
  }
}

const PROVIDERS = [Counts, Forgets, Moves, Mistaken, Nested];

onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    ran = [];
    gate = new Gate();
  });

  describe('A loop', () => {
    let app: DurableApp;

    beforeAll(async () => {
      app = await database.start(PROVIDERS);
    });
    afterAll(() => database.closeApps());

    it('may have no round at all', async () => {
      const handle = await app.client.start(Counts, { wanted: 0 });
      expect(await handle.result()).toEqual({ wanted: 0 });
      expect(ran).toEqual(['asked', 'after']);
      expect(await recordedOf(app.client, handle.id)).toEqual(['more completed', 'after completed']);
    });

    it('asks before each round, and hands the data on from round to round', async () => {
      const handle = await app.client.start(Counts, { wanted: 2 });
      expect(await handle.result()).toEqual({ wanted: 2, count: 2, text: '12' });
      expect(ran).toEqual(['asked', 'round 1', 'asked', 'round 2', 'asked', 'after']);
      expect(await recordedOf(app.client, handle.id)).toEqual([
        'more completed',
        'more/add completed',
        'more/look completed',
        'more#2 completed',
        'more#2/add completed',
        'more#2/look completed',
        'more#3 completed',
        'after completed',
      ]);
    });

    it('may have all the rounds that it is allowed', async () => {
      const handle = await app.client.start(Counts, { wanted: 3 });
      expect(await handle.result()).toMatchObject({ count: 3 });
      expect(ran.at(-1)).toBe('after');
    });

    it('that would have one more fails after the last that it is allowed', async () => {
      const handle = await app.client.start(Counts, { wanted: 4 });
      expect(await causeOf(handle, LoopLimitReached)).toMatchObject({
        executionId: handle.id,
        block: 'more',
        max: 3,
      });
      expect(ran).toEqual(['asked', 'round 1', 'asked', 'round 2', 'asked', 'round 3', 'asked']);
    });

    it('may remove a key in one round and find it gone in the next', async () => {
      const output = await (await app.client.start(Forgets)).result();
      expect(output).toEqual({ rounds: 2 });
      expect(Object.keys(output)).not.toContain('token');
      expect(ran).toEqual(['has undefined', 'has undefined']);
    });

    it('moves now() on from round to round, and has ids of its own in each', async () => {
      const { times = [], ids, keys } = await (await app.client.start(Moves)).result();
      const [first = NaN, second = NaN, third = NaN] = times;
      expect(second).toBeGreaterThan(first);
      expect(third).toBeGreaterThan(second);
      expect(new Set(ids).size).toBe(3);
      expect(new Set(keys).size).toBe(3);
    });

    it.each(Object.entries(answers))('whose condition answers %s fails at once', async (what, [, got]) => {
      const handle = await app.client.start(Mistaken, { what });
      expect(await causeOf(handle, UnusableAnswer)).toMatchObject({ block: 'loop', got });
      expect(ran).toEqual(['asked']);
    });
  });

  describe('A loop in a loop', () => {
    afterEach(() => database.closeApps());

    it('goes on in its round of its round after a restart', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(Nested);
      const second = await restartAt(gate, first, database, PROVIDERS);
      const output = await (await second.client.handle(Nested, { id })).result();
      expect(output).toEqual({ outer: 2, inner: 2, trace: ' 0.0 0.1 1.0 1.1' });
      expect(ran).toEqual(['0.0', '0.1', '1.0', '1.1', '1.1']);
      expect(await recordedOf(second.client, id)).toContain('outerLoop#2/innerLoop#2/innerStep completed');
    });
  });
});
