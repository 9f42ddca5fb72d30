import type { SchedulerRegistry } from '@nestjs/schedule';
import type { WorkflowDefinition } from '../definition/workflow-definition.js';
import type { ActiveExecution } from '../execution/active-execution.js';
import type { ExecutionEnding } from '../execution/execution-facts.js';
import type { ExecutionListener, Executor } from '../execution/executor.js';
import type { Catalogue } from '../intake/catalogue.js';
import type { EventIntake } from '../intake/event-intake.js';
import type { StartIntake } from '../intake/start-intake.js';
import type { Journal } from '../journal/journal.js';
import type { Query } from '../storage/queries/query.js';
import type { CancelOutcome } from '../storage/queries/cancel.query.js';
import type { Clock } from '../time/clock.js';
import type { DatabaseClock } from '../time/database-clock.js';
import { Abilities } from './abilities.js';
import { Arrivals } from './arrivals.js';
import { Claimer } from './claimer.js';
import type { ResolvedDispatch } from './dispatch-options.js';
import type { Hint, Notifier } from './notifier.js';
import { Poller } from './poller.js';
import { Postman } from './postman.js';
import { Reaper } from './reaper.js';
import { Reconciler } from './reconciler.js';
import { Slots } from './slots.js';
import { Waker } from './waker.js';
import { WorkerLease } from './worker-lease.js';

/** Who waits for the ends of executions, in this process. */
export interface EndingListener {
  ended(ending: ExecutionEnding): void;
  /** It may have ended elsewhere. */
  look(id: string): void;
  poll(): Promise<void>;
}

export interface DispatcherOptions {
  readonly options: ResolvedDispatch;
  readonly journal: Journal;
  readonly executor: Executor;
  readonly intake: StartIntake;
  readonly events: EventIntake;
  readonly catalogue: Catalogue;
  readonly notifier: Notifier;
  readonly endings: EndingListener;
  readonly registry: SchedulerRegistry;
  readonly clock: Clock;
  readonly databaseClock: DatabaseClock;
  readonly random: () => number;
  readonly query: Query;
  /** The quoted name of the schema. */
  readonly schema: string;
  /** The name under which the timers stand in the app's SchedulerRegistry. */
  readonly name: string;
  /** Whether no other process can have the database open. */
  readonly alone: boolean;
}

const RECONCILE_MS = 10_000;
const LOOK_AROUND_MS = 5_000;
const LONG_BODIES_MS = 1_000;
const FORGET_MS = 600_000;

/** What runs in this process and when: joins the claimer, the lease, the pollers and the hints of others. */
export class Dispatcher implements ExecutionListener {
  readonly #slots: Slots;
  readonly #arrivals: Arrivals;
  readonly #claimer: Claimer;
  readonly #lease: WorkerLease;
  readonly #reaper: Reaper;
  readonly #waker: Waker;
  readonly #postman: Postman;
  readonly #reconciler: Reconciler;
  readonly #pollers: Poller[];
  #abilities = Abilities.none;
  #hasPeers = true;

