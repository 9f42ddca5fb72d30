import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';

export interface Delivery {
  /** The same each time that it is delivered. */
  readonly id: string;
  readonly type: string;
  readonly order: string;
  readonly data: unknown;
}

/** The world outside, made up: takes money, and tells us of it in its own time, by HTTP. */
@Injectable()
export class PaymentProvider {
  readonly #paid = new Set<string>();
  readonly #closed = new Set<string>();
  #deliveries = 0;

  constructor(private readonly secret: string) {}

  /** False where the customer has paid: it is too late to close then. */
  async close(order: string): Promise<boolean> {
    if (this.#paid.has(order)) return false;
    this.#closed.add(order);
    return true;
  }

  pay(order: string, cents: number): Delivery {
    if (this.#closed.has(order)) throw new Error(`The payment of ${order} is closed`);
    this.#paid.add(order);
    return this.#delivery('payment.succeeded', order, { payment: `payment of ${order}`, cents });
  }

  refuse(order: string, reason: string): Delivery {
    return this.#delivery('payment.failed', order, { reason });
  }

  /** Gives the status that we answer with. Whoever does not know the secret signs with another one. */
  async deliver(url: string, delivery: Delivery, secret = this.secret): Promise<number> {
    const body = JSON.stringify(delivery);
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    const headers = { 'content-type': 'application/json', 'x-signature': signature };
    const { status } = await fetch(url, { method: 'POST', headers, body });
    return status;
  }

  #delivery(type: string, order: string, data: unknown): Delivery {
    this.#deliveries += 1;
    return { id: `delivery-${this.#deliveries}`, type, order, data };
  }
}
