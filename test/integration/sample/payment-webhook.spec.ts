import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { DurableClient, DurableModule, type ExecutionHandle } from 'nest-durable';
import { type CheckoutResult, CheckoutSettings } from '../../../sample/payment-webhook/checkout.js';
import { CheckoutWorkflow } from '../../../sample/payment-webhook/checkout.workflow.js';
import { CheckoutsModule } from '../../../sample/payment-webhook/checkouts.module.js';
import { type Delivery, PaymentProvider } from '../../../sample/payment-webhook/payment-provider.js';
import { Warehouse } from '../../../sample/payment-webhook/warehouse.js';
import { isSigned } from '../../../sample/payment-webhook/webhook-signature.js';
import { eventually } from '../../support/eventually.js';
import { runSample } from './sample-process.js';

const secret = 'known to two';

interface Shop {
  readonly app: INestApplication;
  readonly client: DurableClient;
  readonly provider: PaymentProvider;
  readonly warehouse: Warehouse;
  checkout(order: string): Promise<ExecutionHandle<CheckoutResult>>;
  deliver(delivery: Delivery, signedWith?: string): Promise<number>;
}

async function open(payWithin: CheckoutSettings['payWithin']): Promise<Shop> {
  const provider = new PaymentProvider(secret);
  const testing = await Test.createTestingModule({
    imports: [
      DurableModule.forRoot({ database: { embedded: ':memory:' } }),
      CheckoutsModule.register(new CheckoutSettings(secret, payWithin), provider),
    ],
  }).compile();
  const app = testing.createNestApplication({ rawBody: true, logger: false });
  await app.listen(0, '127.0.0.1');
  const webhook = `${await app.getUrl()}/webhooks/payments`;
  const client = app.get(DurableClient);
  return {
    app,
    client,
    provider,
    warehouse: app.get(Warehouse),
    checkout: async (order) => await client.start(CheckoutWorkflow, { order }, { key: order }),
    deliver: async (delivery, signedWith) => await provider.deliver(webhook, delivery, signedWith),
  };
}

describe('The checkouts of the sample', () => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await open('1d');
  }, 60_000);

  afterAll(async () => {
    await shop.app.close();
  });

  it('are shipped when the webhook says that they are paid, once however often it says so', async () => {
    const handle = await shop.checkout('lamp');
    const delivery = shop.provider.pay('lamp', 4_900);

    const statuses = await Promise.all([1, 2, 3].map(async () => await shop.deliver(delivery)));
    expect(await handle.result()).toEqual({ order: 'lamp', status: 'shipped', cents: 4_900 });
    statuses.push(await shop.deliver(delivery)); // also after the end

    expect(statuses).toEqual([200, 200, 200, 200]);
    expect(shop.warehouse.book.filter((line) => line.startsWith('lamp'))).toEqual(['lamp shipped']);
  });

  it('are begun by the webhook where it is first', async () => {
    expect(await shop.deliver(shop.provider.pay('mug', 900))).toBe(200);

    const handle = await shop.checkout('mug');

    expect(handle.created).toBe(false);
    expect(await handle.result()).toEqual({ order: 'mug', status: 'shipped', cents: 900 });
  });

  it('take no word from anybody who does not know the secret', async () => {
    const forged = { id: 'x', type: 'payment.succeeded', order: 'gold', data: { payment: 'p', cents: 1 } };

    expect(await shop.deliver(forged, 'a guess')).toBe(401);
    expect(await shop.client.countExecutions({ workflow: CheckoutWorkflow })).toBe(2);
  });

  it.each([
    ['no amount', { payment: 'p' }],
    ['an amount in words', { payment: 'p', cents: 'a lot' }],
    ['nothing', null],
  ])('take no payment with %s, and are not begun by it', async (_what, data) => {
    const before = await shop.client.countExecutions({ workflow: CheckoutWorkflow });

    const status = await shop.deliver({ id: 'bad', type: 'payment.succeeded', order: 'vase', data });

    expect(status).toBe(400);
    expect(await shop.client.countExecutions({ workflow: CheckoutWorkflow })).toBe(before);
  });

  it('go back where the payment is refused; what is said later is taken note of, and no more', async () => {
    const handle = await shop.checkout('piano');
    expect(await shop.deliver(shop.provider.refuse('piano', 'no money'))).toBe(200);

    expect(await handle.result()).toEqual({ order: 'piano', status: 'refused', reason: 'no money' });
    expect(await shop.deliver(shop.provider.pay('piano', 9))).toBe(200);
    expect(await shop.deliver({ id: 'odd', type: 'customer.created', order: 'piano', data: {} })).toBe(200);
    expect(shop.warehouse.book.filter((line) => line.startsWith('piano'))).toEqual(['piano put back']);
  });
});

describe('The checkouts of the sample that take too long', () => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await open('20ms');
  }, 60_000);

  afterAll(async () => {
    await shop.app.close();
  });

  it('expire, and cannot be paid any more', async () => {
    const handle = await shop.checkout('kite');

    expect(await handle.result()).toEqual({ order: 'kite', status: 'expired' });
    expect(() => shop.provider.pay('kite', 1)).toThrow('closed');
  });

  it('are shipped where the customer paid in the last moment', async () => {
    const paid = shop.provider.pay('boat', 700);
    const handle = await shop.checkout('boat');
    await eventually(async () => {
      const { events } = await shop.client.listPendingEvents({ executionId: handle.id });
      return events.length === 1 && events[0]?.path === 'payment.succeeded#2';
    });

    expect(await shop.deliver(paid)).toBe(200);

    expect(await handle.result()).toEqual({ order: 'boat', status: 'shipped', cents: 700 });
  });
});

describe('The signature of the sample', () => {
  const body = Buffer.from('{"a":1}');

  const rightFor = (bytes: Buffer): string => createHmac('sha256', secret).update(bytes).digest('hex');

  it('is right over the bytes that came', () => {
    expect(isSigned(body, rightFor(body), secret)).toBe(true);
  });

  it.each([
    ['that is too short', body, rightFor(body).slice(2)],
    ['that is no hexadecimal number', body, 'something'],
    ['that is not there', body, undefined],
    ['without a body', undefined, rightFor(body)],
    ['of another body', Buffer.from('{ "a":1}'), rightFor(body)],
  ])('is none %s', (_what, given, signature) => {
    expect(isSigned(given, signature, secret)).toBe(false);
  });
});

describe('npm run sample:payment-webhook', () => {
  it('shows what the provider is told for what it delivers, and what becomes of the orders', async () => {
    const { exitCode, printed, complaints } = await runSample('payment-webhook');

    expect({ exitCode, complaints }).toEqual({ exitCode: 0, complaints: '' });
    expect(printed.match(/^ +\w+ +delivery-\d, \S+: \d+$/gm)?.map((line) => line.trim())).toEqual([
      expect.stringMatching(/^forged .*401$/),
      expect.stringMatching(/^first .*delivery-1.*200$/),
      expect.stringMatching(/^again .*delivery-1.*200$/),
      expect.stringMatching(/^first .*200$/),
      expect.stringMatching(/^empty .*400$/),
      expect.stringMatching(/^first .*200$/),
    ]);
    expect(printed).toContain('finds that it has begun');
    expect(printed).toMatch(/^ +warehouse lamp shipped, mug shipped, piano put back, kite put back$/m);
  }, 60_000);
});
