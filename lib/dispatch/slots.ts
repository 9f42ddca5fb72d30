/** How many executions this process runs at once, queue by queue. */
export class Slots {
  readonly #queues = new Map<string, { readonly size: number; used: number }>();

  constructor(sizes: Iterable<readonly [queue: string, size: number]>) {
    for (const [queue, size] of sizes) this.#queues.set(queue, { size, used: 0 });
  }

  get queues(): string[] {
    return [...this.#queues.keys()];
  }

  get total(): number {
    return [...this.#queues.values()].reduce((sum, { size }) => sum + size, 0);
  }

  serves(queue: string): boolean {
    return this.#queues.has(queue);
  }

  /** Never below zero: an execution whose code went on while it was parked takes a slot that is not there. */
  free(queue: string): number {
    const slots = this.#queues.get(queue);
    return slots === undefined ? 0 : Math.max(0, slots.size - slots.used);
  }

  take(queue: string, count = 1): void {
    const slots = this.#queues.get(queue);
    if (slots !== undefined) slots.used += count;
  }

  release(queue: string, count = 1): void {
    const slots = this.#queues.get(queue);
    if (slots !== undefined) slots.used -= count;
  }

  /** With its lease the process has lost everything that it ran. */
  reset(): void {
    for (const slots of this.#queues.values()) slots.used = 0;
  }
}
