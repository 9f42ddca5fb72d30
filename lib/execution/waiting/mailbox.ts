import { Logger } from '@nestjs/common';
import type { Clock } from '../../time/clock.js';
import type { DatabaseClock } from '../../time/database-clock.js';
import { drained } from '../drained.js';
import type { Letter } from './letter.js';
import type { MailReader, Reading } from './mail-reader.js';
import type { Taken, WaitKind } from './wait-terms.js';

const READ_AGAIN_MS = 1_000;

/** An execution, as far as its mail concerns it. */
export interface ReceivingExecution {
  readonly id: string;
  readonly isOver: boolean;
  /** Whether it still does anything that is not recorded. */
  readonly beginsThings: boolean;
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

/** A wait that is open, as far as it is ended from here. */
export interface ExpectantWait {
  readonly kind: WaitKind;
  /** Whether others can end it, and not only time. */
  readonly isListening: boolean;
  /** Of the line that opened it. */
  readonly seq: number;
  /** When its time is up, Infinity for never. */
  readonly dueAt: number;
  /** Whether a letter ends it, or is kept for it. */
  offer(letter: Letter): Taken | 'kept' | undefined;
  /** The letters are offered again, from the first on. */
  lookAnew(): void;
  /** Ends with what has arrived. */
  arrive(taken: Taken): void;
  /** Ends because its time is up. False where somebody else has settled it. */
  expire(): Promise<boolean>;
  /** Resolves when the code has been given what ended it. */
  readonly delivered: Promise<unknown>;
}

/** A wait that something has arrived for. */
interface Arrival extends Taken {
  readonly wait: ExpectantWait;
  readonly at: number;
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
  /** In the order in which they began. */
  readonly #waits: ExpectantWait[] = [];
  #listeners = 0;
  #letters: readonly Letter[] = [];
  /** Letters that ended a wait here, and may not be recorded as taken yet. */
  #taken: Set<string>;
  /** How many signals there were when the mailbox was read. Before the first it is empty. */
  #readAt = 0;
  /** By the database's time. */
  #lookedAt = -Infinity;
  /** Waits for broadcasts that were kept before anybody could see the wait, perhaps. */
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
    this.#taken = new Set(before === undefined ? [] : before.#taken);
  }

  /** Whether a wait is open that others can end. */
  get isListening(): boolean {
    return this.#listeners > 0;
  }

  /** Whether what is known would not do to park with. */
  get isBusy(): boolean {
    return this.#isPumping || this.#look !== undefined || (this.isListening && !this.#isCurrent);
  }

  add(wait: ExpectantWait): void {
    const place = this.#waits.findLastIndex(({ seq }) => seq < wait.seq);
    this.#waits.splice(place + 1, 0, wait);
    if (!wait.isListening) return;
    this.#listeners += 1;
    if (wait.kind === 'broadcast') this.#unheard.add(wait);
    this.#isDirty = true;
    this.consider();
  }

  remove(wait: ExpectantWait): void {
    const place = this.#waits.indexOf(wait);
    if (place === -1) return;
    this.#waits.splice(place, 1);
    if (wait.isListening) this.#listeners -= 1;
    this.#unheard.delete(wait);
  }

  /** The time of a wait is up, unless something that came before ends it, or another one. */
  expire(): void {
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
        if (this.isListening && this.#needsLook()) {
          await this.#lookOnce();
          continue;
        }
        this.#isDirty = false;
        const next = this.#next();
        if (next === undefined) continue;
        this.#isDirty = true;
        await this.#end(next);
      }
    } finally {
      this.#isPumping = false;
    }
    this.execution.considerParking();
  }

  #needsLook(): boolean {
    return !this.#isCurrent || (this.#firstDue()?.dueAt ?? -Infinity) > this.#lookedAt;
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
        if (this.#letters.some((letter) => letter.waitSeq === wait.seq)) return;
        await this.#pause();
        return;
      }
    } else {
      for (const id of next.takes) this.#taken.add(id);
      this.#letters = this.#letters.filter(({ id }) => !this.#taken.has(id));
      wait.arrive(next);
    }
    await wait.delivered;
  }

  /** What is first in time: something that arrived, or a wait whose time is up. */
  #next(): Arrival | ExpectantWait | undefined {
    const arrival = this.#firstArrival();
    const due = this.#firstDue();
    // Who answered a question was told that it counts, however late this is noticed.
    if (due?.kind === 'input') {
      const answer = this.#firstArrival(this.#letters.filter(({ waitSeq }) => waitSeq === due.seq));
      if (answer !== undefined) return answer;
    }
    if (arrival === undefined || due === undefined) return arrival ?? due;
    return arrival.at <= due.dueAt ? arrival : due;
  }

  /** The wait whose time was up first, also where its timer has yet to say so. */
  #firstDue(): ExpectantWait | undefined {
    const now = this.execution.services.databaseClock.now();
    let first: ExpectantWait | undefined;
    for (const wait of this.#waits) {
      if (wait.dueAt <= now && (first === undefined || wait.dueAt < first.dueAt)) first = wait;
    }
    return first;
  }

  #firstArrival(letters = this.#letters): Arrival | undefined {
    if (letters.length === 0) return undefined;
    for (const wait of this.#waits) wait.lookAnew();
    for (const letter of letters) {
      for (const wait of this.#waits) {
        const offered = wait.offer(letter);
        if (offered === 'kept') break;
        if (offered !== undefined) return { wait, at: letter.at, ...offered };
      }
    }
    return undefined;
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
    const broadcasts = this.#waits.some(({ kind }) => kind === 'broadcast');
    const lookedAt = services.databaseClock.now();
    try {
      const reading = await services.mail.read({ id, broadcasts });
      if (execution.isOver) return true;
      if (reading === undefined) {
        execution.abandon(new Error(`Execution ${id} has ended elsewhere.`));
        return true;
      }
      for (const wait of unheard) this.#unheard.delete(wait);
      this.#readAt = reading.signals;
      this.#lookedAt = lookedAt;
      this.#keep(reading.letters);
      execution.heard(reading);
      return true;
    } catch (error) {
      new Logger('DurableMailbox').warn(
        `What was sent to execution ${id} could not be read: ${String(error)}. Trying again.`,
      );
      this.#isOutdated = true;
      return false;
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => this.execution.services.clock.setTimer(READ_AGAIN_MS, resolve));
  }

  #keep(letters: readonly Letter[]): void {
    this.#taken = new Set(letters.flatMap(({ id }) => (this.#taken.has(id) ? [id] : [])));
    this.#letters = letters.filter(({ id }) => !this.#taken.has(id));
    this.#isDirty = true;
  }
}
