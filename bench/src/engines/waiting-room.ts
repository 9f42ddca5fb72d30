/** Promises by key, settled from elsewhere: how the caller of a job queue learns that its job has run. */
export class WaitingRoom<Key> {
  private readonly waiting = new Map<Key, () => void>();

  enter(key: Key): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.set(key, resolve);
    });
  }

  call(key: Key): void {
    const resolve = this.waiting.get(key);
    this.waiting.delete(key);
    resolve?.();
  }
}
