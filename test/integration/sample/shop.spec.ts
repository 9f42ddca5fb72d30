import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BadRequestException, ConflictException, type INestApplicationContext } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { DurableClient, DurableModule } from 'nest-durable';
import { type Effect, Ledger } from '../../../sample/shop/ledger.js';
import type { Order } from '../../../sample/shop/order.js';
import { OrderWorkflow } from '../../../sample/shop/order.workflow.js';
import { OrdersController } from '../../../sample/shop/orders.controller.js';
import { ReturnWorkflow } from '../../../sample/shop/return.workflow.js';
import { ShopModule } from '../../../sample/shop/shop.module.js';

/** The world outside, without its distances. Answers that are to get lost do: the effect has happened by then. */
class TestLedger extends Ledger {
  readonly loses = new Set<string>();

  override async perform(effect: Effect): Promise<string> {
    const reference = await super.perform(effect);
    if (this.loses.delete(`${effect.action} ${effect.order}`)) throw new Error('The answer was lost.');
    return reference;
  }

  effectsOf(order: string): string[] {
    return this.read()
      .filter((line) => line.order === order && line.event === 'done')
      .map(({ action }) => action);
  }

  callsOf(order: string, action: string): { event: string; idempotencyKey: string }[] {
    return this.read().filter((line) => line.order === order && line.action === action);
  }
}

const file = join(tmpdir(), `durable-ledger-${randomUUID()}.log`);
const ledger = new TestLedger(file, { request: 0, answer: 0 });

function orderOf(id: string): Order {
  return {
    id,
    email: 'ada@example.com',
    items: [
      { sku: 'lamp', quantity: 2, price: 4_900 },
      { sku: 'mug', quantity: 1, price: 900 },
    ],
  };
}

describe('The shop of the sample', () => {
  let app: INestApplicationContext;
  let client: DurableClient;
  let orders: OrdersController;

  beforeAll(async () => {
    const testing = await Test.createTestingModule({
      imports: [
        DurableModule.forRoot({ database: { embedded: ':memory:' } }),
        ShopModule.register({ ledger, courierComesIn: 20 }),
      ],
    }).compile();
    app = await testing.init();
    client = app.get(DurableClient);
    orders = app.get(OrdersController);
  }, 60_000);

  afterAll(async () => {
    await app.close();
    await rm(file, { force: true });
  });

  it('takes an order from its price to its receipt, each step once and in order', async () => {
    const handle = await client.start(OrderWorkflow, orderOf('whole'));

    const receipt = await handle.result();

    const shipped = ledger.callsOf('whole', 'ship').find(({ event }) => event === 'done');
    expect(receipt).toEqual({
      order: 'whole',
      paid: 10_700,
      trackingNumber: expect.stringMatching(/^ship-/),
    });
    expect(shipped).toMatchObject({ reference: receipt.trackingNumber });
    expect(ledger.effectsOf('whole')).toEqual(['reserve', 'charge', 'ship', 'mail']);
    const { status, steps } = await client.getExecution(handle.id, { steps: true });
    const completed = steps?.filter((step) => step.status === 'completed' && step.kind === 'step');
    expect(status).toBe('completed');
    expect(completed?.map(({ name }) => name)).toEqual([
      'priceOrder',
      'reserveStock',
      'chargePayment',
      'waitForCourier',
      'shipParcel',
      'confirmOrder',
    ]);
  });

  it('charges a card once when the answer of the bank gets lost', async () => {
    ledger.loses.add('charge lost');

    await (await client.start(OrderWorkflow, orderOf('lost'))).result();

    const calls = ledger.callsOf('lost', 'charge');
    expect(calls.map(({ event }) => event)).toEqual(['asked', 'done', 'asked', 'repeated']);
    expect(new Set(calls.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
  });

  it('knows an order that is sent again', async () => {
    const first = await orders.place(orderOf('twice'));
    const second = await orders.place(orderOf('twice'));
    await (await client.handle(OrderWorkflow, { key: 'twice' })).result();

    expect(first.isNew).toBe(true);
    expect(second).toEqual({ execution: first.execution, isNew: false });
    expect(await orders.find('twice')).toMatchObject({
      execution: first.execution,
      status: 'completed',
      receipt: { order: 'twice' },
    });
    expect(ledger.effectsOf('twice')).toEqual(['reserve', 'charge', 'ship', 'mail']);
  });

  it('refuses another order under the same id', async () => {
    await orders.place(orderOf('taken'));

    await expect(orders.place({ ...orderOf('taken'), email: 'eve@example.com' })).rejects.toThrow(
      ConflictException,
    );
  });

  it('refuses an order that is not right, and starts nothing', async () => {
    const before = await client.countExecutions({ workflow: OrderWorkflow });
    const wrong = { ...orderOf('wrong'), email: 'nobody', items: [{ sku: 'lamp', quantity: -1, price: 1 }] };

    const refusal = await orders.place(wrong).catch((error: unknown) => error);

    expect(refusal).toBeInstanceOf(BadRequestException);
    expect(JSON.stringify((refusal as BadRequestException).getResponse())).toMatch(
      /email.*items\.0\.quantity/,
    );
    expect(await client.countExecutions({ workflow: OrderWorkflow })).toBe(before);
    expect(ledger.effectsOf('wrong')).toEqual([]);
  });

  it('takes things back: each item, the money, and a word of thanks', async () => {
    ledger.loses.add('refund back');
    const { items, email } = orderOf('back');

    const handle = await client.start(ReturnWorkflow, { order: 'back', email, items });

    expect(await handle.result()).toEqual({ refunded: 10_700 });
    expect(ledger.effectsOf('back')).toEqual(['put-back lamp', 'put-back mug', 'refund', 'mail']);
    const { steps } = await client.getExecution(handle.id, { steps: true });
    expect(steps?.map(({ path, status }) => `${path} ${status}`)).toEqual([
      'Stock.putBack completed',
      'Stock.putBack#2 completed',
      'refund attempt_failed',
      'refund completed',
      'say-thanks completed',
    ]);
  });
});
