import type { ActiveExecution } from '../execution/active-execution.js';
import type { Executor } from '../execution/executor.js';
import type { StartReceiver } from '../intake/start-intake.js';
import type { ClaimedExecution, ClaimRequest, ClaimSource } from '../journal/claims.js';
import type { Journal } from '../journal/journal.js';
import type { StartRecord } from '../journal/records.js';
import type { Clock } from '../time/clock.js';
import { Abilities } from './abilities.js';
import type { Arrivals } from './arrivals.js';
import { Isolation } from './isolation.js';
import { LinePosition } from './line-position.js';
import type { Slots } from './slots.js';

export interface ClaimerOptions {
  readonly journal: Journal;
  readonly executor: Executor;
  readonly arrivals: Arrivals;
  readonly slots: Slots;
  readonly clock: Clock;
  /** Others are told that work lies in a queue. */
  announce(queue: string): void;
  /** The waker is told that work will be due. */
  expect(dueAt: number): void;
}

interface Demand {
  readonly queue: string;
  readonly slots: number;
  readonly from: number | undefined;
}

/** A caller's transaction commits some time after its start was written: look a few times, soon. */
const AFTER_COMMIT_LOOKS_MS = [5, 25, 100, 400] as const;

/**
 * Fills the free slots of this process. It claims only where there may be something to claim: after a start
 * in this process, a notification, a claim that came back full, or a poll.
 */
export class Claimer implements ClaimSource, StartReceiver {
  /** Queues in which there may be work. */
  readonly #hungry = new Set<string>();
  readonly #positions = new Map<string, LinePosition>();
  readonly #isolation: Isolation;
  #abilities = Abilities.none;
  #inFlight: readonly Demand[] | undefined;
  #answered: (() => void)[] = [];
  #isRunning = false;

  constructor(private readonly options: ClaimerOptions) {
    this.#isolation = new Isolation(options.clock, () => this.#kick());
  }

  start(abilities: Abilities): void {
    this.#abilities = abilities;
    this.#isRunning = true;
    this.look();
  }

  /** Takes no more work. Resolves when what was on its way has arrived, or has been given back. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#isolation.end();
    const arrived = this.options.arrivals.close();
    if (this.#inFlight !== undefined) await new Promise<void>((resolve) => this.#answered.push(resolve));
    await arrived;
  }

  /** The lease is lost, and with it every execution that held a slot. */
  reset(): void {
    this.options.slots.reset();
    this.options.arrivals.reset();
    this.#isolation.end();
    this.#answer();
    this.look();
  }

  /** There may be work in a queue (in every queue, without a name). */
  look(queue?: string): void {
    const { slots } = this.options;
    for (const each of queue === undefined ? slots.queues : [queue]) {
      if (slots.serves(each)) this.#hungry.add(each);
    }
    this.#kick();
  }

  /** An execution that was lost with its worker again and again waits in a queue: it is to run alone. */
  isolate(queue: string): void {
    if (!this.#isRunning) return;
    this.#isolation.want(queue);
    this.#kick();
  }

  /** An execution has given its slot back. */
  left(execution: ActiveExecution): void {
    this.options.slots.release(execution.facts.queue);
    if (this.options.executor.activeCount === 0) this.#isolation.again();
    this.#kick();
  }

  returned(execution: ActiveExecution): void {
    this.options.slots.take(execution.facts.queue);
  }

  reserve(queue: string, kind: number, executionId: string): boolean {
    const { slots, journal } = this.options;
    if (!this.#isRunning || this.#abilities.definition(kind) === undefined) return false;
    // Those that wait in the queue come first; only a queue known to be empty lets a start pass it by.
    if (this.#hungry.has(queue) || this.#inFlight?.some((demand) => demand.queue === queue) === true)
      return false;
    if (this.#isolation.queue !== undefined || journal.isCrowded || slots.free(queue) === 0) return false;
    slots.take(queue);
    this.options.arrivals.expect(executionId);
    return true;
  }

  begin(record: StartRecord): void {
    this.options.arrivals.started(record, this.#abilities);
  }

  release(queue: string, executionId: string): void {
    this.options.arrivals.forget(executionId);
    this.options.slots.release(queue);
  }

  workArrived(queue: string, when: 'now' | 'after-commit'): void {
    if (when === 'now') {
      this.look(queue);
      this.options.announce(queue);
      return;
    }
    for (const delay of AFTER_COMMIT_LOOKS_MS) {
      this.options.clock.setTimer(delay, () => {
        this.look(queue);
        this.options.announce(queue);
      });
    }
  }

  workExpected(dueAt: number): void {
    this.options.expect(dueAt);
  }

  /** A claim is on its way: what it takes is owned before this process hears of it. */
  get isClaiming(): boolean {
    return this.#inFlight !== undefined;
  }

  get wantsClaim(): boolean {
    const { executor, slots } = this.options;
    if (!this.#isRunning || this.#inFlight !== undefined) return false;
    if (this.#isolation.queue !== undefined) return this.#isolation.isReady(executor.activeCount);
    for (const queue of this.#hungry) if (slots.free(queue) > 0) return true;
    return false;
  }

  next(): ClaimRequest | undefined {
    if (!this.wantsClaim) return undefined;
    const isolated = this.#isolation.queue;
    const demands =
      isolated === undefined ? this.#demands() : [{ queue: isolated, slots: 1, from: undefined }];
    for (const { queue, slots } of demands) {
      this.options.slots.take(queue, slots);
      if (isolated === undefined) this.#hungry.delete(queue);
    }
    if (isolated !== undefined) this.#isolation.claiming();
    this.#inFlight = demands;
    return {
      demands: demands.map(({ queue, slots, from }) => ({
        queueId: this.#abilities.queueId(queue) ?? 0,
        slots,
        from,
      })),
      kinds: this.#abilities.kinds,
      isolated: isolated !== undefined,
    };
  }

  claimed(executions: readonly ClaimedExecution[]): void {
    for (const { queue, slots, from } of this.#inFlight ?? []) {
      const ranks = executions
        .filter((each) => this.#abilities.queueName(each.queueId) === queue)
        .map(rankOf);
      const isFull = ranks.length === slots;
      this.options.slots.release(queue, slots - ranks.length);
      this.#positionIn(queue).claimed(isFull ? Math.max(...ranks) : undefined);
      // A full claim says that there may be more; one that did not look at the whole line says nothing of the rest.
      if (isFull || from !== undefined) this.#hungry.add(queue);
    }
    this.#isolation.claimed(executions.length);
    this.options.arrivals.claimed(executions, this.#abilities);
    this.#answer();
  }

  failed(): void {
    for (const { queue, slots } of this.#inFlight ?? []) {
      this.options.slots.release(queue, slots);
      this.#hungry.add(queue);
    }
    this.#isolation.again();
    this.#answer();
  }

  #positionIn(queue: string): LinePosition {
    let position = this.#positions.get(queue);
    if (position === undefined) {
      position = new LinePosition(this.options.clock);
      this.#positions.set(queue, position);
    }
    return position;
  }

  #answer(): void {
    this.#inFlight = undefined;
    for (const resume of this.#answered.splice(0)) resume();
  }

  #demands(): Demand[] {
    const demands: Demand[] = [];
    for (const queue of this.#hungry) {
      const slots = this.options.slots.free(queue);
      if (slots > 0) demands.push({ queue, slots, from: this.#positionIn(queue).next(slots) });
    }
    return demands;
  }

  #kick(): void {
    if (this.wantsClaim) this.options.journal.kick();
  }
}

function rankOf({ rank }: ClaimedExecution): number {
  return rank;
}
