import { EventKeyHeld } from '../errors/pending.error.js';
import { KeyConflict, StartKeyHeld } from '../errors/start.error.js';
import { LeaseLost } from '../errors/worker.error.js';
import type { Journal } from '../journal/journal.js';
import type { StartRecord } from '../journal/records.js';
import { canonical } from '../serialization/canonical.js';
import type { InTransaction } from '../storage/queries/lock-timeout.js';
import { type Query, queryOf } from '../storage/queries/query.js';
import { holderOfKey, insertExecutions, type NewExecution } from '../storage/queries/start.query.js';
import type { Clock } from '../time/clock.js';
import type { DatabaseClock } from '../time/database-clock.js';
import type { Catalogue } from './catalogue.js';
import type { EventIntake, NamedEvent } from './event-intake.js';
import type { Started, StartRequest } from './start-request.js';
import { unhindered } from './unhindered.js';

/** Who runs what was started. Owned here, implemented where work is handed out. */
export interface StartReceiver {
  /** Keeps a slot for an execution that this process may begin itself, without asking the queue. */
  reserve(queue: string, kind: number, executionId: string): boolean;
  /** The execution is stored, owned by this worker, and in the slot that was kept. */
  begin(record: StartRecord): void;
  /** It was not stored after all: the slot is free. */
  release(queue: string, executionId: string): void;
  /** Work lies in a queue, or will when a caller's transaction commits. */
  workArrived(queue: string, when: 'now' | 'after-commit'): void;
  /** Work that is due at this time was stored (database time). */
  workExpected(dueAt: number): void;
}

export interface StartIntakeOptions {
  readonly journal: Journal;
  readonly catalogue: Catalogue;
  readonly events: EventIntake;
  readonly clock: Clock;
  readonly databaseClock: DatabaseClock;
  readonly ids: { next(): string };
  readonly query: Query;
  /** Several statements, all or none. */
  readonly transaction: <T>(work: (query: Query) => Promise<T>) => Promise<T>;
  /** The quoted name of the schema. */
  readonly schema: string;
}

type NewFacts = NewExecution & { readonly dueAt: number | null };

/**
 * Takes starts in. Those without a key and without a caller's transaction go through the journal, many in one
 * commit, and where a slot is free they are owned by this worker from their first moment. The others may wait
 * for somebody's transaction and use ordinary connections.
 */
export class StartIntake {
  #receiver: StartReceiver | undefined;

  constructor(private readonly options: StartIntakeOptions) {}

  set receiver(receiver: StartReceiver) {
    this.#receiver = receiver;
  }

  /** @throws KeyConflict */
  async start(request: StartRequest): Promise<Started> {
    const made = this.#factsOf(request);
    const facts = made instanceof Promise ? await made : made;
    if (request.key === null && request.manager === undefined) return await this.#journalled(facts);
    const [started] = await this.#inserted([facts], request);
    if (started === undefined) throw new Error('A start came back without an answer.');
    return started;
  }

  /**
   * Starts an execution under a key, unless there is one, and sends it an event: both, or neither.
   *
   * @throws KeyConflict, ExecutionFinished
   */
  async startWithEvent(request: StartRequest, event: Omit<NamedEvent, 'executionId'>): Promise<Started> {
    const facts = await this.#factsOf(request);
    const { events, transaction, clock } = this.options;
    const within = { isOurs: request.manager === undefined };
    let isStarted = false;
    const both = async (query: Query): Promise<{ started: Started; eventId: string | undefined }> => {
      isStarted = false;
      const [started] = await this.#insert([facts], query, within);
      if (started === undefined) throw new Error('A start came back without an answer.');
      isStarted = true;
      return { started, eventId: await events.write({ ...event, executionId: started.id }, query, within) };
    };
    if (request.manager !== undefined) {
      const { started } = await both(queryOf(request.manager));
      this.#announce([facts], 'after-commit');
      events.deliveryExpected();
      return started;
    }
    const { started, eventId } = await unhindered(
      clock,
      () => transaction(both),
      (cause) =>
        isStarted
          ? new EventKeyHeld(event.name, event.idempotencyKey ?? '', undefined, cause)
          : keyHeld([facts], cause),
    );
    this.#announce([facts], 'now');
    if (eventId !== undefined) await events.deliver(eventId);
    return started;
  }

