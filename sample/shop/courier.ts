import { Injectable } from '@nestjs/common';
import type { Duration } from 'nest-durable';
import { Ledger } from './ledger.js';

@Injectable()
export class Courier {
  constructor(
    private readonly ledger: Ledger,
    /** How long it takes until the courier is at the door. */
    readonly comesIn: Duration,
  ) {}

  async ship(order: string, idempotencyKey: string): Promise<string> {
    return await this.ledger.perform({ action: 'ship', order, idempotencyKey });
  }
}
