import { Module } from '@nestjs/common';
import { DurableModule } from 'nest-durable';
import { Greeter } from './greeter.js';
import { GreetingWorkflow } from './greeting.workflow.js';

@Module({
  imports: [DurableModule.forRoot({ database: { embedded: ':memory:' } })],
  providers: [Greeter, GreetingWorkflow],
})
export class AppModule {}
