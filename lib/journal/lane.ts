import { Logger } from '@nestjs/common';
import { RecordRefused } from '../errors/execution.error.js';
import type { Clock } from '../time/clock.js';
import type { Batch } from './batch.js';
import type { ClaimedExecution } from './claims.js';
import { classifyFailure, describeFailure, Unwritable } from './flush-failure.js';
import type { Flush, FlushResult, FlushStatements } from './flush-statements.js';
import type { LaneConnection, WorkerState } from './lane-connection.js';
import type { JournalRecord } from './records.js';
import { StatementFailed } from './statement-pipeline.js';

/** This process as the journal writes in its name. */
export interface JournalWorker {
  readonly id: string;
  readonly lease: number;
}

/** A moment by both clocks of this machine: one may stand still while it is suspended, the other may jump. */
export interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

/** What the lane tells its journal. */
export interface LaneListener {
  /** A flush went through: the worker was alive, and the database's clock said this, when it was sent. */
  confirmed(sentAt: Moment, databaseTime: number): void;
  claimed(executions: readonly ClaimedExecution[]): void;
  /** A claim was not carried out, or nobody knows what it took. */
  claimFailed(): void;
  /** Somebody holds a row of this execution: its records wait, so that the others need not. */
  blocked(executionId: string, records: readonly JournalRecord[]): void;
  /** The worker was declared dead: no body may begin in its name, whatever is still told of its last flush. */
  buried(): void;
  disconnected(): void;
  reconnected(): void;
  /** Whether nobody waits for the database to come back any more. */
  readonly isClosing: boolean;
}

export interface LaneOptions {
  readonly connection: LaneConnection;
  readonly statements: FlushStatements;
  readonly clock: Clock;
  readonly random: () => number;
}

/** The worker is not itself any more: nothing in its name will be stored, these records among it. */
export class Fenced extends Error {
  constructor(readonly unsettled: readonly JournalRecord[] = []) {
    super('The worker has lost its lease.');
  }
}

const MAX_PAUSE_MS = 5_000;

/**
 * Brings one batch after the other into the database, and knows of each what became of it: stored, refused for
 * one execution's fault, or fenced off as a whole. Whatever else happens is waited out.
 */
export class Lane {
  readonly #logger = new Logger('DurableJournal');
  #flushNo = 0;

  constructor(
    private readonly options: LaneOptions,
    private readonly listener: LaneListener,
  ) {}

  /** @throws Fenced where the database does not know the worker, or knows it as dead */
  async open(worker: JournalWorker): Promise<void> {
    const state = await this.options.connection.open(worker.id);
    if (state === undefined || !state.alive) throw new Fenced();
    this.#flushNo = state.flushNo;
  }

  get isOpen(): boolean {
    return this.options.connection.isOpen;
  }

  async close(): Promise<void> {
    await this.options.connection.close();
  }

  /**
   * Resolves when every record of the batch is settled and its watcher told.
   *
   * @throws Fenced with the records that were not stored, nor ever will be
   */
  async deliver(batch: Batch, worker: JournalWorker): Promise<void> {
    for (let failures = 0; ; failures += 1) {
      const sentAt = { monotonic: this.options.clock.monotonic(), wall: this.options.clock.now() };
      let result: FlushResult;
      try {
        result = await this.#send(batch, worker);
      } catch (error) {
        if (await this.#recover(batch, worker, error, failures)) return;
        continue;
      }
      // From here on it is stored, whatever those who are told make of it.
      this.#flushNo += 1;
      this.#guarded('the flush', () => this.listener.confirmed(sentAt, result.databaseTime));
      this.#tell(batch, result.declined);
      if (batch.claim !== undefined) this.#guarded('a claim', () => this.listener.claimed(result.claimed));
      return;
    }
  }

  /** What a failed flush calls for. True where the batch is settled, false where it must be sent again. */
  async #recover(batch: Batch, worker: JournalWorker, error: unknown, failures: number): Promise<boolean> {
    switch (classifyFailure(error)) {
      case 'fenced': {
        const state = await this.#stateOf(worker, batch);
        if (await this.#settledBefore(state, batch, worker)) return true;
        if (state?.flushNo === this.#flushNo) return await this.#divide(batch, worker, error);
        throw new Fenced(batch.records);
      }
      case 'disconnected': {
        const state = await this.#reconnect(worker, batch, error);
        if (await this.#settledBefore(state, batch, worker)) return true;
        // A number that is lower still: the database has lost commits that it had acknowledged.
        if (state?.flushNo !== this.#flushNo) throw new Fenced(batch.records);
        return false;
      }
      case 'poison':
        return await this.#divide(batch, worker, error);
      case 'blocked':
        if (failures > 0) return await this.#setAside(batch, worker);
        await this.#pause(failures);
        return false;
      case 'forgotten':
        this.options.connection.forgetNames();
        if (failures > 1) await this.#pause(failures);
        return false;
      case 'transient':
        await this.#pause(failures);
        return false;
      case 'unavailable':
        this.#logger.error(
          `The database takes no records now: ${describeFailure(error)}. Nothing is lost; trying again.`,
        );
        await this.#pause(failures + 3);
        return false;
    }
  }

  async #send(batch: Batch, worker: JournalWorker): Promise<FlushResult> {
    const flush = this.#compose(batch, worker);
    return flush.read(await this.options.connection.send(flush.statements));
  }

  #compose(batch: Batch, worker: JournalWorker): Flush {
    try {
      return this.options.statements.compose(batch, worker.id, this.#flushNo + 1);
    } catch (error) {
      throw new Unwritable(error);
    }
  }

  /**
   * Whether the flush was committed after all: its answer was lost, or an earlier copy of it made it. Then its
   * records are settled as stored, also where the worker has been declared dead since: a start that was stored
   * must not be said again.
   *
   * @throws Fenced where the worker is dead
   */
  async #settledBefore(
    state: WorkerState | undefined,
    batch: Batch,
    worker: JournalWorker,
  ): Promise<boolean> {
    const alive = state?.alive === true;
    if (!alive) this.listener.buried();
    const committed = state?.flushNo === this.#flushNo + 1;
    if (committed) await this.#settleUnanswered(batch, worker);
    if (!alive) throw new Fenced(committed ? [] : batch.records);
    return committed;
  }

  /** The flush was committed, but its answer was lost: ask for what the answer would have said. */
  async #settleUnanswered(batch: Batch, worker: JournalWorker): Promise<void> {
    this.#flushNo += 1;
    const { suspension, release, reclaim, settlement } = batch.byType;
    const ids = [...suspension, ...release, ...reclaim].map((record) => record.executionId);
    const owned = ids.length === 0 ? new Set<string>() : await this.#ownedAmong(worker, batch, ids);
    const declined = new Set<JournalRecord>([
      ...[...suspension, ...release].filter((record) => owned.has(record.executionId)),
      ...reclaim.filter((record) => !owned.has(record.executionId)),
      // Whoever is told so looks for the answer, and asks again where there is none.
      ...settlement,
    ]);
    this.#tell(batch, declined);
    if (batch.claim !== undefined) this.listener.claimFailed();
  }

