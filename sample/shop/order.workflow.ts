import { execution, Pipeline, seconds, sleep, Step, Workflow } from 'nest-durable';
import { Courier } from './courier.js';
import { Mail } from './mail.js';
import { Order, type OrderData, type Receipt } from './order.js';
import { Payments } from './payments.js';
import { Stock } from './stock.js';

/**
 * From the order to the parcel. The class is the process: its steps run from top to bottom, each sees what the
 * ones before it added, and what a step returned is never worked out again, whatever happens to the process.
 */
@Workflow({ name: 'process_order', input: Order, output: 'receipt' })
export class OrderWorkflow extends Pipeline<Order, OrderData, Receipt> {
  constructor(
    private readonly stock: Stock,
    private readonly payments: Payments,
    private readonly courier: Courier,
    private readonly mail: Mail,
  ) {
    super();
  }

  @Step()
  priceOrder({ items }: Order) {
    return { total: items.reduce((sum, { price, quantity }) => sum + price * quantity, 0) };
  }

  @Step()
  async reserveStock({ id }: Order) {
    return { reservation: await this.stock.reserve(id, execution().idempotencyKey) };
  }

  // A process that dies here may have taken the money without knowing it. The step then runs again with the same
  // idempotency key, and the bank answers with the charge that it has made already.
  @Step({ retry: { maxAttempts: 5 }, timeout: seconds(30) })
  async chargePayment({ id, total }: Pick<OrderData, 'id' | 'total'>) {
    return { charge: await this.payments.charge(id, total, execution().idempotencyKey) };
  }

  // Seconds here, days in other shops: a wait is a row in the database, not a timer in the process.
  @Step()
  async waitForCourier() {
    await sleep(this.courier.comesIn);
  }

  @Step({ retry: { maxAttempts: 5, base: '500ms' } })
  async shipParcel({ id }: Order) {
    return { trackingNumber: await this.courier.ship(id, execution().idempotencyKey) };
  }

  @Step()
  async confirmOrder({ id, email, trackingNumber }: OrderData) {
    await this.mail.send(id, email, `On its way: ${trackingNumber}`, execution().idempotencyKey);
  }

  receipt({ id, total, trackingNumber }: OrderData): Receipt {
    return { order: id, paid: total, trackingNumber };
  }
}
