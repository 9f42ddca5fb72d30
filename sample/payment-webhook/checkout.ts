import type { Duration } from 'nest-durable';

/**
 * Nothing but the order: shop and webhook start the same execution, so both have to know all of its input.
 */
export interface Checkout {
  order: string;
}

export interface CheckoutResult {
  order: string;
  status: 'shipped' | 'refused' | 'expired';
  /** Where it is shipped: what was paid. */
  cents?: number;
  /** Where it was refused. */
  reason?: string;
}

export class CheckoutSettings {
  constructor(
    readonly webhookSecret: string,
    readonly payWithin: Duration,
  ) {}
}
