import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import {
  execution,
  NotInWorkflow,
  now,
  Pipeline,
  random,
  reportProgress,
  Run,
  setAttribute,
  sleep,
  sleepUntil,
  Step,
  step,
  transaction,
  uuid,
  Workflow,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import { Deferred, Gate } from '../../support/gate.js';
import { logs } from '../../support/log-book.js';
import { failureOf } from '../../support/outcome.js';

let runs: string[] = [];
let gate = new Gate();
let afterwards = new Deferred<unknown>();

@Injectable()
class Payments {
  readonly #fee = 1;

  @Step()
  async charge(amount: number) {
    runs.push(`charge ${amount}`);
    return amount + this.#fee;
  }
}

@Workflow()
class Ordinary extends Pipeline<{ a: number }, { a: number; b?: number }> {
  @Step()
  add(data: { a: number }) {
    return { b: data.a + 1 };
  }
}

const functions: Readonly<Record<string, () => unknown>> = {
  'execution()': () => execution(),
  'now()': () => now(),
  'uuid()': () => uuid(),
  'random()': () => random(),
  'transaction()': () => transaction(),
  'setAttribute()': () => setAttribute('a', 1),
  'reportProgress()': () => reportProgress(1),
  'step()': () => step('a', () => 1),
  'sleep()': () => sleep(1),
  'sleepUntil()': () => sleepUntil(new Date()),
};

@Workflow()
class Floating {
  @Run()
  async run() {
    void this.fails();
    void step('inline', { retry: { maxAttempts: 1 } }, () => Promise.reject(new Error('floating too')));
    await step('gate', () => gate.pass());
    return 'done';
  }

  @Step({ retry: { maxAttempts: 1 } })
  async fails() {
    throw new Error('floating');
  }
}

/** Goes on after its execution has ended. */
@Workflow()
class Straggler {
  constructor(private readonly payments: Payments) {}

  @Run()
  async run() {
    void gate.pass().then(async () => {
      try {
        afterwards.resolve(await this.goOn());
      } catch (error) {
        afterwards.reject(error);
      }
    });
    return 'done';
  }

  private async goOn(): Promise<unknown> {
    const charged = await this.payments.charge(1);
    return [charged, await failureOf(sleep(1), NotInWorkflow)];
  }
}

const PROVIDERS = [Payments, Ordinary, Floating, Straggler];

onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    runs = [];
    gate = new Gate();
    afterwards = new Deferred();
  });
  afterEach(() => database.closeApps());

  describe('Outside an execution', () => {
    it('a step is an ordinary call', async () => {
      const { client, module } = await database.start(PROVIDERS);
      expect(await module.get(Payments).charge(2)).toBe(3);
      expect(module.get(Ordinary).add({ a: 1 })).toEqual({ b: 2 });
      expect(await client.countExecutions()).toBe(0);
    });

    it.each(Object.entries(functions))('%s is refused, and says so', async (name, call) => {
      const failure = await failureOf((async () => call())(), NotInWorkflow);
      expect(failure.message).toContain(name);
    });
  });

  it('A rejection that nobody awaits does not end the process', async () => {
    const rejections: unknown[] = [];
    const listen = (error: unknown): void => void rejections.push(error);
    process.on('unhandledRejection', listen);
    try {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Floating);
      await gate.reached();
      gate.open();
      expect(await handle.result()).toBe('done');
      // Node tells of a rejection after the turn in which nobody caught it.
      await new Promise((resolve) => setImmediate(resolve));
      expect(rejections).toEqual([]);
    } finally {
      process.off('unhandledRejection', listen);
    }
  });

  it('A call after the end of its execution is an ordinary call, with a warning', async () => {
    const { client } = await database.start(PROVIDERS);
    logs.clear();
    const handle = await client.start(Straggler);
    expect(await handle.result()).toBe('done');
    await gate.reached();
    gate.open();
    expect(await afterwards.promise).toEqual([2, expect.any(NotInWorkflow)]);
    expect(runs).toEqual(['charge 1']);
    expect(logs.lines('warn')).toEqual([expect.stringContaining('Payments.charge()')]);
    const { steps } = await client.getExecution(handle.id, { steps: true });
    expect(steps).toEqual([]);
  });
});