  /** One execution spoils the flush: halve until it stands alone, and refuse only its records. */
  async #divide(batch: Batch, worker: JournalWorker, error: unknown): Promise<true> {
    if (batch.claim !== undefined) this.listener.claimFailed();
    if (await this.#deliverHalves(batch, worker)) return true;
    const [first] = batch.records;
    if (first === undefined) throw error;
    const refusal = new RecordRefused(first.executionId, causeOf(error));
    this.#logger.error(refusal.message);
    for (const record of batch.records) record.watcher.refused(refusal);
    return true;
  }

  /** Somebody holds a row: halve until the blocked execution stands alone, and go on without it. */
  async #setAside(batch: Batch, worker: JournalWorker): Promise<boolean> {
    const [first] = batch.records;
    if (first === undefined) return false;
    if (batch.claim !== undefined) this.listener.claimFailed();
    if (await this.#deliverHalves(batch, worker)) return true;
    this.listener.blocked(first.executionId, batch.records);
    return true;
  }

  /** False where the batch is of one execution. */
  async #deliverHalves(batch: Batch, worker: JournalWorker): Promise<boolean> {
    const halves = batch.halves();
    if (halves === undefined) return false;
    const [first, second] = halves;
    try {
      await this.deliver(first, worker);
    } catch (error) {
      throw error instanceof Fenced ? new Fenced([...error.unsettled, ...second.records]) : error;
    }
    await this.deliver(second, worker);
    return true;
  }

  #tell(batch: Batch, declined: ReadonlySet<JournalRecord>): void {
    for (const record of batch.records) {
      this.#guarded(`a record of execution ${record.executionId}`, () =>
        record.watcher.durable(!declined.has(record)),
      );
    }
  }

  /** The lane serves every execution of the process: a fault in one who listens must not stop it. */
  #guarded(what: string, tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#logger.error(`Taking note of ${what} failed: ${describeFailure(error)}`);
    }
  }

  async #stateOf(worker: JournalWorker, batch: Batch): Promise<WorkerState | undefined> {
    try {
      return await this.options.connection.state(worker.id);
    } catch (error) {
      return await this.#reconnect(worker, batch, error);
    }
  }

  async #ownedAmong(worker: JournalWorker, batch: Batch, ids: readonly string[]): Promise<Set<string>> {
    for (;;) {
      try {
        return await this.options.connection.ownedAmong(worker.id, ids);
      } catch (error) {
        await this.#reconnect(worker, batch, error);
      }
    }
  }

  /** Tries until the database answers again. */
  async #reconnect(worker: JournalWorker, batch: Batch, cause: unknown): Promise<WorkerState | undefined> {
    this.listener.disconnected();
    this.#logger.warn(`The connection to the database was lost: ${describeFailure(cause)}. Reconnecting.`);
    for (let failures = 0; ; failures += 1) {
      if (this.listener.isClosing) throw new Fenced(batch.records);
      try {
        const state = await this.options.connection.open(worker.id);
        this.listener.reconnected();
        this.#logger.log('The connection to the database is back.');
        return state;
      } catch {
        await this.#pause(failures);
      }
    }
  }

  #pause(failures: number): Promise<void> {
    const { clock, random } = this.options;
    const longest = Math.min(20 * 2 ** failures, MAX_PAUSE_MS);
    return new Promise((resolve) => clock.setTimer(longest * (0.5 + random() / 2), resolve));
  }
}

/** What the database said, without our own words around it. */
function causeOf(error: unknown): unknown {
  return error instanceof Unwritable || error instanceof StatementFailed ? error.cause : error;
}
