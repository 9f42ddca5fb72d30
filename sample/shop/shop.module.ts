import { type DynamicModule, Module } from '@nestjs/common';
import type { Duration } from 'nest-durable';
import { Courier } from './courier.js';
import { Ledger } from './ledger.js';
import { Mail } from './mail.js';
import { OrderWorkflow } from './order.workflow.js';
import { OrdersController } from './orders.controller.js';
import { Payments } from './payments.js';
import { ReturnWorkflow } from './return.workflow.js';
import { Stock } from './stock.js';

export interface ShopSettings {
  readonly ledger: Ledger;
  readonly courierComesIn: Duration;
}

/** Workflows are ordinary providers: whichever module lists them, the engine finds them. */
@Module({
  controllers: [OrdersController],
  providers: [OrderWorkflow, ReturnWorkflow, Stock, Payments, Mail],
})
export class ShopModule {
  static register({ ledger, courierComesIn }: ShopSettings): DynamicModule {
    return {
      module: ShopModule,
      providers: [
        { provide: Ledger, useValue: ledger },
        { provide: Courier, useFactory: () => new Courier(ledger, courierComesIn) },
      ],
    };
  }
}
