import { randomBytes } from 'node:crypto';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DurableClient, DurableModule, type ExecutionHandle, printTimeline } from 'nest-durable';
import { type CheckoutResult, CheckoutSettings } from './checkout.js';
import { CheckoutWorkflow } from './checkout.workflow.js';
import { CheckoutsModule } from './checkouts.module.js';
import { type Delivery, PaymentProvider } from './payment-provider.js';
import { Warehouse } from './warehouse.js';

const secret = randomBytes(32).toString('hex'); // in an application of yours: from the provider, by the environment
const provider = new PaymentProvider(secret);

@Module({
  imports: [
    DurableModule.forRoot({ database: { embedded: ':memory:' } }),
    CheckoutsModule.register(new CheckoutSettings(secret, '1500ms'), provider),
  ],
})
class AppModule {}

// `rawBody` keeps what came as it came: the signature is over that.
const app = await NestFactory.create(AppModule, { rawBody: true, logger: ['warn', 'error'] });
app.enableShutdownHooks();
await app.listen(0, '127.0.0.1');
const webhook = `${await app.getUrl()}/webhooks/payments`;
const client = app.get(DurableClient);

console.log(
  '\nAda orders a lamp and pays. Her payment is told to us three times: by somebody else, and twice.\n',
);
const lamp = await checkout('lamp');
const paid = provider.pay('lamp', 4_900);
await deliver('forged', paid, 'a guess');
await deliver('first', paid);
await deliver('again', paid);
console.log();
await tell(lamp);

console.log(
  '\nBen pays for a mug so fast that the webhook comes before the shop has begun. It begins then.\n',
);
await deliver('first', provider.pay('mug', 900));
const mug = await checkout('mug');
console.log(`  the shop  ${mug.created ? 'begins' : 'finds that it has begun'}\n`);
await tell(mug);

console.log('\nThe bank does not trust Cleo. (A delivery that says nothing at all is refused.)\n');
const piano = await checkout('piano');
await deliver('empty', provider.refuse('piano', ''));
await deliver('first', provider.refuse('piano', 'no money there'));
console.log();
await tell(piano);

console.log('\nDan does not pay, and after a while he cannot any more.\n');
await tell(await checkout('kite'));
console.log(`\n  warehouse ${app.get(Warehouse).book.join(', ')}`);
await app.close();

/** What the shop does when somebody orders. */
async function checkout(order: string): Promise<ExecutionHandle<CheckoutResult>> {
  return await client.start(CheckoutWorkflow, { order }, { key: order });
}

async function deliver(what: string, delivery: Delivery, signedWith?: string): Promise<void> {
  const status = await provider.deliver(webhook, delivery, signedWith);
  console.log(`  ${what.padEnd(9)} ${delivery.id}, ${delivery.type}: ${status}`);
}

async function tell(handle: ExecutionHandle<CheckoutResult>): Promise<void> {
  const { order, status, cents, reason } = await handle.result();
  console.log(printTimeline(await client.getExecution(handle.id, { steps: true })));
  console.log(
    `\n  ${order.padEnd(9)} ${[status, cents && `for ${cents} cents`, reason].filter(Boolean).join(', ')}`,
  );
}
