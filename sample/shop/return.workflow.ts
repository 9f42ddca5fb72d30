import { execution, reportProgress, Run, Step, step, Workflow } from 'nest-durable';
import { Mail } from './mail.js';
import type { Item } from './order.js';
import { Payments } from './payments.js';
import { Stock } from './stock.js';

export interface ReturnRequest {
  order: string;
  email: string;
  items: Item[];
}

/**
 * Something comes back. Written as one function, because it has a loop and a choice: any control flow will do, as
 * long as whatever touches the world outside is a step.
 */
@Workflow({ name: 'take_back' })
export class ReturnWorkflow {
  constructor(
    private readonly stock: Stock,
    private readonly payments: Payments,
    private readonly mail: Mail,
  ) {}

  @Run()
  async run({ order, email, items }: ReturnRequest): Promise<{ refunded: number }> {
    for (const [index, item] of items.entries()) {
      await this.stock.putBack(order, item); // a step of a provider
      reportProgress(
        Math.round(((index + 1) / items.length) * 100),
        `${index + 1} of ${items.length} put back`,
      );
    }
    const refunded = items.reduce((sum, { price, quantity }) => sum + price * quantity, 0);
    if (refunded > 0) await this.refund(order, refunded); // a step of the workflow's own
    await step('say-thanks', () => this.mail.send(order, email, 'Thank you', execution().idempotencyKey)); // inline
    return { refunded };
  }

  @Step({ retry: { maxAttempts: 5 } })
  async refund(order: string, cents: number): Promise<string> {
    return await this.payments.refund(order, cents, execution().idempotencyKey);
  }
}
