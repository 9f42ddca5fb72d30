import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';

export class MailboxUnknown extends Error {
  override readonly name = 'MailboxUnknown';
}

export class ServerBusy extends Error {
  override readonly name = 'ServerBusy';
}

/** The world outside, made up: a mail server that is busy now and then, and knows a message by its key. */
@Injectable()
export class MailServer {
  readonly #messages = new Map<string, string>();
  readonly #wasBusyFor = new Set<string>();
  #underWay = 0;
  /** The most messages that ever were under way at once. */
  peak = 0;

  get delivered(): number {
    return this.#messages.size;
  }

  async send(email: string, _text: string, idempotencyKey: string): Promise<string> {
    this.#underWay += 1;
    this.peak = Math.max(this.peak, this.#underWay);
    try {
      await pause(40);
      return this.#deliver(email, idempotencyKey);
    } finally {
      this.#underWay -= 1;
    }
  }

  #deliver(email: string, idempotencyKey: string): string {
    if (email.endsWith('@moved.example')) throw new MailboxUnknown(`550 ${email} is not known here`);
    if (email.includes('.13') && !this.#wasBusyFor.has(email)) {
      this.#wasBusyFor.add(email);
      throw new ServerBusy('421 try again');
    }
    const messageId = this.#messages.get(idempotencyKey) ?? `message-${this.#messages.size + 1}`;
    this.#messages.set(idempotencyKey, messageId);
    return messageId;
  }
}
