import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import {
  Compensate,
  type DurableClient,
  execution,
  InvalidArgument,
  mapItems,
  Run,
  Step,
  step,
  type Undo,
  Workflow,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import { Gate } from '../../support/gate.js';
import { causeOf } from '../../support/outcome.js';
import { HASTY, restartAt } from '../../support/restart.js';

let undone: unknown[] = [];
let gate = new Gate();

@Injectable()
class Payments {
  readonly name = 'payments';

  @Step()
  async charge(account: string, amount: number) {
    return { charge: `${account} ${amount}` };
  }

  @Compensate('charge')
  async refund({ result, ...others }: Undo<{ charge: string }>, account: string, amount: number) {
    undone.push([`refund by ${this.name}`, result, others, account, amount]);
  }
}

@Workflow()
class Shop {
  constructor(private readonly payments: Payments) {}

  @Run()
  async run({ paysLate = false }: { paysLate?: boolean }) {
    const seat = await this.reserve('1a');
    await this.reserve('2b');
    const coupon = await step(
      'coupon',
      { compensate: ({ result, step: name }) => void undone.push([name, result, seat]) },
      () => 'ten percent',
    );
    await this.payments.charge(coupon, 90);
    if (paysLate) await step('late', { retry: { maxAttempts: 1 } }, () => gate.pass(execution().signal));
    throw new Error('sold out');
  }

  @Step({ name: 'hold' })
  async reserve(seat: string) {
    return { seat };
  }

  @Compensate('reserve')
  async free({ result, step: name }: Undo<{ seat: string }>, seat: string) {
    if (seat === '2b') await gate.pass(execution().signal);
    undone.push([name, result, seat]);
  }
}

@Workflow()
class Nested {
  constructor(private readonly payments: Payments) {}

  @Run()
  async run() {
    await this.order();
    await this.refusesCompensate();
  }

  @Step()
  async order() {
    await this.payments.charge('inner', 1);
    return 'ordered';
  }

  @Compensate('order')
  async unorder({ result }: Undo<string>) {
    // A step is called as an ordinary part of the undo.
    undone.push([result, await this.payments.charge('the fee of', 2)]);
  }

  @Step({ retry: { maxAttempts: 1 } })
  async refusesCompensate() {
    await step('inner', { compensate: () => undone.push('inner') }, () => undefined);
  }
}

@Workflow()
class Catches {
  @Run()
  async run(input: { failsLater: boolean }) {
    await this.book('car');
    try {
      await this.book('plane');
    } catch {
      await this.book('train');
    } finally {
      await this.book('insurance');
    }
    if (input.failsLater) throw new Error('failed later');
    return 'went on';
  }

  @Step({ retry: { maxAttempts: 1 } })
  async book(what: string) {
    if (what === 'plane') throw new Error('no plane');
    return what;
  }

  @Compensate('book')
  async cancel({ result }: Undo<string>, what: string) {
    undone.push([result, what]);
  }
}

@Workflow()
class SideBySide {
  @Run()
  async run() {
    await mapItems([1, 2, 3], { concurrency: 3 }, (number) => this.work(number));
  }

  @Step({ retry: { maxAttempts: 1 } })
  async work(number: number) {
    if (number === 2) {
      await gate.reached(2);
      throw new Error('two failed');
    }
    // Ends because its sibling failed, and is done all the same.
    await gate.pass(execution().signal).catch(() => undefined);
    return number;
  }

  @Compensate('work')
  async undo({ result }: Undo<number>) {
    undone.push(result);
  }
}

const PROVIDERS = [Payments, Shop, Nested, Catches, SideBySide];

async function undos(client: DurableClient, id: string): Promise<string[] | undefined> {
  const { compensationResults } = await client.getExecution(id);
  return compensationResults?.map(({ path, undo, status }) => `${undo} ${path} ${status}`);
}

onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    undone = [];
    gate = new Gate();
  });
  afterEach(() => database.closeApps());

  describe('A run method that fails', () => {
    const all = [
      ['refund by payments', { charge: 'ten percent 90' }, { step: 'charge' }, 'ten percent', 90],
      ['coupon', 'ten percent', { seat: '1a' }],
      ['hold', { seat: '2b' }, '2b'],
      ['hold', { seat: '1a' }, '1a'],
    ];
    const everything = [
      'refund Payments.charge completed',
      'coupon coupon completed',
      'free hold#2 completed',
      'free hold completed',
    ];

    it('is undone: its own steps, those of providers, and inline ones, with result and arguments', async () => {
      const { client } = await database.start(PROVIDERS);
      gate.open();
      const handle = await client.start(Shop, {});
      await causeOf(handle, Error);
      expect(undone).toEqual(all);
      expect(await undos(client, handle.id)).toEqual(everything);
      const { compensationResults } = await client.getExecution(handle.id);
      expect(compensationResults?.map((result) => result.step)).toEqual([
        'Payments.charge',
        'coupon',
        'hold',
        'hold',
      ]);
    });

    it('is undone elsewhere, where its code is replayed to find out how', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(Shop, {});
      const { client } = await restartAt(gate, first, database, PROVIDERS);
      expect((await causeOf(await client.handle(Shop, { id }), Error)).message).toBe('sold out');
      expect(undone).toEqual(all);
      expect(await undos(client, id)).toEqual(everything);
    });

    it('is undone elsewhere after a cancellation, too', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(Shop, { paysLate: true });
      await gate.reached();
      await first.close();
      const { client } = await database.start(PROVIDERS, { worker: false });
      await client.cancel(id, 'enough', { compensate: true });
      gate.open();
      await database.closeApps();
      const { client: last } = await database.start(PROVIDERS);
      await expect((await last.handle(Shop, { id })).result()).rejects.toMatchObject({ reason: 'enough' });
      expect(undone).toEqual(all);
      expect(await undos(last, id)).toEqual(everything);
    });

    it('leaves what a step calls to the undo of that step', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Nested);
      const error = await causeOf(handle, InvalidArgument);
      expect(error.message).toContain('refusesCompensate');
      expect(undone).toEqual([['ordered', { charge: 'the fee of 2' }]]);
      expect(await undos(client, handle.id)).toEqual(['unorder order completed']);
      const { steps } = await client.getExecution(handle.id, { steps: true });
      expect(steps?.map(({ path }) => path)).toEqual([
        'order/Payments.charge',
        'order',
        'refusesCompensate',
        '#undo/order/Payments.charge',
        '#undo/order',
      ]);
    });

    it('is not undone for a failure that its code caught', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Catches, { failsLater: false });
      expect(await handle.result()).toBe('went on');
      expect(undone).toEqual([]);
      expect((await client.getExecution(handle.id)).compensationResults).toBeUndefined();
    });

    it('is undone with what its catch and finally did, where it fails later', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Catches, { failsLater: true });
      expect((await causeOf(handle, Error)).message).toBe('failed later');
      expect(undone).toEqual([
        ['insurance', 'insurance'],
        ['train', 'train'],
        ['car', 'car'],
      ]);
    });

    it('waits for what runs beside the step that failed, and undoes that as well', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(SideBySide);
      // Without an abort nothing here would end: one after the other fails the test by its time.
      gate.open();
      expect((await causeOf(handle, Error)).message).toBe('two failed');
      expect([...undone].sort()).toEqual([1, 3]);
      expect(await handle.status()).toBe('compensated');
    });
  });
});
