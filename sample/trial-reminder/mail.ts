import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';

/** The world outside, made up: sends once per idempotency key. */
@Injectable()
export class Mail {
  readonly #sent = new Map<string, string>();

  async send(user: string, text: string, idempotencyKey: string): Promise<void> {
    await pause(20);
    this.#sent.set(idempotencyKey, `${user}: ${text}`);
  }

  to(user: string): string[] {
    const mine = [...this.#sent.values()].filter((mail) => mail.startsWith(`${user}: `));
    return mine.map((mail) => mail.slice(user.length + 2));
  }
}
