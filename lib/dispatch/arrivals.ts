import { Logger } from '@nestjs/common';
import type { DurableError } from '../errors/durable.error.js';
import { ExecutionCancelled, WorkflowTimeout } from '../errors/execution.error.js';
import type { ExecutionFacts } from '../execution/execution-facts.js';
import type { Executor } from '../execution/executor.js';
import type { ClaimedExecution } from '../journal/claims.js';
import type { Journal } from '../journal/journal.js';
import type { StartRecord } from '../journal/records.js';
import type { HistoryLine } from '../storage/history-line.js';
import { historiesOf } from '../storage/queries/history.query.js';
import type { Query } from '../storage/queries/query.js';
import type { Clock } from '../time/clock.js';
import type { DatabaseClock } from '../time/database-clock.js';
import type { Abilities } from './abilities.js';
import type { Slots } from './slots.js';

export interface ArrivalsOptions {
  readonly journal: Journal;
  readonly executor: Executor;
  readonly slots: Slots;
  readonly clock: Clock;
  readonly databaseClock: DatabaseClock;
  readonly query: Query;
  /** The quoted name of the schema. */
  readonly schema: string;
}

/** An execution that was begun before and whose code is not in memory. */
interface Returning {
  readonly facts: ExecutionFacts;
  /** What it is to end with, its work undone, where it is not to go on. */
  readonly end: DurableError | undefined;
}

const HISTORY_RETRY_MS = 500;

/**
 * The way from a claim into the executor. Every execution here is owned by this worker and holds a slot; it is begun,
 * goes on with code that is still in memory or from its history, is ended unrun, or is given back.
 */
export class Arrivals {
  readonly #logger = new Logger('DurableArrivals');
  /** Their starts are being stored, or their histories read. */
  readonly #expected = new Set<string>();
  #isClosed = false;
  #settled: (() => void)[] = [];

  constructor(private readonly options: ArrivalsOptions) {}

  /** From here on what arrives is given back. Resolves when nothing is on its way any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#expected.size > 0) await new Promise<void>((resolve) => this.#settled.push(resolve));
  }

  has(id: string): boolean {
    return this.#expected.has(id);
  }

  /** A start is on its way that will be this worker's from its first moment. */
  expect(id: string): void {
    this.#expected.add(id);
  }

  /** It was not stored after all. */
  forget(id: string): void {
    this.#expected.delete(id);
    if (this.#expected.size === 0) this.#tellSettled();
  }

  /** With the lease everything that was claimed is lost, and its slots have been given back. */
  reset(): void {
    this.#expected.clear();
    this.#tellSettled();
  }

  /** An eager start: owned from its first moment, and fresh. */
  started(record: StartRecord, abilities: Abilities): void {
    this.forget(record.executionId);
    const definition = abilities.definition(record.kind);
    if (this.#isClosed || definition === undefined) {
      return this.#giveBack(record.executionId, 1, record.queue);
    }
    this.options.executor.run(
      {
        id: record.executionId,
        definition,
        kind: record.kind,
        queue: record.queue,
        queueId: record.queueId,
        key: null,
        parentId: null,
        input: record.input,
        attributes: record.attributes,
        priority: record.priority,
        retryNo: record.retryNo,
        timeout: record.timeout,
        createdAt: record.createdAt,
        startedAt: record.createdAt,
        deadlineAt: record.deadlineAt,
        epoch: 1,
        signals: 0,
        isCompensating: false,
      },
      [],
    );
  }

  claimed(executions: readonly ClaimedExecution[], abilities: Abilities): void {
    const { executor } = this.options;
    const withHistory: Returning[] = [];
    for (const claimed of executions) {
      const facts = factsOf(claimed, abilities);
      if (facts === undefined) continue;
      const end = this.#endFor(claimed);
      if (this.#isClosed) {
        this.#giveBack(claimed.id, claimed.epoch, facts.queue);
      } else if (end !== undefined && (claimed.epoch === 1 || !end.isUndone)) {
        executor.endUnrun(facts, end.error);
      } else if (claimed.epoch === 1) {
        executor.run(facts, []);
      } else if (!executor.resume(claimed.id, claimed.epoch, claimed.signals)) {
        withHistory.push({ facts, end: end?.error });
      } else if (end !== undefined) {
        // Its code is here, and knows what there is to undo.
        executor.undo(claimed.id, end.error);
      }
    }
    if (withHistory.length > 0) void this.#runFromHistory(withHistory);
  }

  /** What an execution was claimed to be ended with, if not to go on. What is being undone always goes on. */
  #endFor(claimed: ClaimedExecution): { error: DurableError; isUndone: boolean } | undefined {
    if (claimed.isCompensating) return undefined;
    if (claimed.cancelRequested) {
      const error = new ExecutionCancelled(claimed.id, claimed.cancelReason ?? undefined);
      return { error, isUndone: claimed.compensateOnCancel };
    }
    if (claimed.deadlineAt === null || claimed.deadlineAt > this.options.databaseClock.now())
      return undefined;
    return { error: new WorkflowTimeout(claimed.id, claimed.timeout ?? 0), isUndone: true };
  }

