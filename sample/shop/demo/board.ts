import type { OrderProgress, StepProgress } from './messages.js';
import type { Screen } from './screen.js';

const columns: Readonly<Record<string, string>> = {
  priceOrder: 'price',
  reserveStock: 'reserve',
  chargePayment: 'charge',
  waitForCourier: 'courier',
  shipParcel: 'ship',
  confirmOrder: 'confirm',
};
const steps = Object.keys(columns);
const CELL = 10;

/** Three orders side by side: a line for each, a cell for each step. */
export class Board {
  readonly #told = new Set<string>();
  #orders: readonly OrderProgress[] = [];
  /** The workers that have recorded something, in the order in which they came. */
  readonly #workers: string[] = [];

  constructor(
    private readonly screen: Screen,
    private readonly stamp: () => string,
  ) {}

  show(orders: readonly OrderProgress[]): void {
    this.#orders = orders;
    for (const { worker } of orders.flatMap((order) => order.steps)) {
      if (!this.#workers.includes(worker)) this.#workers.push(worker);
    }
    if (this.screen.isLive) this.draw({ isAlive: true });
    else this.#tell();
  }

  draw({ isAlive }: { isAlive: boolean }): void {
    const { paint } = this.screen;
    const head = steps.map((step) => (columns[step] ?? step).padEnd(CELL)).join('');
    this.screen.draw([
      '',
      `  ${paint('bold', 'order'.padEnd(CELL) + head)}`,
      ...this.#orders.map((order) => this.#row(order, isAlive)),
      '',
      `  ${paint('dim', '✓1 done by process 1   ✓2 by process 2   ▶ running   ◷ waiting   ↻ again')}`,
    ]);
  }

  #row(order: OrderProgress, isAlive: boolean): string {
    const current = steps.find((name) => last(order, name)?.status !== 'completed');
    const cells = steps.map((name) => this.#cell(order, name, name === current, isAlive));
    return `  ${order.order.padEnd(CELL)}${cells.join('')}`;
  }

  #cell(order: OrderProgress, name: string, isCurrent: boolean, isAlive: boolean): string {
    const { paint } = this.screen;
    const step = last(order, name);
    const waits = order.status === 'waiting' || (name === 'waitForCourier' && order.dueAt !== undefined);
    if (step?.status === 'completed') return paint('green', `✓${this.#process(step)}`.padEnd(CELL));
    if (!isCurrent) return paint('dim', '·'.padEnd(CELL));
    if (step?.status === 'attempt_failed') return paint('yellow', '↻'.padEnd(CELL));
    if (waits) return paint('yellow', `◷ ${remaining(order.dueAt)}`.padEnd(CELL));
    if (!isAlive) return paint('red', '✗ killed'.padEnd(CELL));
    return paint('cyan', '▶'.padEnd(CELL));
  }

  /** Each change once, as a line. */
  #tell(): void {
    for (const { order, steps: lines } of this.#orders) {
      for (const step of lines) {
        const words = this.#words(step);
        const key = `${order} ${step.name} ${step.attempt} ${words}`;
        if (words === undefined || this.#told.has(key)) continue;
        this.#told.add(key);
        this.screen.say(`${this.stamp()}  ${order}  ${step.name.padEnd(15)} ${words}`);
      }
    }
  }

  #words(step: StepProgress): string | undefined {
    if (step.status === 'completed') return `recorded by process ${this.#process(step)}`;
    if (step.status === 'attempt_failed') return `attempt ${step.attempt} failed, another follows`;
    return undefined;
  }

  #process({ worker }: StepProgress): number {
    return this.#workers.indexOf(worker) + 1;
  }
}

function last({ steps: lines }: OrderProgress, name: string): StepProgress | undefined {
  return lines.findLast((line) => line.name === name);
}

function remaining(dueAt: number | undefined): string {
  if (dueAt === undefined) return '';
  return `${Math.max(0, (dueAt - Date.now()) / 1_000).toFixed(1)}s`;
}
