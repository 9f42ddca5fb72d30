/** A promise that a test settles itself. */
export class Deferred<T = void> {
  readonly promise: Promise<T>;
  resolve: (value: T) => void = () => undefined;
  reject: (error: unknown) => void = () => undefined;

  constructor() {
    this.promise = new Promise<T>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // A test may end before anybody looks at it.
    this.promise.catch(() => undefined);
  }
}

/** Holds code up until the test lets it through: whoever passes says that it has arrived. */
export class Gate {
  #arrivals = 0;
  readonly #open = new Deferred();
  readonly #watchers: { readonly count: number; readonly seen: Deferred }[] = [];

  get arrivals(): number {
    return this.#arrivals;
  }

  /** Waits until the gate is open. Told by a signal, it goes away with the signal's reason. */
  async pass(signal?: AbortSignal): Promise<void> {
    this.#arrivals += 1;
    for (const { count, seen } of this.#watchers) if (this.#arrivals >= count) seen.resolve();
    if (signal === undefined) return await this.#open.promise;
    const aborted = new Deferred();
    const leave = (): void => aborted.reject(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    await Promise.race([this.#open.promise, aborted.promise]);
  }

  /** Resolves when so many have come to the gate. */
  async reached(count = 1): Promise<void> {
    if (this.#arrivals >= count) return;
    const seen = new Deferred();
    this.#watchers.push({ count, seen });
    await seen.promise;
  }

  open(): void {
    this.#open.resolve();
  }
}