  async #runFromHistory(executions: readonly Returning[]): Promise<void> {
    const { executor, journal } = this.options;
    const { workerId } = journal;
    for (const { facts } of executions) this.#expected.add(facts.id);
    const histories = await this.#readHistories(
      executions.map(({ facts }) => facts),
      workerId,
    );
    if (histories === undefined || journal.workerId !== workerId) return;
    for (const { facts, end } of executions) {
      const lines = histories.get(facts.id) ?? [];
      this.#expected.delete(facts.id);
      if (this.#isClosed) this.#giveBack(facts.id, facts.epoch, facts.queue);
      else if (end === undefined) executor.run(facts, lines);
      else executor.undoUnrun(facts, lines, end);
    }
    this.#tellSettled();
  }

  /** Tries until the database answers; undefined once the executions are not this worker's any more. */
  async #readHistories(
    executions: readonly ExecutionFacts[],
    workerId: string | undefined,
  ): Promise<Map<string, HistoryLine[]> | undefined> {
    const { query, schema, clock, journal } = this.options;
    while (workerId !== undefined && journal.workerId === workerId) {
      try {
        const histories = new Map<string, HistoryLine[]>(executions.map(({ id }) => [id, []]));
        for (const line of await historiesOf(query, schema, [...histories.keys()])) {
          histories.get(line.executionId)?.push(line);
        }
        return histories;
      } catch (error) {
        this.#logger.warn(`Histories could not be read: ${String(error)}. Trying again.`);
        await new Promise<void>((resolve) => clock.setTimer(HISTORY_RETRY_MS, resolve));
      }
    }
    return undefined;
  }

  /** Owned, but not begun: a shutdown has come between. */
  #giveBack(executionId: string, epoch: number, queue: string): void {
    this.options.slots.release(queue);
    this.options.journal.append({
      type: 'release',
      executionId,
      epoch,
      watcher: { durable: () => undefined, refused: () => undefined },
    });
  }

  #tellSettled(): void {
    for (const resume of this.#settled.splice(0)) resume();
  }
}

function factsOf(claimed: ClaimedExecution, abilities: Abilities): ExecutionFacts | undefined {
  const definition = abilities.definition(claimed.kind);
  const queue = abilities.queueName(claimed.queueId);
  if (definition === undefined || queue === undefined) return undefined;
  return {
    id: claimed.id,
    definition,
    kind: claimed.kind,
    queue,
    queueId: claimed.queueId,
    key: claimed.key,
    parentId: claimed.parentId,
    input: claimed.input,
    attributes: claimed.attributes,
    priority: claimed.priority,
    retryNo: claimed.retryNo,
    timeout: claimed.timeout,
    createdAt: claimed.createdAt,
    startedAt: claimed.startedAt,
    deadlineAt: claimed.deadlineAt,
    epoch: claimed.epoch,
    signals: claimed.signals,
    isCompensating: claimed.isCompensating,
  };
}
