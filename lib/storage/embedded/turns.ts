/**
 * Whose turn it is to talk to the engine. A client keeps its turn until the engine says that the session is idle,
 * so a transaction is never interleaved with another client's statements. First come, first served.
 */
export class Turns {
  #holder: object | undefined;
  readonly #waiting: { readonly who: object; readonly start: () => void }[] = [];

  /** Resolves when it is the turn of `who`; at once when it already is. */
  async take(who: object): Promise<void> {
    if (this.#holder === who) return;
    if (this.#holder === undefined) {
      this.#holder = who;
      return;
    }
    await new Promise<void>((start) => this.#waiting.push({ who, start }));
  }

  /** Gives the turn to whoever waits longest. */
  pass(who: object): void {
    if (this.#holder !== who) return;
    const next = this.#waiting.shift();
    this.#holder = next?.who;
    next?.start();
  }
}
