import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { type DurableClient, execution, Run, Step, step, Workflow } from 'nest-durable';
import { onEachDatabase } from '../../support/api-database.js';
import { Gate } from '../../support/gate.js';
import { HASTY, restartAt } from '../../support/restart.js';

/** Every run of a body. */
let runs: string[] = [];
let gate = new Gate();

@Injectable()
class Mailer {
  readonly prefix = 'mail to';

  @Step()
  async send(address: string) {
    runs.push(`send ${address}`);
    return `${this.prefix} ${address}`;
  }

  @Step({ name: 'archive_mail' })
  async archive() {
    runs.push('archive');
  }
}

@Workflow()
class Onboarding {
  constructor(private readonly mailer: Mailer) {}

  @Run()
  async run({ name, rounds }: { name: string; rounds: number }) {
    const account = await this.createAccount(name);
    const sent: string[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      if (round % 2 === 0) await this.skip();
      else sent.push(await this.mailer.send(`${account.id}.${round}`));
    }
    await this.mailer.archive();
    await step('gate', () => gate.pass(execution().signal));
    return { account, sent };
  }

  @Step()
  async createAccount(name: string) {
    runs.push(`create ${name}`);
    return { id: name.toLowerCase() };
  }

  @Step()
  async skip() {
    runs.push('skip');
  }
}

@Workflow()
class Shipping {
  @Run()
  async run() {
    return await this.ship('parcel');
  }

  @Step({ retry: { base: 0 } })
  async ship(what: string) {
    runs.push(`ship ${what}`);
    const label = await this.label();
    const rate = await step('rate', async () => {
      runs.push('rate');
      return 7;
    });
    if (execution().attempt < 3) throw new Error('The carrier is away');
    return `${label} for ${rate}`;
  }

  @Step()
  async label() {
    runs.push('label');
    return await step('number', async () => {
      runs.push('number');
      return 'label 1';
    });
  }
}

@Workflow()
class InlineSteps {
  @Run()
  async run() {
    const first = await step('value', () => 1);
    const second = await step('value', { retry: { maxAttempts: 1 } }, async () => 2);
    const failed = await step('value', { retry: { maxAttempts: 1 } }, () => {
      throw new RangeError('three');
    }).catch((error: unknown) => error instanceof RangeError && error.message);
    const odd = await step('a/b#2 %', () => 'odd');
    return [first, second, failed, odd];
  }
}

@Workflow()
class Nothing {
  @Run()
  async run() {}
}

@Workflow()
class Chain {
  constructor(private readonly mailer: Mailer) {}

  @Run()
  async run() {
    return await Promise.all([this.outer('a'), this.outer('b')]);
  }

  @Step()
  async outer(name: string) {
    return await this.mailer.send(name);
  }
}

const PROVIDERS = [Mailer, Onboarding, Shipping, InlineSteps, Nothing, Chain];

async function historyOf(client: DurableClient, id: string) {
  const { steps = [] } = await client.getExecution(id, { steps: true });
  return steps.map(({ path, status, attempt }) => [path, status, attempt]);
}

onEachDatabase((database) => {
  beforeEach(() => {
    runs = [];
    gate = new Gate();
  });
  afterEach(() => database.closeApps());

  describe('A run method', () => {
    it('calls steps of its own and of other providers, in loops and branches, each body once', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(Onboarding, { name: 'Ann', rounds: 4 });
      const { client } = await restartAt(gate, first, database, PROVIDERS);
      const result = await (await client.handle(Onboarding, { id })).result();
      expect(result).toEqual({ account: { id: 'ann' }, sent: ['mail to ann.1', 'mail to ann.3'] });
      expect(runs).toEqual(['create Ann', 'send ann.1', 'skip', 'send ann.3', 'skip', 'archive']);
    });

    it('has a history of names and occurrences; steps of providers carry the name of their class', async () => {
      const { client } = await database.start(PROVIDERS);
      gate.open();
      const handle = await client.start(Onboarding, { name: 'Ann', rounds: 3 });
      await handle.result();
      expect(await historyOf(client, handle.id)).toEqual([
        ['createAccount', 'completed', 1],
        ['Mailer.send', 'completed', 1],
        ['skip', 'completed', 1],
        ['Mailer.send#2', 'completed', 1],
        ['Mailer.archive_mail', 'completed', 1],
        ['gate', 'completed', 1],
      ]);
    });

    it('may return nothing', async () => {
      const { client } = await database.start(PROVIDERS);
      expect(await (await client.start(Nothing)).result()).toBeUndefined();
    });
  });

  describe('An inline step', () => {
    it('returns or throws what its body does; equal names are told apart by their occurrence', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(InlineSteps);
      expect(await handle.result()).toEqual([1, 2, 'three', 'odd']);
      const { steps } = await client.getExecution(handle.id, { steps: true });
      expect(steps?.map(({ name, status }) => [name, status])).toEqual([
        ['value', 'completed'],
        ['value', 'completed'],
        ['value', 'failed'],
        ['a/b#2 %', 'completed'],
      ]);
    });
  });

  describe('A step that calls steps', () => {
    it('finds what they returned in its next attempt, and runs none of them again', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Shipping);
      expect(await handle.result()).toBe('label 1 for 7');
      expect(runs).toEqual(['ship parcel', 'label', 'number', 'rate', 'ship parcel', 'ship parcel']);
    });

    it('has them below it in the history', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Shipping);
      await handle.result();
      expect(await historyOf(client, handle.id)).toEqual([
        ['ship/label/number', 'completed', 1],
        ['ship/label', 'completed', 1],
        ['ship/rate', 'completed', 1],
        ['ship', 'attempt_failed', 1],
        ['ship', 'attempt_failed', 2],
        ['ship', 'completed', 3],
      ]);
    });

    it('has its own, when several run at once', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Chain);
      expect(await handle.result()).toEqual(['mail to a', 'mail to b']);
      const paths = (await historyOf(client, handle.id)).map(([path]) => path);
      expect(paths.sort()).toEqual(['outer', 'outer#2', 'outer#2/Mailer.send', 'outer/Mailer.send']);
    });
  });
});
