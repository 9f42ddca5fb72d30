import { Logger } from '@nestjs/common';
import type { Clock } from '../../time/clock.js';
import type { DatabaseClock } from '../../time/database-clock.js';
import { drained } from '../drained.js';
import { LetterPile } from './letter-pile.js';
import type { MailReader, Reading } from './mail-reader.js';
import { type Arrival, nextEnd, timeOf } from './next-end.js';
import type { ExpectantWait, Recipient, WaitPlace } from './recipient.js';
import { Recipients } from './recipients.js';
import { Starvation } from './starvation.js';

const READ_AGAIN_MS = 1_000;

/** An execution, as far as its mail concerns it. */
export interface ReceivingExecution {
  readonly id: string;
  readonly isOver: boolean;
  /** Whether it still does anything that is not recorded. */
  readonly beginsThings: boolean;
  /** Whether results are on their way to its code. */
  readonly isDelivering: boolean;
  readonly ownership: { readonly isHeld: boolean; readonly signals: number };
  readonly records: { durable(): Promise<void> };
  readonly services: {
    readonly mail: MailReader;
    readonly clock: Clock;
    readonly databaseClock: DatabaseClock;
  };
  /** What others have said was read: from here on it is known. */
  heard(reading: Reading): void;
  /** Nothing is on its way here any more. */
  considerParking(): void;
  /** It is not ours any more. */
  abandon(reason: Error): void;
}

/**
 * The mailbox of an execution that runs here, and the waits that it has open.
 *
 * What arrived, and what is due, ends waits one after the other in the order of time: between two of them the code
 * goes on with what it was given, and may withdraw the other. Letters are looked at in the order in which they were
 * sent, and of several waits that would take one, the one that began first does. A wait is given up for its time only
 * after a look at the mailbox that came later than that time.
 *
 * The execution may park only while the mailbox is known as of the signals that its owner has seen: the suspension is
 * refused if there are more.
 */
export class Mailbox {
  /** What was sent waits for the results that are on their way to the code. */
  readonly starvation: Starvation;
  readonly #recipients = new Recipients();
  readonly #pile: LetterPile;
  /** How many signals there were when the mailbox was read. Before the first it is empty. */
  #readAt = 0;
  /** By the database's time. */
  #lookedAt = -Infinity;
  /** Waits for broadcasts that were stored before anybody could see the wait, perhaps. */
  #unheard = new Set<ExpectantWait>();
  #isDirty = false;
  #isPumping = false;
  #isStopped = false;
  #tellStopped: () => void = () => undefined;
  readonly #stopped = new Promise<void>((resolve) => (this.#tellStopped = resolve));
  #look: Promise<void> | undefined;
  #isOutdated = false;

  /** @param before the mailbox of the same execution on its way so far */
  constructor(
    private readonly execution: ReceivingExecution,
    before?: Mailbox,
  ) {
    this.starvation = new Starvation(execution.services.clock);
    this.#pile = new LetterPile(before === undefined ? undefined : before.#pile);
  }

  /** Whether a wait is open that others can end. */
  get isListening(): boolean {
    return this.#recipients.haveListeners;
  }

