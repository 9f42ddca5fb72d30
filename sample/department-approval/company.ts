import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';

/** The rest of the company, made up: keeps budgets, signs, and sends mail around. */
@Injectable()
export class Company {
  readonly #budgets = new Map<string, string>();
  #signed = 0;
  /** What is blocked at the moment. */
  readonly blocked = new Set<string>();
  readonly mail: string[] = [];

  async block(partner: string, amount: number, idempotencyKey: string): Promise<string> {
    await pause(20);
    const budget = this.#budgets.get(idempotencyKey) ?? `${amount} EUR for ${partner}`;
    this.#budgets.set(idempotencyKey, budget);
    this.blocked.add(budget);
    return budget;
  }

  async release(budget: string): Promise<void> {
    await pause(20);
    this.blocked.delete(budget);
  }

  async write(department: string, text: string): Promise<void> {
    await pause(10);
    this.mail.push(`${department}: ${text}`);
  }

  async sign(_partner: string): Promise<string> {
    await pause(20);
    this.#signed += 1;
    return `contract ${this.#signed}`;
  }
}
