import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { DurableClient } from 'nest-durable';
import { AppModule } from './app.module.js';
import { GreetingWorkflow } from './greeting.workflow.js';

async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['warn', 'error', 'fatal'] });
  app.enableShutdownHooks();
  const handle = await app.get(DurableClient).start(GreetingWorkflow, { name: 'Ada' });
  const { greeting } = await handle.result();
  await app.close();
  console.log(greeting);
}

void main();
