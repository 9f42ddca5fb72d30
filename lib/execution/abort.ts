/**
 * An AbortController that is made when somebody asks for its signal, and not before: most steps never do, and
 * a controller for each would cost more than the step's own bookkeeping.
 */
export class Abort {
  #controller: AbortController | undefined;
  #reason: Error | undefined;
  #followers: Set<Abort> | undefined;

  /** @param above aborts this one too */
  constructor(private readonly above?: Abort) {
    this.#reason = above?.reason;
    if (above !== undefined && this.#reason === undefined) (above.#followers ??= new Set()).add(this);
  }

  get reason(): Error | undefined {
    return this.#reason;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason !== undefined && !this.#controller.signal.aborted) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
    for (const follower of this.#followers ?? []) follower.abort(reason);
    this.#followers = undefined;
  }

  /** Rejects with the reason, once there is one. */
  aborted(): Promise<never> {
    return new Promise((_, reject) => {
      if (this.#reason !== undefined) reject(this.#reason);
      else
        this.signal.addEventListener('abort', () => reject(this.#reason ?? new Error('Aborted.')), {
          once: true,
        });
    });
  }

  /** What it belongs to is over: the one above need not remember it. */
  release(): void {
    if (this.above !== undefined) this.above.#followers?.delete(this);
  }
}
