import { hostname } from 'node:os';
import { Logger } from '@nestjs/common';
import { LeaseLost } from '../errors/worker.error.js';
import type { Journal } from '../journal/journal.js';
import type { JournalWorker } from '../journal/lane.js';
import type { Query } from '../storage/queries/query.js';
import { registerWorker, releaseExecutions, retireWorker } from '../storage/queries/workers.queries.js';
import type { Clock } from '../time/clock.js';

export interface WorkerLeaseOptions {
  readonly journal: Journal;
  readonly query: Query;
  /** The quoted name of the schema. */
  readonly schema: string;
  readonly lease: number;
  readonly clock: Clock;
  /** The lease is lost: what ran here belongs to others. Called before a new worker is registered. */
  onLost(error: LeaseLost): void;
  /** Steps that outlasted the shutdown: their executions lie ready again in these queues. */
  released(queueIds: readonly number[]): void;
}

const RETRY_MS = 1_000;

/**
 * This process as the database knows it: a row in `workers`, whose id is the fencing token and whose heartbeat
 * is the journal's flush. A process that lost its lease registers anew and works on; it never exits.
 */
export class WorkerLease {
  readonly #logger = new Logger('DurableWorker');
  #stopped = false;

  constructor(private readonly options: WorkerLeaseOptions) {
    options.journal.onLeaseLost = (worker) => void this.#renew(worker);
  }

  async acquire(): Promise<void> {
    const { query, schema, lease, journal } = this.options;
    const host = hostname();
    const id = await registerWorker(query, schema, {
      name: `${host}:${process.pid}`,
      host,
      pid: process.pid,
      lease,
    });
    await journal.open({ id, lease });
    // The goodbye may have come while the new row was made.
    if (this.#stopped) await this.release();
  }

  /** A clean goodbye: the worker's row is dead at once, so nobody waits for its lease to run out. */
  async release(): Promise<void> {
    this.#stopped = true;
    const { journal, query, schema } = this.options;
    const id = journal.workerId;
    await journal.close();
    if (id === undefined) return;
    try {
      await retireWorker(query, schema, id);
      this.options.released(await releaseExecutions(query, schema, id));
    } catch (error) {
      // Without the goodbye the others wait for the lease to run out: later, but just as safe.
      this.#logger.warn(
        `The worker could not say goodbye: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  async #renew(lost: JournalWorker): Promise<void> {
    const error = new LeaseLost(lost.id);
    this.#logger.warn(error.message);
    this.options.onLost(error);
    while (!this.#stopped) {
      try {
        return await this.acquire();
      } catch (failure) {
        this.#logger.warn(
          `No new lease yet: ${failure instanceof Error ? failure.message : String(failure)}`,
        );
        await new Promise<void>((resolve) => this.options.clock.setTimer(RETRY_MS, resolve));
      }
    }
  }
}
