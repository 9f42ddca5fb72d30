import { Injectable } from '@nestjs/common';
import { Ledger } from './ledger.js';

@Injectable()
export class Mail {
  constructor(private readonly ledger: Ledger) {}

  async send(order: string, _to: string, _text: string, idempotencyKey: string): Promise<void> {
    await this.ledger.perform({ action: 'mail', order, idempotencyKey });
  }
}
