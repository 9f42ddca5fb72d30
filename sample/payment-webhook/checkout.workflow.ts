import { execution, race, Run, sleep, Step, waitForEvent, Workflow } from 'nest-durable';
import { type Checkout, type CheckoutResult, CheckoutSettings } from './checkout.js';
import { type Payment, PaymentFailed, PaymentSucceeded } from './payment.events.js';
import { PaymentProvider } from './payment-provider.js';
import { Warehouse } from './warehouse.js';

/** Waits for what the provider tells the webhook, and for no longer than a customer may take to pay. */
@Workflow({ name: 'checkout' })
export class CheckoutWorkflow {
  constructor(
    private readonly settings: CheckoutSettings,
    private readonly provider: PaymentProvider,
    private readonly warehouse: Warehouse,
  ) {}

  @Run()
  async run({ order }: Checkout): Promise<CheckoutResult> {
    const first = await race({
      paid: waitForEvent(PaymentSucceeded),
      failed: waitForEvent(PaymentFailed),
      late: sleep(this.settings.payWithin),
    });
    switch (first.key) {
      case 'paid':
        return await this.deliver(order, first.value);
      case 'failed':
        await this.putBack(order);
        return { order, status: 'refused', reason: first.value.reason };
      case 'late':
        // Somebody may be paying at this very moment: whether it is too late is for the provider to say.
        if (!(await this.close(order)))
          return await this.deliver(order, await waitForEvent(PaymentSucceeded));
        await this.putBack(order);
        return { order, status: 'expired' };
    }
  }

  @Step()
  async ship(order: string): Promise<void> {
    await this.warehouse.ship(order, execution().idempotencyKey);
  }

  @Step()
  async putBack(order: string): Promise<void> {
    await this.warehouse.putBack(order);
  }

  @Step()
  async close(order: string): Promise<boolean> {
    return await this.provider.close(order);
  }

  private async deliver(order: string, { cents }: Payment): Promise<CheckoutResult> {
    await this.ship(order);
    return { order, status: 'shipped', cents };
  }
}