  /** Whether what is known would not do to park with. */
  get isBusy(): boolean {
    // What a place keeps may soon be for somebody else.
    if (this.#isPumping || this.#look !== undefined || this.#recipients.havePlaces) return true;
    return (this.#isDirty && this.execution.isDelivering) || (this.isListening && !this.#isCurrent);
  }

  /** Whether something that was before a time may yet end a wait. */
  mayEndBefore(time: number): boolean {
    if (!this.isListening) return false;
    const next = this.#nextEnd();
    if (next !== undefined && timeOf(next) < time) return true;
    if (this.#recipients.havePlaces && this.#pile.letters.some(({ at }) => at < time)) return true;
    return this.#isUnreadSince(time, next);
  }

  /** Reads what others have said, where that has not been read since a time. Nobody may have told of it. */
  lookSince(time: number): void {
    if (!this.isListening || this.#look !== undefined) return;
    if (this.#isUnreadSince(time, this.#nextEnd())) void this.look();
  }

  /** It takes its place, if that was kept for it. */
  add(wait: ExpectantWait): void {
    this.#recipients.add(wait);
    if (!wait.isListening) return;
    if (wait.kind === 'broadcast') this.#unheard.add(wait);
    this.#isDirty = true;
    this.consider();
  }

  /** Of a wait that an earlier process had open. */
  keep(place: WaitPlace): void {
    this.#recipients.add(place);
  }

  /** What it kept is for others now. */
  remove(recipient: Recipient): void {
    if (!this.#recipients.remove(recipient)) return;
    if (!recipient.isPlace) this.#unheard.delete(recipient);
    if (recipient.isPlace || recipient.isListening) this.reconsider();
  }

  /** @param seq of the line that opened the wait */
  keepsPlaceOf(seq: number): boolean {
    return this.#recipients.placeOf(seq) !== undefined;
  }

  /** The wait of a place is nobody's any more. */
  removePlaceOf(seq: number): void {
    const place = this.#recipients.placeOf(seq);
    if (place !== undefined) this.remove(place);
  }

  /** Something may end now that could not before: the time of a wait is up, or a wait has made room for others. */
  reconsider(): void {
    this.#isDirty = true;
    this.consider();
  }

  /** Reads what others have said. Resolves when that is known, or does not matter any more. */
  async look(): Promise<void> {
    // What is on its way may have been read before there was this to be seen.
    this.#isOutdated = this.#look !== undefined;
    await this.#lookOnce();
    this.consider();
    if (!this.#isPumping) this.execution.considerParking();
  }

  /** Ends what can be ended, if something has changed. */
  consider(): void {
    if (this.#isPumping || this.#isStopped || !this.execution.ownership.isHeld) return;
    if (this.#isDirty || (this.isListening && !this.#isCurrent)) void this.#pump();
  }

  stop(): void {
    this.#isStopped = true;
    this.starvation.end();
    this.#tellStopped();
  }

  get #isCurrent(): boolean {
    return this.#unheard.size === 0 && this.#readAt === this.execution.ownership.signals;
  }

  /** Whether it may end waits at this very moment. */
  get #mayAct(): boolean {
    const { execution } = this;
    return !this.#isStopped && execution.beginsThings && execution.ownership.isHeld;
  }

  async #pump(): Promise<void> {
    this.#isPumping = true;
    try {
      while (this.#isDirty || (this.isListening && !this.#isCurrent)) {
        // Waits that begin together are all there after this, and code that was given something has acted on it.
        await drained();
        if (!this.#mayAct) return;
        // What is on its way to the code came before; this is looked at again when all of that is there.
        if (this.execution.isDelivering) return this.#postpone();
        const next = this.#nextEnd();
        if (this.isListening && this.#needsLook(next)) {
          await this.#lookOnce();
          continue;
        }
        this.starvation.end();
        this.#isDirty = false;
        if (next === undefined) continue;
        this.#isDirty = true;
        await this.#end(next);
      }
    } finally {
      this.#isPumping = false;
    }
    this.execution.considerParking();
  }

  #postpone(): void {
    this.#isDirty = true;
    if (this.isListening) this.starvation.begin();
  }

  #nextEnd(): Arrival | ExpectantWait | undefined {
    return nextEnd(this.#recipients, this.#pile.letters, this.execution.services.databaseClock.now());
  }

  #needsLook(next: Arrival | ExpectantWait | undefined): boolean {
    if (this.#isAtHand(next)) return false;
    if (next === undefined || 'wait' in next || this.#unheard.size > 0) return !this.#isCurrent;
    return next.dueAt > this.#lookedAt;
  }

  /** Whether something from before a time may lie in the mailbox that has yet to be read. */
  #isUnreadSince(time: number, next: Arrival | ExpectantWait | undefined): boolean {
    return this.#lookedAt < time && !this.#isAtHand(next);
  }

  /** Nothing that has yet to be read comes before a letter that is here: a backlog is worked off without a look. */
  #isAtHand(next: Arrival | ExpectantWait | undefined): boolean {
    return next !== undefined && 'wait' in next && this.#unheard.size === 0;
  }

  async #lookOnce(): Promise<void> {
    this.#look ??= this.#read();
    await this.#look;
  }

  async #end(next: Arrival | ExpectantWait): Promise<void> {
    const wait = 'wait' in next ? next.wait : next;
    if (!('wait' in next)) {
      if (!(await wait.expire())) {
        // Somebody was first, and what he said lies in the mailbox; or the answer to us was lost.
        await this.#lookOnce();
        if (this.#pile.letters.some((letter) => letter.waitSeq === wait.seq)) return;
        await this.#pause();
        return;
      }
    } else {
      this.#pile.take(next.takes);
      wait.arrive(next);
    }
    await wait.delivered;
  }

  async #read(): Promise<void> {
    const { execution } = this;
    try {
      do {
        this.#isOutdated = false;
        if (!(await this.#readOnce())) await this.#pause();
      } while (this.#isOutdated && !this.#isStopped && !execution.isOver);
    } finally {
      this.#look = undefined;
    }
  }

  /** False where it has to be tried again. */
  async #readOnce(): Promise<boolean> {
    const { execution } = this;
    const { services, id } = execution;
    const unheard = [...this.#unheard];
    // Who broadcasts looks for open waits: those that he cannot see yet look for the broadcast.
    if (unheard.length > 0) await Promise.race([execution.records.durable(), this.#stopped]);
    // Letters may lie there in numbers: they are read where something waits for them, and has none at hand.
    const letters = this.isListening && !this.#isAtHand(this.#nextEnd());
    const broadcasts = this.#recipients.hearBroadcasts;
    const lookedAt = services.databaseClock.now();
    try {
      const reading = await services.mail.read({ id, letters, broadcasts });
      if (execution.isOver) return true;
      if (reading === undefined) {
        execution.abandon(new Error(`Execution ${id} has ended elsewhere.`));
        return true;
      }
      if (letters) {
        for (const wait of unheard) this.#unheard.delete(wait);
        this.#readAt = reading.signals;
        this.#lookedAt = lookedAt;
        this.#pile.replaceWith(reading.letters);
        this.#isDirty = true;
      }
      execution.heard(reading);
      return true;
    } catch (error) {
      new Logger('DurableMailbox').warn(
        `What was sent to execution ${id} could not be read: ${String(error)}. Trying again.`,
      );
      this.#isOutdated = true;
      this.starvation.end();
      return false;
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => this.execution.services.clock.setTimer(READ_AGAIN_MS, resolve));
  }
}
