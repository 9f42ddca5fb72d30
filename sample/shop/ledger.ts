import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** What somebody outside is asked to do. */
export interface Effect {
  /** Such as `charge`. */
  readonly action: string;
  readonly order: string;
  /** The same for every run of the same step: what is asked for twice is still done once. */
  readonly idempotencyKey: string;
}

/** `asked`: a call came in. `done`: it had its effect. `repeated`: it had been done before, so nothing happened. */
export interface LedgerLine extends Effect {
  readonly event: 'asked' | 'done' | 'repeated';
  readonly reference: string;
}

/**
 * The world outside: the bank, the warehouse, the courier, the mail server. It keeps its own book, a file that is
 * only ever appended to and that has nothing to do with the workflow's database, so it shows what really happened.
 */
export class Ledger {
  constructor(
    private readonly file: string,
    /** How long a request travels, and how long its answer does, in milliseconds. */
    private readonly travel: { readonly request: number; readonly answer: number },
  ) {}

  /** Has an effect outside, once per idempotency key, and gives its reference. */
  async perform(effect: Effect): Promise<string> {
    this.#append({ ...effect, event: 'asked', reference: '' });
    await pause(this.travel.request);
    const reference = this.#settle(effect);
    await pause(this.travel.answer);
    return reference;
  }

  read(): LedgerLine[] {
    return existsSync(this.file) ? parseLedger(readFileSync(this.file, 'utf8')) : [];
  }

  // In one go, without an await: two calls with one key cannot both find that nothing has been done yet.
  #settle(effect: Effect): string {
    const before = this.read().find(
      ({ event, idempotencyKey }) => event === 'done' && idempotencyKey === effect.idempotencyKey,
    );
    const reference = before?.reference ?? `${effect.action}-${randomBytes(3).toString('hex')}`;
    this.#append({ ...effect, event: before === undefined ? 'done' : 'repeated', reference });
    return reference;
  }

  #append(line: LedgerLine): void {
    appendFileSync(this.file, `${JSON.stringify(line)}\n`);
  }
}

/** Without the line that is being written at this moment, if it is read from another process. */
export function parseLedger(text: string): LedgerLine[] {
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LedgerLine);
}
