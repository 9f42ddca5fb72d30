import { Injectable } from '@nestjs/common';
import { Ledger } from './ledger.js';

@Injectable()
export class Payments {
  constructor(private readonly ledger: Ledger) {}

  /** Takes the money once per idempotency key, however often it is called. */
  async charge(order: string, _cents: number, idempotencyKey: string): Promise<string> {
    return await this.ledger.perform({ action: 'charge', order, idempotencyKey });
  }

  async refund(order: string, _cents: number, idempotencyKey: string): Promise<string> {
    return await this.ledger.perform({ action: 'refund', order, idempotencyKey });
  }
}
