import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';

/** The people in the office and their cabinet, made up: they answer at once, and always say yes. */
@Injectable()
export class Office {
  /** What is filed where, by the idempotency key of whoever filed it: twice is once. */
  readonly #cabinet = new Map<string, { readonly name: string; readonly folder: string }>();

  async sortByHand(name: string): Promise<string> {
    await pause(50);
    return `${name}, typed by hand`;
  }

  async approve(_name: string, amount: number): Promise<string> {
    await pause(50);
    return amount > 5_000 ? 'the board' : 'accounting';
  }

  async file(name: string, folder: string, idempotencyKey: string): Promise<void> {
    await pause(20);
    this.#cabinet.set(idempotencyKey, { name, folder });
  }

  contentsOf(folder: string): string[] {
    return [...this.#cabinet.values()].filter((filed) => filed.folder === folder).map(({ name }) => name);
  }
}
