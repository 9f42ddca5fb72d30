import { drained } from './drained.js';
import type { Operation } from './operation.js';
import type { Strand } from './strand.js';

/** The operations of an execution whose bodies run at this moment. */
export class RunningBodies {
  readonly #running = new Set<Operation>();
  #stopping: Set<Strand> | undefined;
  #changed: (() => void)[] = [];

  get count(): number {
    return this.#running.size;
  }

  begins(operation: Operation, startedAt: number): void {
    this.#running.add(operation);
    operation.runningSince = startedAt;
  }

  ends(operation: Operation): void {
    this.#running.delete(operation);
    operation.runningSince = undefined;
    this.tell();
  }

  /** An operation that neither ends nor does anything any more, so that a body which called it only waits. */
  neverEnds(operation: Operation): void {
    operation.waitsUntil = Infinity;
    this.tell();
  }

  /** Those who wait for quiet look again: something began to wait, or will never end. */
  tell(): void {
    if (this.#changed.length === 0) return;
    for (const resume of this.#changed.splice(0)) resume();
  }

  /** Whether the condition holds for one of them. */
  some(condition: (operation: Operation) => boolean): boolean {
    for (const operation of this.#running) if (condition(operation)) return true;
    return false;
  }

  /** Those that may still have an effect which would have to be undone. */
  undoableAtWork(): Operation[] {
    return [...this.#running].filter(({ onlyWaits, undo }) => !onlyWaits && undo !== undefined);
  }

  /** Those that began before a time and whose beginning is not in the history. */
  unseenSince(time: number): Operation[] {
    return [...this.#running].filter(
      ({ isRecordedAsOpen, runningSince }) =>
        !isRecordedAsOpen && runningSince !== undefined && runningSince <= time,
    );
  }

  /** Resolves when none (of a strand) does anything any more, except to wait. */
  async quiet(strand?: Strand): Promise<void> {
    const isAtWork = (operation: Operation): boolean =>
      !operation.onlyWaits && (strand === undefined || strand.holds(operation));
    while (this.some(isAtWork)) await new Promise<void>((resolve) => this.#changed.push(resolve));
  }

  /** Parts of the execution are being stopped, and it goes on when they are. */
  get isStopping(): boolean {
    return (this.#stopping?.size ?? 0) > 0;
  }

  /** Ends what is open in a strand: bodies that run come to their end, what only waits counts no more. */
  async stop(strand: Strand, reason: Error): Promise<void> {
    this.#stopping ??= new Set();
    this.#stopping.add(strand);
    strand.stop(reason);
    // What the signal wakes has to be seen at work.
    await drained();
    await this.quiet(strand);
    // A body's end is recorded in the turn in which it ends; and blocks inside that were failing by themselves, perhaps
    // before this one, have yet to say so.
    do await drained();
    while (this.#isStoppingWithin(strand));
    strand.close();
    this.#stopping.delete(strand);
    for (const operation of this.#running) if (strand.holds(operation)) this.#running.delete(operation);
  }

  #isStoppingWithin(strand: Strand): boolean {
    for (const other of this.#stopping ?? []) if (other !== strand && strand.contains(other)) return true;
    return false;
  }
}
