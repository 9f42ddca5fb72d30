import { execution, Pipeline, Run, sleep, Step, transaction, Workflow } from '../../../lib/index.js';
import { leaveEffect } from './effects.js';

/** What every workflow of the programme takes: a number that it computes with, and how long its bodies take. */
export interface Order {
  readonly n: number;
  readonly bodyMs: number;
}

interface Priced extends Order {
  readonly value: number;
}

/** A body does something in the world, and takes its time. */
async function act(bodyMs: number): Promise<{ token: string }> {
  const token = leaveEffect();
  if (bodyMs > 0) await new Promise((resolve) => setTimeout(resolve, bodyMs));
  return { token };
}

/** Four steps in a row. Gives 2n + 7. */
@Workflow({ name: 'order' })
export class OrderWorkflow extends Pipeline<Order, Priced & { token: string }> {
  @Step()
  async reserve({ n, bodyMs }: Order) {
    return { value: n, ...(await act(bodyMs)) };
  }

  @Step()
  async charge({ value, bodyMs }: Priced) {
    return { value: value * 2, ...(await act(bodyMs)) };
  }

  @Step({ retry: { maxAttempts: 100, base: 1 } })
  async ship({ value, bodyMs }: Priced) {
    return { value: value + 4, ...(await act(bodyMs)) };
  }

  @Step()
  async thank({ value, bodyMs }: Priced) {
    return { value: value + 3, ...(await act(bodyMs)) };
  }
}

/** Three steps side by side, one of which sleeps between two of its own, and one at the end. Gives 2n + 7. */
@Workflow({ name: 'fan_out' })
export class FanOutWorkflow {
  @Step()
  async part(value: number, bodyMs: number) {
    return { value, ...(await act(bodyMs)) };
  }

  @Step()
  async sum(values: number[], bodyMs: number) {
    return { value: values.reduce((total, value) => total + value, 0), ...(await act(bodyMs)) };
  }

  @Run()
  async run({ n, bodyMs }: Order) {
    const late = async (): Promise<{ value: number }> => {
      await sleep(30);
      return await this.part(7, bodyMs);
    };
    const parts = await Promise.all([this.part(n, bodyMs), this.part(n, bodyMs * 2), late()]);
    const { value } = await this.sum(
      parts.map((part) => part.value),
      bodyMs,
    );
    return { value };
  }
}

/** Sleeps a moment in memory, and then long enough to be parked. Gives 2n + 7. */
@Workflow({ name: 'nap' })
export class NapWorkflow {
  @Step()
  async lieDown(n: number, bodyMs: number) {
    return { value: n, ...(await act(bodyMs)) };
  }

  @Step()
  async turn(value: number, bodyMs: number) {
    return { value: value * 2, ...(await act(bodyMs)) };
  }

  @Step()
  async wakeUp(value: number, bodyMs: number) {
    return { value: value + 7, ...(await act(bodyMs)) };
  }

  @Run()
  async run({ n, bodyMs }: Order) {
    const down = await this.lieDown(n, bodyMs);
    await sleep(50);
    const turned = await this.turn(down.value, bodyMs);
    await sleep(1_200);
    const { value } = await this.wakeUp(turned.value, bodyMs);
    return { value };
  }
}

/** A step that succeeds with its second attempt, between two that succeed at once. Gives 2n + 7. */
@Workflow({ name: 'stumble' })
export class StumbleWorkflow extends Pipeline<Order, Priced & { token: string }> {
  @Step()
  async approach({ n, bodyMs }: Order) {
    return { value: n * 2, ...(await act(bodyMs)) };
  }

  @Step({ retry: { maxAttempts: 3, backoff: 'constant', base: 20 } })
  async trip({ value, bodyMs }: Priced) {
    const { token } = await act(bodyMs);
    const { attempt } = execution();
    if (attempt === 1) throw new Error('The first attempt stumbles.');
    return { value: value + 3, token };
  }

  @Step()
  async arrive({ value, bodyMs }: Priced) {
    return { value: value + 4, ...(await act(bodyMs)) };
  }
}

/** A step whose writes are in its own transaction, between two ordinary ones. Gives 2n + 7. */
@Workflow({ name: 'booking' })
export class BookingWorkflow extends Pipeline<Order, Priced & { token: string }> {
  @Step()
  async open({ n, bodyMs }: Order) {
    return { value: n, ...(await act(bodyMs)) };
  }

  @Step({ transactional: true })
  async book({ value, bodyMs }: Priced) {
    const { id } = execution();
    const before = await act(bodyMs);
    await transaction().query('INSERT INTO bookings (execution, token) VALUES ($1, $2)', [id, before.token]);
    return { value: value * 2, ...before };
  }

  @Step()
  async close({ value, bodyMs }: Priced) {
    return { value: value + 7, ...(await act(bodyMs)) };
  }
}

/** A transactional step that takes long, beside a branch that makes the history of each run another one. */
@Workflow({ name: 'slow_booking' })
export class SlowBookingWorkflow {
  @Step({ transactional: true })
  async book(n: number, bodyMs: number) {
    const { id } = execution();
    const { token } = await act(bodyMs);
    await transaction().query('INSERT INTO bookings (execution, token) VALUES ($1, $2)', [id, token]);
    return { value: n * 2 + 7, token };
  }

  @Step()
  async beside(bodyMs: number) {
    return await act(bodyMs);
  }

  @Run()
  async run({ n, bodyMs }: Order) {
    const [{ value }] = await Promise.all([this.book(n, bodyMs), this.beside(bodyMs / 2)]);
    return { value };
  }
}

/** The line of its step is made one that cannot be stored; see spoil.ts. */
@Workflow({ name: 'spoiled' })
export class SpoiledWorkflow extends Pipeline<Order, Priced & { token: string }> {
  @Step()
  async turnBad({ n, bodyMs }: Order) {
    return { value: n, ...(await act(bodyMs)) };
  }
}

/** Takes the process with it, every time. */
@Workflow({ name: 'poison' })
export class PoisonWorkflow extends Pipeline<Order, { token: string }> {
  @Step()
  async drink() {
    leaveEffect();
    process.kill(process.pid, 'SIGKILL');
    return await new Promise<{ token: string }>(() => undefined);
  }
}

/** One body that ends when it is told to, by its signal or by the time. Gives 2n + 7. */
@Workflow({ name: 'long' })
export class LongWorkflow extends Pipeline<Order, Priced & { token: string }> {
  @Step()
  async last({ n, bodyMs }: Order) {
    const { token } = await act(0);
    const { signal, id } = execution();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, bodyMs);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        process.stdout.write(`${JSON.stringify({ type: 'aborted', id })}\n`);
        resolve();
      });
    });
    return { value: n * 2, token };
  }

  @Step()
  async conclude({ value }: Priced) {
    return { value: value + 7, ...(await act(0)) };
  }
}

/** Under load each of these is started; all give 2n + 7. */
export const ordinaryWorkflows = [
  OrderWorkflow,
  FanOutWorkflow,
  NapWorkflow,
  StumbleWorkflow,
  BookingWorkflow,
] as const;

/** Those whose steps have transactions need an application's own database. */
export const withTransactions: readonly unknown[] = [BookingWorkflow, SlowBookingWorkflow];

export const allWorkflows = [
  ...ordinaryWorkflows,
  SlowBookingWorkflow,
  SpoiledWorkflow,
  PoisonWorkflow,
  LongWorkflow,
] as const;

export function expectedValue(n: number): number {
  return 2 * n + 7;
}
