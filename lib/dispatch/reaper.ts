import { Logger } from '@nestjs/common';
import { WorkerLostRepeatedly } from '../errors/execution.error.js';
import type { Journal } from '../journal/journal.js';
import { ISOLATION_FROM_LOSSES, PARKED_FROM_LOSSES } from '../journal/statements/claim.statement.js';
import { serializeError } from '../serialization/serialized-error.js';
import type { Query } from '../storage/queries/query.js';
import {
  buryAllWorkers,
  buryWorker,
  endBackends,
  failUnowned,
  forgetDeadWorkers,
  freeExecutions,
  lostAtLeast,
  silentWorkers,
} from '../storage/queries/workers.queries.js';
import type { Clock } from '../time/clock.js';

export interface ReaperOptions {
  readonly journal: Journal;
  readonly query: Query;
  /** The quoted name of the schema. */
  readonly schema: string;
  readonly lease: number;
  readonly clock: Clock;
  /** Whether the database has no other process, so that every other worker is dead for certain. */
  readonly alone: boolean;
  /** Executions lie ready again in these queues. */
  freed(queueIds: readonly number[]): void;
  /** Some of them were lost before, and are to run alone. */
  suspected(queueIds: readonly number[]): void;
  /** Executions were given up; their waiters want to know. */
  ended(ids: readonly string[]): void;
}

/**
 * Takes over from workers that are gone. Level-triggered: it looks for workers that *are* silent or dead and
 * still own something, so a reaper that dies half-way has only delayed the next one.
 *
 * After an outage of the database every worker looks silent. So a reaper first waits for one full lease of its
 * own good heartbeats: until then the others have had the same chance to beat.
 */
export class Reaper {
  readonly #logger = new Logger('DurableReaper');

  constructor(private readonly options: ReaperOptions) {}

  /** On a database that only one process can open, whoever was here before is gone: take over at once. */
  async takeOverAtBoot(): Promise<void> {
    const { alone, query, schema } = this.options;
    if (!alone) return;
    await buryAllWorkers(query, schema);
    for (const { id, name } of await silentWorkers(query, schema)) await this.#free(id, name);
  }

  async reap(): Promise<void> {
    const { query, schema, journal, clock, lease } = this.options;
    if (!journal.holdsLease || clock.monotonic() - journal.healthySince < lease) return;
    for (const { id, name, backends } of await silentWorkers(query, schema)) {
      if (id === journal.workerId) continue;
      try {
        if (backends.length > 0) await endBackends(query, schema, id);
        if (await buryWorker(query, schema, id)) await this.#free(id, name);
      } catch (error) {
        // The next one is not to wait for whoever holds this one's row.
        this.#logger.warn(`Worker ${id} (${name}) could not be taken over yet: ${String(error)}`);
      }
    }
    await this.#parkHopeless();
    await forgetDeadWorkers(query, schema);
  }

  async #free(workerId: string, name: string): Promise<void> {
    const { query, schema } = this.options;
    const freed = await freeExecutions(query, schema, workerId);
    if (freed.length === 0) return;
    this.#logger.warn(`Worker ${workerId} (${name}) is gone; ${freed.length} executions go on elsewhere.`);
    await this.#parkHopeless();
    this.options.freed([...new Set(freed.map(({ queueId }) => queueId))]);
    const suspects = freed.filter(({ lost }) => lost >= ISOLATION_FROM_LOSSES && lost < PARKED_FROM_LOSSES);
    this.options.suspected([...new Set(suspects.map(({ queueId }) => queueId))]);
  }

  /** Level-triggered, too: whoever counted the last loss may have died before this. */
  async #parkHopeless(): Promise<void> {
    const { query, schema } = this.options;
    const hopeless = await lostAtLeast(query, schema, PARKED_FROM_LOSSES);
    if (hopeless.length === 0) return;
    const errors = hopeless.map(({ id, lost }) => new WorkerLostRepeatedly(id, lost));
    for (const error of errors) this.#logger.error(error.message);
    const ended = await failUnowned(
      query,
      schema,
      hopeless.map(({ id }, place) => ({ id, error: serializeError(errors[place]) })),
    );
    this.options.ended(ended);
  }
}
