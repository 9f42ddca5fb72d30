import { isOfUndoing } from '../../identity/operation-path.js';
import type { HistoryLine } from '../../storage/history-line.js';
import type { Course } from '../course.js';
import type { History } from '../history.js';
import { HeldPlaces } from './held-places.js';
import { Mailbox, type ReceivingExecution } from './mailbox.js';
import type { ExpectantWait } from './recipient.js';

interface MailedExecution extends ReceivingExecution {
  readonly course: Course;
  readonly history: History;
}

/**
 * What others send to an execution, and its waits. The mailbox is made when something asks for it: most executions
 * never wait for anybody.
 */
export class Mail {
  #mailbox: Mailbox | undefined;
  /** Those of waits in bodies that have yet to begin again. */
  #places: HeldPlaces | undefined;

  constructor(private readonly execution: MailedExecution) {}

  /** Whether a wait is open that others can end. */
  get isListening(): boolean {
    return this.#mailbox?.isListening === true;
  }

  /** Whether what is known would not do to park with. */
  get isBusy(): boolean {
    return this.#mailbox?.isBusy === true;
  }

  /** Whether something that was before a time may yet end a wait. */
  mayEndBefore(time: number): boolean {
    return this.#mailbox?.mayEndBefore(time) === true;
  }

  /** Reads what others have said, where that has not been read since a time. */
  lookSince(time: number): void {
    this.#mailbox?.lookSince(time);
  }

  /** Whether what was sent has waited for long for a moment in which no result is on its way to the code. */
  get isStarved(): boolean {
    return this.#mailbox?.starvation.isOn === true;
  }

  /** Resolves when it is not starved any more. */
  async fed(): Promise<void> {
    await this.#mailbox?.starvation.over();
  }

  add(wait: ExpectantWait): void {
    this.#made.add(wait);
  }

  /** A wait has ended, or counts no more. */
  remove(wait: ExpectantWait): void {
    this.#mailbox?.remove(wait);
  }

  /** @param opened the lines that opened waits, which their bodies have yet to come back to */
  keepPlaces(opened: readonly HistoryLine[]): HeldPlaces | undefined {
    return opened.length === 0
      ? undefined
      : new HeldPlaces(this.#made, this.execution.services.clock, opened);
  }

  /** The wait of a place is nobody's any more. */
  removePlaceOf(seq: number): void {
    this.#mailbox?.removePlaceOf(seq);
  }

  /** Reads what others have said. */
  async look(): Promise<void> {
    await this.#made.look();
  }

  /** Ends what can be ended, if something has changed. */
  consider(): void {
    this.#mailbox?.consider();
  }

  /** Something may end now that could not before: the time of a wait is up. */
  reconsider(): void {
    this.#mailbox?.reconsider();
  }

  /** Goes on with the mail of the same execution on its way so far. */
  inherit(before: Mail): void {
    if (before.#mailbox !== undefined) this.#mailbox = new Mailbox(this.execution, before.#mailbox);
  }

  stop(): void {
    this.#mailbox?.stop();
    this.#places?.giveUp();
  }

  /** Where an execution is being undone, only the bodies of undos come back to their waits. */
  #inherited(): HistoryLine[] {
    const isUndoing = this.execution.course === 'undoing';
    return this.execution.history.inheritedWaits().filter(({ path }) => isOfUndoing(path) === isUndoing);
  }

  get #made(): Mailbox {
    if (this.#mailbox === undefined) {
      this.#mailbox = new Mailbox(this.execution);
      this.#places = this.keepPlaces(this.#inherited());
    }
    return this.#mailbox;
  }
}
