import { PAYLOAD, type Payload } from './payload.js';

/**
 * The no-op that every engine runs as its step or job, and the count of how often it ran: the harness checks
 * the count afterwards, so an engine that skipped work cannot look fast.
 */
export class Bodies {
  private count = 0;
  private readonly marks = new Map<number, () => void>();

  get ran(): number {
    return this.count;
  }

  readonly run = async (): Promise<Payload> => {
    this.count += 1;
    if (this.marks.size > 0) this.marks.get(this.count)?.();
    return PAYLOAD;
  };

  /** Calls back, synchronously, from inside the `after`-th run counted from now. */
  onRun(after: number, callback: () => void): void {
    const mark = this.count + after;
    this.marks.set(mark, () => {
      this.marks.delete(mark);
      callback();
    });
  }
}
