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
    for (let strand = scope.strand; strand !== undefined; strand = strand.around) {
      if (strand === this) return true;
    }
    return false;
  }

  stop(reason: Error): void {
    this.#isStopped = true;
    this.abort.abort(reason);
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
