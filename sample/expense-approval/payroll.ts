import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';

/** The world outside, made up: pays once per idempotency key, and writes letters. */
@Injectable()
export class Payroll {
  readonly #payments = new Map<string, string>();
  /** What the employees were told. */
  readonly letters: string[] = [];

  async pay(employee: string, amount: number, idempotencyKey: string): Promise<string> {
    await pause(30);
    const payment = this.#payments.get(idempotencyKey) ?? `${amount} EUR to ${employee}`;
    this.#payments.set(idempotencyKey, payment);
    return payment;
  }

  async write(employee: string, text: string): Promise<void> {
    await pause(10);
    this.letters.push(`Dear ${employee}, ${text}`);
  }
}