  /** Many starts of one kind: what can go through the journal, else one statement. */
  async startMany(requests: readonly StartRequest[]): Promise<Started[]> {
    const [first] = requests;
    if (first === undefined) return [];
    const facts = await Promise.all(requests.map((request) => this.#factsOf(request)));
    const plain = requests.every((request) => request.key === null && request.manager === undefined);
    if (plain) return await Promise.all(facts.map((each) => this.#journalled(each)));
    return await this.#inserted(facts, first);
  }

  #factsOf(request: StartRequest): NewFacts | Promise<NewFacts> {
    const { catalogue } = this.options;
    const kind = catalogue.kindId(request.workflow, request.version);
    const queueId = catalogue.queueId(request.queue);
    if (typeof kind === 'number' && typeof queueId === 'number') return this.#dated(request, kind, queueId);
    return Promise.all([kind, queueId]).then((numbers) => this.#dated(request, ...numbers));
  }

  #dated(request: StartRequest, kind: number, queueId: number): NewFacts {
    const { databaseClock, ids } = this.options;
    const now = databaseClock.now();
    const wanted = request.startAt ?? (request.delay === undefined ? now : now + request.delay);
    const dueAt = wanted > now ? wanted : null;
    const begins = dueAt ?? now;
    return {
      id: ids.next(),
      workflow: request.workflow,
      version: request.version,
      kind,
      queue: request.queue,
      queueId,
      key: request.key,
      priority: request.priority,
      input: request.input,
      attributes: request.attributes,
      createdAt: now,
      dueAt,
      deadlineAt: request.timeout === null ? null : begins + request.timeout,
      expiresAt: request.expiresIn === undefined ? null : begins + request.expiresIn,
      timeout: request.timeout,
      originId: request.originId,
    };
  }

  async #journalled(facts: NewFacts): Promise<Started> {
    for (;;) {
      try {
        await this.#append(facts);
        return { id: facts.id, created: true };
      } catch (error) {
        // The fence refused the whole flush, so nothing was stored: say it again with the next worker row.
        if (!(error instanceof LeaseLost) || this.options.journal.isClosing) throw error;
      }
    }
  }

  #append(facts: NewFacts): Promise<void> {
    const eager = facts.dueAt === null && this.#receiver?.reserve(facts.queue, facts.kind, facts.id) === true;
    return new Promise((resolve, reject) => {
      const record: StartRecord = {
        type: 'start',
        executionId: facts.id,
        workflow: facts.workflow,
        version: facts.version,
        kind: facts.kind,
        queue: facts.queue,
        queueId: facts.queueId,
        key: null,
        priority: facts.priority,
        input: facts.input,
        attributes: facts.attributes,
        createdAt: facts.createdAt,
        dueAt: facts.dueAt,
        deadlineAt: facts.deadlineAt,
        expiresAt: facts.expiresAt,
        timeout: facts.timeout,
        retryNo: 0,
        originId: facts.originId,
        eager,
        watcher: {
          durable: () => {
            if (eager) this.#receiver?.begin(record);
            else if (facts.dueAt === null) this.#receiver?.workArrived(facts.queue, 'now');
            else this.#receiver?.workExpected(facts.dueAt);
            resolve();
          },
          refused: (error) => {
            if (eager) this.#receiver?.release(facts.queue, facts.id);
            reject(error);
          },
        },
      };
      this.options.journal.append(record);
    });
  }

  async #inserted(executions: readonly NewFacts[], { manager }: StartRequest): Promise<Started[]> {
    if (manager !== undefined) {
      const started = await this.#insertOrUndo(executions, queryOf(manager));
      this.#announce(executions, 'after-commit');
      return started;
    }
    const { query, transaction, clock } = this.options;
    const started = await unhindered(
      clock,
      // One statement is a transaction by itself; of many, none is to stay behind when one has a conflict.
      () =>
        executions.length === 1
          ? this.#insert(executions, query, OURS)
          : transaction((within) => this.#insert(executions, within, OURS)),
      (cause) => keyHeld(executions, cause),
    );
    this.#announce(executions, 'now');
    return started;
  }

  /** In a transaction that is not ours, and that its owner may commit although a start was refused. */
  async #insertOrUndo(executions: readonly NewFacts[], query: Query): Promise<Started[]> {
    if (executions.length === 1) return await this.#insert(executions, query, THEIRS);
    await query('SAVEPOINT durable_start');
    try {
      const started = await this.#insert(executions, query, THEIRS);
      await query('RELEASE SAVEPOINT durable_start');
      return started;
    } catch (error) {
      await query('ROLLBACK TO SAVEPOINT durable_start');
      throw error;
    }
  }

  async #insert(executions: readonly NewFacts[], query: Query, within: InTransaction): Promise<Started[]> {
    const results = new Map<string, Started>();
    let left = executions;
    while (left.length > 0) {
      const created = await insertExecutions(query, this.options.schema, left, within);
      const again: NewFacts[] = [];
      for (const execution of left) {
        const holder = created.has(execution.id) ? execution.id : await this.#holder(query, execution);
        if (holder === undefined) again.push(execution);
        else results.set(execution.id, { id: holder, created: holder === execution.id });
      }
      left = again;
    }
    return executions.map(({ id }) => results.get(id) ?? { id, created: false });
  }

  /** The execution that has the key, if its input is the same; none where it was deleted this very moment. */
  async #holder(query: Query, { workflow, key, input }: NewFacts): Promise<string | undefined> {
    if (key === null) throw new Error('An execution without a key cannot be in conflict.');
    const holder = await holderOfKey(query, this.options.schema, workflow, key);
    if (holder === undefined) return undefined;
    if (canonicalOf(holder.input) !== canonicalOf(input)) throw new KeyConflict(workflow, key, holder.id);
    return holder.id;
  }

  #announce(executions: readonly NewFacts[], when: 'now' | 'after-commit'): void {
    const queues = new Set(executions.filter(({ dueAt }) => dueAt === null).map(({ queue }) => queue));
    for (const queue of queues) this.#receiver?.workArrived(queue, when);
    for (const { dueAt } of executions) if (dueAt !== null) this.#receiver?.workExpected(dueAt);
  }
}

const OURS: InTransaction = { isOurs: true };
const THEIRS: InTransaction = { isOurs: false };

function keyHeld(executions: readonly NewFacts[], cause: unknown): StartKeyHeld {
  const [first] = executions;
  return new StartKeyHeld(
    first?.workflow ?? '',
    executions.length === 1 ? (first?.key ?? undefined) : undefined,
    cause,
  );
}

function canonicalOf(input: string | null): string {
  return input === null ? '' : canonical(input);
}
