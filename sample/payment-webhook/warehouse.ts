import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';

/** Made up: keeps things for customers, and sends them off once per idempotency key. */
@Injectable()
export class Warehouse {
  readonly #shipped = new Map<string, string>();
  /** What really happened there, in its order. */
  readonly book: string[] = [];

  async ship(order: string, idempotencyKey: string): Promise<void> {
    await pause(20);
    if (this.#shipped.has(idempotencyKey)) return;
    this.#shipped.set(idempotencyKey, order);
    this.book.push(`${order} shipped`);
  }

  async putBack(order: string): Promise<void> {
    await pause(20);
    this.book.push(`${order} put back`);
  }
}