  constructor(private readonly parts: DispatcherOptions) {
    const { options, journal, executor, query, schema, clock, databaseClock } = parts;
    const { lease, pollInterval } = options;
    this.#slots = new Slots([...options.queues].map(([name, { concurrency }]) => [name, concurrency]));
    this.#arrivals = new Arrivals({
      journal,
      executor,
      slots: this.#slots,
      clock,
      databaseClock,
      query,
      schema,
    });
    this.#claimer = new Claimer({
      journal,
      executor,
      arrivals: this.#arrivals,
      slots: this.#slots,
      clock,
      announce: (queue) => this.#publish({ topic: 'work', subject: queue }),
      expect: (dueAt) => this.#waker.expect(dueAt),
    });
    this.#lease = new WorkerLease({
      journal,
      query,
      schema,
      lease,
      clock,
      onLost: (error) => {
        executor.abandonAll(error);
        this.#claimer.reset();
      },
      released: (queueIds) => this.#workIn(queueIds),
    });
    this.#reaper = new Reaper({
      journal,
      query,
      schema,
      lease,
      clock,
      alone: parts.alone,
      freed: (queueIds) => this.#workIn(queueIds),
      suspected: (queueIds) => this.#isolateIn(queueIds),
      ended: (ids) => this.#endedElsewhere(ids),
    });
    this.#waker = new Waker({
      query,
      schema,
      clock,
      databaseClock,
      interval: pollInterval,
      woken: (queueIds) => this.#workIn(queueIds),
      ended: (ids) => this.#endedElsewhere(ids),
    });
    this.#postman = new Postman({
      query,
      schema,
      clock,
      executor,
      events: parts.events,
      woken: (queueIds) => this.#workIn(queueIds),
      announce: (id) => this.#publish({ topic: 'signal', subject: id }),
    });
    this.#reconciler = new Reconciler({
      journal,
      executor,
      query,
      schema,
      kinds: () => this.#abilities.kinds,
      isArriving: (id) => this.#claimer.isClaiming || this.#arrivals.has(id),
      isolate: (queueId) => this.#isolateIn([queueId]),
      peers: (count) => (this.#hasPeers = count > 0),
    });
    this.#pollers = this.#makePollers(lease, pollInterval);
    journal.claimSource = this.#claimer;
    executor.listener = this;
    parts.intake.receiver = this.#claimer;
    parts.events.receiver = this.#postman;
    parts.notifier.onHint((hint) => this.#received(hint));
  }

  get slotCount(): number {
    return this.#slots.total;
  }

  /** Becomes a worker in the eyes of the database: from here on starts are stored. */
  async prepare(): Promise<void> {
    await this.#reaper.takeOverAtBoot();
    await this.#lease.acquire();
    await this.parts.notifier.start();
  }

  /** Begins to take work. */
  async begin(definitions: readonly WorkflowDefinition[]): Promise<void> {
    const { catalogue, options } = this.parts;
    const kinds = await Promise.all(
      definitions.map(async (each) => {
        const { name, version, queue, priority, timeout = null } = each;
        return [await catalogue.register(name, { version, queue, priority, timeout }), each] as const;
      }),
    );
    const queues = await Promise.all(
      this.#slots.queues.map(async (name) => [name, await catalogue.queueId(name)] as const),
    );
    this.#abilities = new Abilities(new Map(queues), new Map(kinds));
    if (options.worker) this.#claimer.start(this.#abilities);
    for (const poller of this.#pollers) poller.start();
    // What came due while nobody ran need not wait for the first poll, which comes in any case.
    void this.#waker.wake().catch(() => undefined);
  }

  /** Takes no more work, lets the steps that run end, and gives everything back. */
  async drain(): Promise<void> {
    this.#waker.stop();
    this.#postman.stop();
    const { executor, clock, options } = this.parts;
    const { shutdownTimeout } = options;
    const handOver = async (): Promise<void> => {
      await Promise.all(this.#pollers.map((poller) => poller.stop()));
      await this.#claimer.stop();
      await executor.handOver((shutdownTimeout * 2) / 3);
    };
    await new Promise<void>((resolve) => {
      const timer = clock.setTimer(shutdownTimeout, resolve);
      void handOver().then(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  async stop(): Promise<void> {
    await this.#lease.release();
    await this.parts.notifier.stop();
  }

  left(execution: ActiveExecution): void {
    this.#claimer.left(execution);
  }

  returned(execution: ActiveExecution): void {
    this.#claimer.returned(execution);
  }

  ended(ending: ExecutionEnding): void {
    this.parts.endings.ended(ending);
    this.#publish({ topic: 'ended', subject: ending.executionId });
  }

  parkedUntil(dueAt: number): void {
    this.#waker.expect(dueAt);
  }

  /** Somebody in this process has cancelled an execution. */
  cancelled(
    id: string,
    outcome: Exclude<CancelOutcome, 'compensating'>,
    request: { readonly reason: string | null; readonly compensate: boolean },
  ): void {
    if (outcome === 'ended') {
      this.parts.executor.drop(id);
      this.parts.endings.look(id);
      this.#publish({ topic: 'ended', subject: id });
      return;
    }
    if (typeof outcome === 'object') return this.#claimer.workArrived(outcome.woken, 'now');
    this.parts.executor.cancel(id, request);
    this.parts.notifier.publish({ topic: 'signal', subject: id });
  }

  #makePollers(lease: number, pollInterval: number): Poller[] {
    const { registry, name, random, options, endings, executor } = this.parts;
    const poller = (what: string, interval: number, poll: () => Promise<void> | void): Poller =>
      new Poller(registry, { name: `${name}:${what}`, interval, random, poll });
    const always = [
      poller('results', pollInterval, () => endings.poll()),
      poller('reaper', lease / 3, () => this.#reaper.reap()),
      poller('waker', pollInterval, () => this.#waker.wake()),
      poller('postman', pollInterval, () => this.#postman.deliver()),
      poller('broadcasts', FORGET_MS, () => this.#postman.forget()),
    ];
    if (!options.worker) return always;
    return [
      ...always,
      ...[...options.queues].map(([queue, own]) =>
        poller(`queue:${queue}`, own.pollInterval, () => this.#claimer.look(queue)),
      ),
      poller('signals', Math.min(pollInterval, RECONCILE_MS), () => this.#reconciler.reconcile()),
      poller('surroundings', LOOK_AROUND_MS, () => this.#reconciler.lookAround()),
      poller('long-steps', LONG_BODIES_MS, () => executor.showLongBodies()),
    ];
  }

  #received({ topic, subject }: Hint): void {
    switch (topic) {
      case 'work':
        return this.#claimer.look(subject);
      case 'ended':
        return this.parts.endings.look(subject);
      case 'signal':
        return this.parts.executor.look(subject);
    }
  }

  #publish(hint: Hint): void {
    if (this.#hasPeers) this.parts.notifier.publish(hint);
  }

  #workIn(queueIds: readonly number[]): void {
    for (const queueId of queueIds) {
      const queue = this.#abilities.queueName(queueId);
      if (queue === undefined) {
        void this.#announceElsewhere(queueId);
        continue;
      }
      this.#claimer.look(queue);
      this.#publish({ topic: 'work', subject: queue });
    }
  }

  /** Work lies in a queue that only other processes serve. */
  async #announceElsewhere(queueId: number): Promise<void> {
    if (!this.#hasPeers) return;
    // A failure costs time: they poll.
    const queue = await this.parts.catalogue.queueName(queueId).catch(() => undefined);
    if (queue !== undefined) this.#publish({ topic: 'work', subject: queue });
  }

  #isolateIn(queueIds: readonly number[]): void {
    for (const queueId of queueIds) {
      const queue = this.#abilities.queueName(queueId);
      if (queue !== undefined) this.#claimer.isolate(queue);
    }
  }

  #endedElsewhere(ids: readonly string[]): void {
    for (const id of ids) {
      this.parts.endings.look(id);
      this.#publish({ topic: 'ended', subject: id });
    }
  }
}
