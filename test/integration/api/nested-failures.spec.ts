import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { execution, ForEach, Parallel, Pipeline, type Results, Step, Workflow } from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import type { DurableApp } from '../../support/durable-app.js';
import { Gate } from '../../support/gate.js';
import { causeOf } from '../../support/outcome.js';

let ran: string[] = [];
/** Failures are held up here, until the others are where the test wants them. */
let fails = new Gate();
/** For bodies that do not listen. */
let deaf = new Gate();
/** Where bodies wait until their signals tell them to go. */
let listening = new Gate();

const once = { retry: { maxAttempts: 1 } } as const;

async function fail(message: string): Promise<never> {
  await fails.pass();
  throw new Error(message);
}

/** Waits for its signal, and comes to a good end then. */
async function listen(): Promise<void> {
  const { signal, step: name } = execution();
  await listening.pass(signal).catch(() => undefined);
  ran.push(`${name} ended`);
}

@Workflow()
class InnerContinues extends Pipeline<void, { joined?: boolean }> {
  @Parallel(['bad', 'inner'])
  outer() {}

  @Step({ in: 'outer', ...once })
  async bad() {
    await fail('bad');
  }

  @Parallel(['one', 'other'], { in: 'outer', onError: 'continue' })
  inner(_data: object, _results: Results<InnerContinues, 'one' | 'other'>) {
    ran.push('join');
    return { joined: true };
  }

  @Step({ in: 'inner' })
  async one() {
    await listen();
  }

  @Step({ in: 'inner' })
  async other() {
    await listen();
  }
}

@Workflow()
class InnerFails extends Pipeline<void, { told?: unknown[] }> {
  @Parallel(['inner', 'keeper'], { onError: 'continue' })
  outer(_data: object, { inner, keeper }: Results<InnerFails, 'inner' | 'keeper'>) {
    return { told: [inner.status === 'rejected' && inner.reason.message, keeper.status] };
  }

  @Parallel(['bad', 'listens'], { in: 'outer' })
  inner() {}

  @Step({ in: 'inner', ...once })
  async bad() {
    await fail('bad');
  }

  @Step({ in: 'inner' })
  async listens() {
    await listen();
    // The other child of the outer block goes on only now.
    deaf.open();
  }

  @Step({ in: 'outer' })
  async keeper() {
    const { signal } = execution();
    await deaf.pass();
    if (signal.aborted) throw new Error('It was none of its business.');
  }
}

/** The first failure is two blocks deep, and has a longer way up than the second. */
@Workflow()
class DeepFirst extends Pipeline {
  @Parallel(['second', 'outer'])
  together() {}

  @Step({ in: 'together', ...once })
  async second() {
    await fails.pass();
    await Promise.resolve();
    throw new Error('second');
  }

  @ForEach({ do: 'inner', in: 'together' })
  outer() {
    return [1];
  }

  @Parallel(['first'], { in: 'outer' })
  inner() {}

  @Step({ in: 'inner', ...once })
  async first() {
    await fail('first');
  }
}

const PROVIDERS = [InnerContinues, InnerFails, DeepFirst];

onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    ran = [];
    fails = new Gate();
    deaf = new Gate();
    listening = new Gate();
  });

  describe('Where a child of a nested block fails, its siblings', () => {
    let app: DurableApp;

    beforeAll(async () => {
      app = await database.start(PROVIDERS);
    });
    afterAll(() => database.closeApps());

    it('are told also inside a block of theirs that would go on with failures', async () => {
      const handle = await app.client.start(InnerContinues);
      await listening.reached(2);
      fails.open();
      expect((await causeOf(handle, Error)).message).toBe('bad');
      expect(ran).toEqual(['one ended', 'other ended']);
    });

    it('are told, and those of a block around it that goes on with failures are not', async () => {
      const handle = await app.client.start(InnerFails);
      await listening.reached();
      fails.open();
      expect(await handle.result()).toEqual({ told: ['bad', 'fulfilled'] });
      expect(ran).toEqual(['listens ended']);
    });
  });

  describe('A block', () => {
    let app: DurableApp;

    beforeAll(async () => {
      app = await database.start(PROVIDERS);
    });
    afterAll(() => database.closeApps());

    it('fails with what failed first, however deep it was', async () => {
      const handle = await app.client.start(DeepFirst);
      await fails.reached(2);
      fails.open();
      const { message } = await causeOf(handle, Error);
      const { steps } = await app.client.getExecution(handle.id, { steps: true });
      const failures = steps?.filter(({ status }) => status === 'failed') ?? [];
      expect(failures).toHaveLength(2);
      expect(message).toBe(failures[0]?.error?.message);
    });
  });
});
