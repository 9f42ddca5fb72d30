import { isListeningKind } from '../../identity/operation-kinds.js';
import type { ActiveExecution } from '../active-execution.js';
import type { Operation } from '../operation.js';
import type { Letter } from './letter.js';
import type { ExpectantWait } from './recipient.js';
import type { Taken, WaitKind, WaitTerms } from './wait-terms.js';

const WAKE_AGAIN_MS = 1_000;

/**
 * A wait that code has called: in the history, visible to others and timed from the moment it begins, until it ends or
 * is withdrawn.
 */
export class OpenWait implements ExpectantWait {
  readonly isPlace = false;
  /** Of the line that opened it. */
  #seq = 0;
  #startedAt = 0;
  #dueAt: number | undefined;
  #isOpen = false;
  #isOver = false;
  /** Over without an end: its promise never settles. */
  #isVoid = false;
  #timer: { cancel(): void } | undefined;
  #forgetStrand: (() => void) | undefined;

  constructor(
    private readonly execution: ActiveExecution,
    private readonly operation: Operation,
    private readonly terms: WaitTerms,
    /** When the attempt of the step around it is given up: what is due later never is. */
    private readonly notAfter = Infinity,
  ) {
    operation.withdraw = () => this.#withdraw();
  }

  get kind(): WaitKind {
    return this.terms.kind;
  }

  get isListening(): boolean {
    return this.terms.pending !== undefined;
  }

  get dueAt(): number {
    const dueAt = this.#dueAt ?? Infinity;
    return this.notAfter < dueAt ? Infinity : dueAt;
  }

  get seq(): number {
    return this.#seq;
  }

  get delivered(): Promise<unknown> {
    if (this.#isVoid) return Promise.resolve();
    return this.operation.promise.catch(() => undefined);
  }

  async begin(): Promise<void> {
    const { execution, operation } = this;
    const { delivery, strand } = operation.scope;
    await delivery.caughtUp();
    if (!execution.ownership.isHeld && !(await execution.ownership.ensure())) return;
    if (this.#isOver || execution.refuse(operation)) return;
    if (!execution.beginsThings || strand?.isClosed === true) return execution.bodies.neverEnds(operation);
    this.#open();
    this.#arm();
    // A body that waits when its siblings' failure is the end of its block is woken to hear of it.
    this.#forgetStrand = strand?.onStop(() => {
      this.#giveUp();
      execution.refuse(operation);
    });
    execution.mail.add(this);
    execution.operationsChanged();
  }

  lookAnew(): void {
    this.terms.collector?.lookAnew();
  }

  offer(letter: Letter): Taken | 'kept' | undefined {
    if (letter.waitSeq !== null && letter.waitSeq !== this.#seq) return undefined;
    switch (letter.type) {
      case 'cancelled':
        return { takes: [letter.id], output: null, error: letter.payload ?? '{}' };
      case 'answer':
        // Whoever answered was told that it counts.
        return this.terms.collector?.offer(letter);
      case 'event':
      case 'broadcast':
        // What comes after its time is not for this wait any more.
        if (letter.at > Math.min(this.#dueAt ?? Infinity, this.notAfter)) return undefined;
        return this.terms.collector?.offer(letter);
    }
  }

  arrive({ takes, output, error }: Taken): void {
    void this.#end(
      error === undefined ? { outcome: 'completed', output } : { outcome: 'failed', error },
      takes,
    );
  }

  async expire(): Promise<boolean> {
    const { execution, terms } = this;
    // (Declined, it may have been withdrawn meanwhile.)
    if (terms.pending?.table === 'inputs' && !(await this.#settle()) && !this.#isOver) return false;
    if (this.#isOver || execution.isOver) return true;
    void this.#end(terms.expiry(this.#seq), []);
    return true;
  }

  /** In the history, and to be seen by others: now, or since an earlier process. */
  #open(): void {
    const { execution, operation, terms } = this;
    const { opened } = execution.history.beginningsOf(operation.path);
    this.#isOpen = true;
    // Code of a step may have been changed: what it waits for now is not what was opened under the name then.
    if (opened !== undefined && opened.kind !== operation.kind && isListeningKind(opened.kind)) {
      execution.withdrawOpened(opened);
    }
    if (opened?.kind === operation.kind) {
      this.#seq = opened.seq;
      this.#startedAt = opened.startedAt ?? opened.endedAt;
      this.#dueAt = opened.dueAt ?? undefined;
      return;
    }
    this.#startedAt = execution.services.databaseClock.now();
    this.#dueAt = terms.dueAtFrom(this.#startedAt);
    const { pending } = terms;
    const line = execution.lines.write(
      operation,
      { outcome: 'opened', attempt: 1, startedAt: this.#startedAt, dueAt: this.#dueAt ?? null },
      pending && { opens: pending },
    );
    this.#seq = line.seq;
  }

  #arm(): void {
    const { operation } = this;
    operation.waitsUntil = this.#dueAt ?? Infinity;
    if (this.dueAt !== Infinity) this.#wakeAt(this.dueAt);
  }

  #wakeAt(time: number): void {
    const { execution } = this;
    this.#timer = execution.waits.at(time, () => {
      if (!execution.mail.isListening) return void this.expire();
      // Where others can end a wait of this execution, what they sent before this time comes first. Should the
      // database's clock be set back in the meantime, the time is not up any more, and comes again.
      this.#wakeAt(execution.services.databaseClock.now() + WAKE_AGAIN_MS);
      execution.mail.reconsider();
    });
  }

  /** Settled by compare-and-set before it is recorded: a person's answer may come at the same moment. */
  async #settle(): Promise<boolean> {
    try {
      return await this.execution.records.settlement(this.#seq);
    } catch {
      // The record was refused with the lease: whoever owns the execution now asks again.
      return true;
    }
  }

  async #end(
    facts:
      { outcome: 'completed' | 'timed_out'; output: string | null } | { outcome: 'failed'; error: string },
    takes: readonly string[],
  ): Promise<void> {
    if (this.#isOver) return;
    this.#leave();
    // What belongs to a block that has failed counts no more.
    this.#isVoid = this.operation.scope.strand?.isClosed === true;
    await this.execution.end(
      this.operation,
      { ...facts, attempt: 1, startedAt: this.#startedAt, dueAt: this.#dueAt ?? null },
      this.#closing(takes),
    );
  }

  /** It lost a race, or what called it is over: it takes nothing, and its promise never ends. */
  #withdraw(): void {
    if (this.#isOver) return;
    this.operation.scope.delivery.forget(this.operation);
    this.#giveUp();
    this.execution.operationsChanged();
  }

  #giveUp(): void {
    if (this.#isOver) return;
    const { execution, operation } = this;
    this.#isVoid = true;
    this.#leave();
    operation.waitsUntil = undefined;
    if (this.#isOpen) {
      const facts = { outcome: 'withdrawn', attempt: 1, startedAt: this.#startedAt } as const;
      execution.onceHeld(() => execution.lines.write(operation, facts, this.#closing([])));
      return;
    }
    const { opened } = execution.history.beginningsOf(operation.path);
    if (opened !== undefined) execution.withdrawOpened(opened);
  }

  #leave(): void {
    this.#isOver = true;
    this.#timer?.cancel();
    this.#forgetStrand?.();
    this.execution.mail.remove(this);
  }

  #closing(
    takes: readonly string[],
  ): { closes: 'events' | 'inputs'; openedSeq: number; takes: readonly string[] } | undefined {
    const { pending } = this.terms;
    return pending && { closes: pending.table, openedSeq: this.#seq, takes };
  }
}
