import { Abort } from './abort.js';

/**
 * Operations that are stopped together: the children of one block, of which the failure of one is the end of all.
 *
 * Stopped, nothing begins in it any more, and what runs is told through its signal. Closed, nothing of it counts any
 * more: its bodies have ended and are recorded, or do nothing but wait.
 */
export class Strand {
  readonly abort: Abort;
  #isStopped = false;
  #isClosed = false;
  #waiting: Set<() => void> | undefined;

  constructor(
    above: Abort,
    private readonly around: Strand | undefined,
  ) {
    this.abort = new Abort(above);
  }

  get isStopped(): boolean {
    return this.#isStopped || this.around?.isStopped === true;
  }

  get isClosed(): boolean {
    return this.#isClosed || this.around?.isClosed === true;
  }

  holds({ scope }: { readonly scope: { readonly strand?: Strand | undefined } }): boolean {
    return scope.strand !== undefined && this.contains(scope.strand);
  }

  /** Itself, and what is inside it. */
  contains(strand: Strand): boolean {
    for (let each: Strand | undefined = strand; each !== undefined; each = each.around) {
      if (each === this) return true;
    }
    return false;
  }

  stop(reason: Error): void {
    this.#isStopped = true;
    this.abort.abort(reason);
    for (const wake of [...(this.#waiting ?? [])]) wake();
  }

  /** Why it was stopped, or what is around it. */
  get reason(): Error {
    return this.abort.reason ?? new Error('Stopped.');
  }

  /** Calls back when it, or what is around it, is stopped. Returns how to stop listening. */
  onStop(wake: () => void): () => void {
    this.#waiting ??= new Set();
    this.#waiting.add(wake);
    const stopAround = this.around?.onStop(wake);
    return () => {
      this.#waiting?.delete(wake);
      stopAround?.();
    };
  }

  /** Everything in it came to its own end: whoever remembers its signal may forget it. */
  release(): void {
    this.abort.release();
  }

  close(): void {
    this.#isStopped = true;
    this.#isClosed = true;
    this.abort.release();
  }
}
