import { type DynamicModule, Module } from '@nestjs/common';
import { CheckoutSettings } from './checkout.js';
import { CheckoutWorkflow } from './checkout.workflow.js';
import { PaymentProvider } from './payment-provider.js';
import { Warehouse } from './warehouse.js';
import { WebhooksController } from './webhooks.controller.js';

@Module({ controllers: [WebhooksController], providers: [CheckoutWorkflow, Warehouse], exports: [Warehouse] })
export class CheckoutsModule {
  static register(settings: CheckoutSettings, provider: PaymentProvider): DynamicModule {
    return {
      module: CheckoutsModule,
      providers: [
        { provide: CheckoutSettings, useValue: settings },
        { provide: PaymentProvider, useValue: provider },
      ],
    };
  }
}
