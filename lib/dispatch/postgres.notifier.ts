import { Logger } from '@nestjs/common';
import type { Client } from 'pg';
import type { Clock, Timer } from '../time/clock.js';
import type { Hint, Notifier } from './notifier.js';

export interface PostgresNotifierOptions {
  connect(): Promise<Client>;
  readonly channel: string;
  /** Tells our own hints from those of others. */
  readonly self: string;
  readonly clock: Clock;
}

/** Long enough to gather, short enough not to be felt. */
const GATHER_MS = 10;
/** PostgreSQL takes payloads of less than 8,000 bytes. */
const MAX_PAYLOAD = 7_500;
const RECONNECT_MS = 1_000;

/**
 * LISTEN and NOTIFY on a connection of its own. A NOTIFY inside the transactions that write would take a lock
 * that serializes all commits of the database: hints go out after the commit, several in one.
 */
export class PostgresNotifier implements Notifier {
  readonly #logger = new Logger('DurableNotifier');
  readonly #pending = new Set<string>();
  #listener: (hint: Hint) => void = () => undefined;
  #client: Client | undefined;
  #gathering: Timer | undefined;
  #stopped = false;
  #complained = false;

  constructor(private readonly options: PostgresNotifierOptions) {}

  onHint(listener: (hint: Hint) => void): void {
    this.#listener = listener;
  }

  /** Tries once; if that fails it goes on trying, and polling does the work meanwhile. */
  async start(): Promise<void> {
    try {
      await this.#connect();
    } catch (error) {
      this.#lost(error);
    }
  }

  publish({ topic, subject }: Hint): void {
    this.#pending.add(`${topic}:${subject}`);
    this.#gathering ??= this.options.clock.setTimer(GATHER_MS, () => void this.#send());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#gathering?.cancel();
    await this.#send();
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }

  async #connect(): Promise<void> {
    const client = await this.options.connect();
    client.on('error', (error) => this.#drop(client, error));
    client.on('end', () => this.#drop(client, new Error('the connection ended')));
    client.on('notification', ({ payload }) => this.#received(payload ?? ''));
    try {
      await client.query(`LISTEN ${client.escapeIdentifier(this.options.channel)}`);
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    }
    if (this.#stopped) return await client.end();
    this.#client = client;
    this.#complained = false;
  }

  #drop(client: Client, error: unknown): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#lost(error);
  }

  #lost(error: unknown): void {
    if (this.#stopped) return;
    if (!this.#complained) {
      const problem = error instanceof Error ? error.message : String(error);
      this.#logger.warn(`No notifications for now (${problem}); polling does their work meanwhile.`);
      this.#complained = true;
    }
    this.options.clock.setTimer(RECONNECT_MS, () => {
      if (!this.#stopped) void this.start();
    });
  }

  #received(payload: string): void {
    const [self, ...hints] = payload.split('\n');
    if (self === this.options.self) return;
    for (const hint of hints) {
      const colon = hint.indexOf(':');
      const topic = hint.slice(0, colon);
      if (topic === 'work' || topic === 'ended' || topic === 'signal') {
        this.#listener({ topic, subject: hint.slice(colon + 1) });
      }
    }
  }

  async #send(): Promise<void> {
    this.#gathering = undefined;
    const client = this.#client;
    const hints = [...this.#pending];
    this.#pending.clear();
    if (client === undefined || hints.length === 0) return;
    try {
      const payloads = inPayloads(this.options.self, hints);
      await client.query('SELECT pg_notify($1, p) FROM unnest($2::text[]) AS p', [
        this.options.channel,
        payloads,
      ]);
    } catch {
      // The connection's own error handler reports and reconnects; the hints are only hints.
    }
  }
}

function inPayloads(self: string, hints: readonly string[]): string[] {
  const payloads: string[] = [];
  let payload = self;
  let length = self.length;
  for (const hint of hints) {
    const bytes = Buffer.byteLength(hint) + 1;
    if (length + bytes > MAX_PAYLOAD && payload !== self) {
      payloads.push(payload);
      payload = self;
      length = self.length;
    }
    payload += `\n${hint}`;
    length += bytes;
  }
  return [...payloads, payload];
}
