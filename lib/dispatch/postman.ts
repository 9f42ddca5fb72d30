import type { Executor } from '../execution/executor.js';
import type { EventIntake, SignalReceiver } from '../intake/event-intake.js';
import { forgetExpiredBroadcasts } from '../storage/queries/broadcast.queries.js';
import {
  deliverEvents,
  dropUndeliverable,
  type Signalled,
  undelivered,
} from '../storage/queries/mailbox.queries.js';
import type { Query } from '../storage/queries/query.js';
import type { Clock } from '../time/clock.js';

export interface PostmanOptions {
  readonly query: Query;
  /** The quoted name of the schema. */
  readonly schema: string;
  readonly clock: Clock;
  readonly executor: Executor;
  readonly events: EventIntake;
  /** Executions lie ready in these queues. */
  woken(queueIds: readonly number[]): void;
  /** Other processes may run this execution. */
  announce(executionId: string): void;
}

/** A caller's transaction commits some time after its event was written: look a few times, soon. */
const AFTER_COMMIT_LOOKS_MS = [5, 25, 100, 400] as const;

/**
 * Sees to it that what was sent is looked at: at once for what this process sends, and by polling for what was written
 * in somebody's transaction, or by a process that died before it could tell anybody.
 */
export class Postman implements SignalReceiver {
  #delivering: Promise<void> | undefined;
  #again = false;
  /** When somebody last expected a delivery; monotonic. */
  #expectedAt = -Infinity;
  #stopped = false;

  constructor(private readonly options: PostmanOptions) {}

  signalled(executions: readonly Signalled[]): void {
    const { options } = this;
    const queues = new Set<number>();
    for (const { id, queueId, isReady, isRunning } of executions) {
      if (isReady) queues.add(queueId);
      if (!isRunning) continue;
      if (options.executor.get(id) === undefined) options.announce(id);
      else options.executor.look(id);
    }
    if (queues.size > 0) options.woken([...queues]);
  }

  deliveryExpected(): void {
    // The looks of a call a moment ago are as good.
    const now = this.options.clock.monotonic();
    if (now - this.#expectedAt < AFTER_COMMIT_LOOKS_MS[0]) return;
    this.#expectedAt = now;
    for (const delay of AFTER_COMMIT_LOOKS_MS) {
      this.options.clock.setTimer(delay, () => {
        // A failure costs time: the poller looks again, and reports.
        if (!this.#stopped) void this.deliver().catch(() => undefined);
      });
    }
  }

  /** Delivers what is written and committed, and was not delivered. Several calls share a round. */
  async deliver(): Promise<void> {
    this.#again = this.#delivering !== undefined;
    this.#delivering ??= this.#rounds();
    await this.#delivering;
  }

  async forget(): Promise<void> {
    await forgetExpiredBroadcasts(this.options.query, this.options.schema);
  }

  stop(): void {
    this.#stopped = true;
  }

  async #rounds(): Promise<void> {
    try {
      do {
        this.#again = false;
        await this.#round();
      } while (this.#again && !this.#stopped);
    } finally {
      this.#delivering = undefined;
    }
  }

  async #round(): Promise<void> {
    const { query, schema, events } = this.options;
    const left = await undelivered(query, schema);
    if (left.events) {
      let signalled: Signalled[];
      do {
        signalled = await deliverEvents(query, schema);
        if (signalled.length > 0) this.signalled(signalled);
      } while (signalled.length > 0 && !this.#stopped);
      await dropUndeliverable(query, schema);
    }
    if (left.broadcasts) await events.announce();
  }
}
