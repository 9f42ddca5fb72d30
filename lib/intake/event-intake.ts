import type { EntityManager } from 'typeorm';
import type { Clock } from '../time/clock.js';
import { BroadcastHeld, EventKeyHeld } from '../errors/pending.error.js';
import { ExecutionFinished, ExecutionNotFound } from '../errors/execution.error.js';
import {
  announceBroadcasts,
  closeAnnouncements,
  keepBroadcast,
  type NewBroadcast,
} from '../storage/queries/broadcast.queries.js';
import { findStanding, type StoredStanding } from '../storage/queries/execution.queries.js';
import {
  deliverEvents,
  isEventKnown,
  type NewEvent,
  type NewLetter,
  sendLetter,
  type Signalled,
  writeEvent,
} from '../storage/queries/mailbox.queries.js';
import type { InTransaction } from '../storage/queries/lock-timeout.js';
import { type Query, queryOf } from '../storage/queries/query.js';
import { unhindered } from './unhindered.js';

/** Who has what was sent looked at. Owned here, implemented where work is handed out. */
export interface SignalReceiver {
  /** They were made ready, or somebody runs them. */
  signalled(executions: readonly Signalled[]): void;
  /** Something is to be delivered once it is committed: soon, or with the caller's transaction. */
  deliveryExpected(): void;
}

/** An event, and for errors the function that sends it: `sendEvent()`. */
export interface NamedEvent extends NewEvent {
  readonly fn: string;
}

export interface EventRequest extends NamedEvent {
  /** The caller's transaction. */
  readonly manager: EntityManager | undefined;
}

export interface BroadcastRequest extends NewBroadcast {
  /** The caller's transaction. */
  readonly manager: EntityManager | undefined;
}

export interface EventIntakeOptions {
  readonly query: Query;
  /** The quoted name of the schema. */
  readonly schema: string;
  readonly clock: Clock;
}

/**
 * Takes events and broadcasts in. An ordinary event is one statement that locks its receiver's queue row for a moment.
 * One with a caller's transaction, or with a key of the sender's, is only written down, because it may have to wait for
 * somebody's transaction; it is delivered when it is committed.
 */
export class EventIntake {
  #receiver: SignalReceiver | undefined;

  constructor(private readonly options: EventIntakeOptions) {}

  set receiver(receiver: SignalReceiver) {
    this.#receiver = receiver;
  }

  /**
   * False where an event with this key of the sender's was there before.
   *
   * @throws ExecutionNotFound, ExecutionFinished
   */
  async send(request: EventRequest): Promise<boolean> {
    const { manager, idempotencyKey, fn } = request;
    if (manager !== undefined) {
      const written = await this.write(request, queryOf(manager), { isOurs: false });
      if (written !== undefined) this.#receiver?.deliveryExpected();
      return written !== undefined;
    }
    if (idempotencyKey === null) {
      const { executionId, name, payload } = request;
      await this.letter({ executionId, type: 'event', name, payload, waitSeq: null }, fn);
      return true;
    }
    const { query, clock } = this.options;
    const id = await unhindered(
      clock,
      () => this.write(request, query, { isOurs: true }),
      (cause) => new EventKeyHeld(request.name, idempotencyKey, request.executionId, cause),
    );
    if (id !== undefined) await this.deliver(id);
    return id !== undefined;
  }

  /**
   * Writes an event down, to be delivered when it is committed. Undefined where its key is there already.
   *
   * @throws ExecutionNotFound, ExecutionFinished
   */
  async write(event: NamedEvent, query: Query, transaction: InTransaction): Promise<string | undefined> {
    const { schema } = this.options;
    const { executionId, idempotencyKey, fn } = event;
    const standing = await findStanding(query, schema, executionId);
    if (standing === undefined || standing.outcome !== null) {
      // Whoever says the same again is told the same again, also after the end.
      if (idempotencyKey !== null && (await isEventKnown(query, schema, executionId, idempotencyKey))) {
        return undefined;
      }
      throw missing(standing, executionId, fn);
    }
    return await writeEvent(query, schema, event, transaction);
  }

  /** Delivers an event that is committed: now, or where that fails a little later. */
  async deliver(id: string): Promise<void> {
    const { query, schema } = this.options;
    // What is stored is sent, whatever happens here; and somebody may have its receiver in hand at this moment.
    const delivered = await deliverEvents(query, schema, [id]).catch(() => []);
    if (delivered.length === 0) this.deliveryExpected();
    else this.signalled(delivered);
  }

  deliveryExpected(): void {
    this.#receiver?.deliveryExpected();
  }

  /** @throws ExecutionNotFound, ExecutionFinished */
  async letter(letter: NewLetter, fn: string): Promise<void> {
    const { query, schema } = this.options;
    const signalled = await sendLetter(query, schema, letter);
    if (signalled === undefined) {
      const { executionId } = letter;
      throw missing(await findStanding(query, schema, executionId), executionId, fn);
    }
    this.#receiver?.signalled([signalled]);
  }

  /**
   * False where a broadcast of this name and scope holds already.
   *
   * @throws BroadcastHeld
   */
  async broadcast({ manager, ...broadcast }: BroadcastRequest): Promise<boolean> {
    const { query, schema, clock } = this.options;
    if (manager !== undefined) {
      const isKept = await keepBroadcast(queryOf(manager), schema, broadcast, { isOurs: false });
      if (isKept) this.deliveryExpected();
      return isKept;
    }
    const isKept = await unhindered(
      clock,
      () => keepBroadcast(query, schema, broadcast, { isOurs: true }),
      (cause) => new BroadcastHeld(broadcast.name, broadcast.scope, cause),
    );
    // What is stored is sent, whatever happens here: who fails to tell somebody leaves that to the next look.
    if (isKept) await this.announce().catch(() => this.deliveryExpected());
    return isKept;
  }

  /** Has others told of what was signalled elsewhere. */
  signalled(executions: readonly Signalled[]): void {
    this.#receiver?.signalled(executions);
  }

  /** Tells who waits for broadcasts that not everybody was told of. */
  async announce(): Promise<void> {
    const { query, schema } = this.options;
    let signalled: Signalled[];
    do {
      signalled = await announceBroadcasts(query, schema);
      if (signalled.length > 0) this.#receiver?.signalled(signalled);
    } while (signalled.length > 0);
    await closeAnnouncements(query, schema);
  }
}

function missing(standing: StoredStanding | undefined, executionId: string, fn: string): Error {
  return standing?.outcome == null
    ? new ExecutionNotFound(executionId)
    : new ExecutionFinished(executionId, standing.outcome, fn);
}
