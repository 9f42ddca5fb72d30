import type { IncomingMessage } from 'node:http';
import {
  BadRequestException,
  Body,
  Controller,
  Headers,
  HttpCode,
  Post,
  type RawBodyRequest,
  Req,
  UnauthorizedException,
} from '@nestjs/common';
import { DurableClient, ExecutionFinished, InvalidEvent } from 'nest-durable';
import { CheckoutSettings } from './checkout.js';
import { CheckoutWorkflow } from './checkout.workflow.js';
import { type Payment, PaymentFailed, PaymentSucceeded, type Refusal } from './payment.events.js';
import { isSigned } from './webhook-signature.js';

/** What the provider says that it sends. Whether the data are so is checked with the events. */
type Delivery = { readonly id: string; readonly order: string } & (
  | { readonly type: 'payment.succeeded'; readonly data: Payment }
  | { readonly type: 'payment.failed'; readonly data: Refusal }
);

@Controller('webhooks')
export class WebhooksController {
  constructor(
    private readonly client: DurableClient,
    private readonly settings: CheckoutSettings,
  ) {}

  /** Answers as soon as the event is stored. A delivery that comes twice is one event: its id is the key. */
  @Post('payments')
  @HttpCode(200)
  async payment(
    @Req() { rawBody }: RawBodyRequest<IncomingMessage>,
    @Headers('x-signature') signature: string | undefined,
    @Body() delivery: Delivery,
  ): Promise<void> {
    if (!isSigned(rawBody, signature, this.settings.webhookSecret)) throw new UnauthorizedException();
    await this.#pass(delivery).catch(asHttp);
  }

  /** Starts the checkout where the shop has not done so yet: nothing says that it is faster than the provider. */
  async #pass({ id, order, ...sent }: Delivery): Promise<void> {
    const about = { key: order, idempotencyKey: id };
    switch (sent.type) {
      case 'payment.succeeded':
        await this.client.startWithEvent(
          CheckoutWorkflow,
          { order },
          { ...about, event: PaymentSucceeded, payload: sent.data },
        );
        break;
      case 'payment.failed':
        await this.client.startWithEvent(
          CheckoutWorkflow,
          { order },
          { ...about, event: PaymentFailed, payload: sent.data },
        );
    }
  }
}

/** The provider delivers again whatever is not answered with 200, so what will never be wanted is. */
function asHttp(error: unknown): void {
  if (error instanceof InvalidEvent) throw new BadRequestException(error.fields);
  if (error instanceof ExecutionFinished) return;
  throw error;
}
