import { StartExpired } from '../errors/start.error.js';
import { WorkflowTimeout } from '../errors/execution.error.js';
import { serializeError } from '../serialization/serialized-error.js';
import {
  expiredExecutions,
  nextDueIn,
  overdueUnbegun,
  wakeDue,
  wakeOverdue,
} from '../storage/queries/due.queries.js';
import type { Query } from '../storage/queries/query.js';
import { endUnbegun } from '../storage/queries/workers.queries.js';
import type { Clock, Timer } from '../time/clock.js';
import type { DatabaseClock } from '../time/database-clock.js';

export interface WakerOptions {
  readonly query: Query;
  /** The quoted name of the schema. */
  readonly schema: string;
  readonly clock: Clock;
  readonly databaseClock: DatabaseClock;
  /** How often the waker looks anyway: what is due later than that needs no timer. */
  readonly interval: number;
  woken(queueIds: readonly number[]): void;
  ended(ids: readonly string[]): void;
}

/** So much may lie between this process's idea of the database's time and the database's own. */
const SLIP_MS = 100;

/**
 * Wakes what waits for time: sleepers, starts for later, durable retries, deadlines, expiries. Always by the
 * database's clock. Between two polls a timer of its own goes off for what is due next, so a wait is as exact
 * as the timer and not as the poll.
 */
export class Waker {
  #timer: Timer | undefined;
  #timerAt = Infinity;
  /** How many looks in a row came too early. */
  #lateLooks = 0;
  #stopped = false;

  constructor(private readonly options: WakerOptions) {}

  async wake(): Promise<void> {
    const { query, schema } = this.options;
    const woken = new Set<number>();
    for (const batch of [wakeDue, wakeOverdue]) {
      let count: number;
      do {
        const queues = await batch(query, schema);
        count = queues.reduce((sum, queue) => sum + queue.count, 0);
        for (const { queueId } of queues) woken.add(queueId);
        // Tell after each batch: the first of many sleepers need not wait for the last to be woken.
        if (count > 0) this.options.woken([...woken]);
      } while (count > 0 && !this.#stopped);
    }
    await this.#endUnbegun();
    const left = await nextDueIn(query, schema);
    // What has been overdue for longer and is still there is held by somebody's transaction: that is left to the poll.
    if (left === undefined || left > this.options.interval || left < -SLIP_MS) {
      this.#lateLooks = 0;
      return;
    }
    this.#arm(this.options.databaseClock.now() + this.#patience(left));
  }

  /**
   * This process's idea of the database's time is not exact: what is due in its eyes may not be yet in those of the
   * database, and is looked for again soon.
   */
  #patience(left: number): number {
    this.#lateLooks = left > 0 ? 0 : this.#lateLooks + 1;
    return left > 0 ? left : 2 ** this.#lateLooks;
  }

  /** Something that waits now is due at this time (database time). */
  expect(dueAt: number): void {
    if (dueAt - this.options.databaseClock.now() <= this.options.interval) this.#arm(dueAt);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  async #endUnbegun(): Promise<void> {
    const { query, schema } = this.options;
    const expired = await expiredExecutions(query, schema);
    if (expired.length > 0) {
      const errors = expired.map((id) => ({ id, error: serializeError(new StartExpired(id)) }));
      this.options.ended(await endUnbegun(query, schema, errors, 'cancelled'));
    }
    const overdue = await overdueUnbegun(query, schema);
    if (overdue.length > 0) {
      const errors = overdue.map(({ id, timeout }) => ({
        id,
        error: serializeError(new WorkflowTimeout(id, timeout)),
      }));
      this.options.ended(await endUnbegun(query, schema, errors, 'failed'));
    }
  }

  #arm(dueAt: number): void {
    if (this.#stopped || dueAt >= this.#timerAt) return;
    this.#timer?.cancel();
    this.#timerAt = dueAt;
    const left = Math.max(0, dueAt - this.options.databaseClock.now());
    this.#timer = this.options.clock.setTimer(left, () => {
      this.#timerAt = Infinity;
      // A failure here costs nothing but time: the poll comes anyway, and reports.
      void this.wake().catch(() => undefined);
    });
  }
}
