import { Injectable } from '@nestjs/common';
import { execution, Step } from 'nest-durable';
import { Ledger } from './ledger.js';
import type { Item } from './order.js';

@Injectable()
export class Stock {
  constructor(private readonly ledger: Ledger) {}

  async reserve(order: string, idempotencyKey: string): Promise<string> {
    return await this.ledger.perform({ action: 'reserve', order, idempotencyKey });
  }

  /**
   * A step of a provider: called from a run method it is recorded like a step of the workflow's own, called from
   * anywhere else in the application it would be an ordinary call.
   */
  @Step()
  async putBack(order: string, item: Pick<Item, 'sku' | 'quantity'>): Promise<string> {
    const { idempotencyKey } = execution();
    return await this.ledger.perform({ action: `put-back ${item.sku}`, order, idempotencyKey });
  }
}
