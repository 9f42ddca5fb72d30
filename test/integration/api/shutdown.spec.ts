import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EngineStopped, execution, Run, step, Workflow } from 'nest-durable';
import { onDatabase, onEachDatabase } from '../../support/api-database.js';
import { Gate } from '../../support/gate.js';
import { failureOf } from '../../support/outcome.js';
import { HASTY } from '../../support/restart.js';

let runs: string[] = [];
let gate = new Gate();

@Workflow()
class TwoSteps {
  @Run()
  async run() {
    const first = await step('first', async () => {
      runs.push('first');
      await gate.pass();
      return 'done';
    });
    await step('second', () => void runs.push('second'));
    return first;
  }
}

@Workflow()
class Deaf {
  @Run()
  async run() {
    return await step('deaf', async () => {
      runs.push(`deaf ${execution().attempt}`);
      if (runs.length === 1) await new Promise(() => undefined);
      return 'heard';
    });
  }
}

@Workflow()
class Listens {
  @Run()
  async run() {
    return await step('listens', { retry: { maxAttempts: 1 } }, async () => {
      const { attempt, idempotencyKey } = execution();
      runs.push(`${attempt} ${idempotencyKey}`);
      await gate.pass(execution().signal);
      return attempt;
    });
  }
}

const PROVIDERS = [TwoSteps, Deaf, Listens];

onEachDatabase((database) => {
  beforeEach(() => {
    runs = [];
    gate = new Gate();
  });
  afterEach(() => database.closeApps());

  describe('A shutdown', () => {
    it('lets a body that runs end, records it, and begins nothing new', async () => {
      const first = await database.start(PROVIDERS, { shutdownTimeout: '20s' });
      const { id } = await first.client.start(TwoSteps);
      await gate.reached();
      const closing = first.close();
      gate.open();
      await closing;
      expect(runs).toEqual(['first']);
      const { client } = await database.start(PROVIDERS);
      expect(await (await client.handle(TwoSteps, { id })).result()).toBe('done');
      expect(runs).toEqual(['first', 'second']);
      const { steps } = await client.getExecution(id, { steps: true });
      expect(steps).toMatchObject([
        { path: 'first', status: 'completed', attempt: 1 },
        { path: 'second', status: 'completed' },
      ]);
    });

    it('tells bodies that take too long, and counts no attempt for those that listen', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(Listens);
      await gate.reached();
      await first.close();
      gate.open();
      const { client } = await database.start(PROVIDERS);
      expect(await (await client.handle(Listens, { id })).result()).toBe(1);
      expect(runs).toHaveLength(2);
      expect(runs[1]).toBe(runs[0]);
    });

    it('does not wait for bodies that listen to nothing; the next application goes on at once', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(Deaf);
      gate.open();
      await (await first.client.start(TwoSteps)).result();
      runs = ['deaf 1'];
      await first.close();
      const { client } = await database.start(PROVIDERS);
      expect(await (await client.handle(Deaf, { id })).result({ timeout: '10s' })).toBe('heard');
    });

    it('may be asked for twice', async () => {
      const app = await database.start(PROVIDERS);
      await Promise.all([app.close(), app.close()]);
      await app.close();
    });

    it('leaves a client that says so: EngineStopped', async () => {
      const { client, close } = await database.start(PROVIDERS);
      gate.open();
      const handle = await client.start(TwoSteps);
      await handle.result();
      await close();
      const { id } = handle;
      const calls = [
        () => client.start(TwoSteps),
        () => client.startMany(TwoSteps, [undefined]),
        () => client.handle(TwoSteps, { id }),
        () => client.getExecution(id),
        () => client.listExecutions(),
        () => client.countExecutions(),
        () => client.cancel(id),
        () => client.retry(id),
        () => handle.result(),
        () => handle.status(),
        () => handle.cancel(),
      ];
      for (const call of calls) await failureOf(call(), EngineStopped);
    });

    it('ends the wait for results, which nobody would bring any more', async () => {
      const { client, close } = await database.start(PROVIDERS, HASTY);
      const handle = await client.start(Listens);
      await gate.reached();
      const result = failureOf(handle.result(), EngineStopped);
      await close();
      await result;
    });
  });
});

onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    runs = [];
    gate = new Gate();
  });
  afterEach(() => database.closeApps());

  it('A shutdown hands over to another application at once, long before the lease is over', async () => {
    const first = await database.start(PROVIDERS, { ...HASTY, lease: '10m' });
    const { id } = await first.client.start(Listens);
    await gate.reached();
    const second = await database.start(PROVIDERS, { lease: '10m' });
    const handle = await second.client.handle(Listens, { id });
    gate.open();
    await first.close();
    expect(await handle.result({ timeout: '10s' })).toBe(1);
    expect(runs.length).toBeLessThanOrEqual(2);
  });

  it('A deaf body does not keep its execution from the other application', async () => {
    const first = await database.start(PROVIDERS, { ...HASTY, lease: '10m' });
    const { id } = await first.client.start(Deaf);
    const second = await database.start(PROVIDERS, { lease: '10m' });
    await first.close();
    const handle = await second.client.handle(Deaf, { id });
    expect(await handle.result({ timeout: '10s' })).toBe('heard');
    expect(runs).toEqual(['deaf 1', 'deaf 1']);
  });
});
