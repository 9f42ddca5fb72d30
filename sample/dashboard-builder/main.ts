import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DurableClient, DurableModule, ExecutionFailed, printTimeline } from 'nest-durable';
import { DashboardWorkflow } from './dashboard.workflow.js';
import { DashboardsModule } from './dashboards.module.js';
import { Sources } from './sources.js';

@Module({ imports: [DurableModule.forRoot({ database: { embedded: ':memory:' } }), DashboardsModule] })
class AppModule {}

const app = await NestFactory.createApplicationContext(AppModule, { logger: ['warn', 'error'] });
app.enableShutdownHooks();
const client = app.get(DurableClient);
const sources = app.get(Sources);

console.log('\nThe dashboard of Globex. The news are down, and that is no reason not to have one:\n');
const globex = await client.start(DashboardWorkflow, { company: 'Globex' });
const { page, empty } = await globex.result();
console.log(printTimeline(await client.getExecution(globex.id, { steps: true })));
console.log(`\n  page   ${page}`);
console.log(`  empty  ${empty.join(', ')}`);

console.log('\nThe dashboard of Initech. Without its costs there is none, so nobody waits for the rest:\n');
const initech = await client.start(DashboardWorkflow, { company: 'Initech' });
const error: unknown = await initech.result().catch((thrown: unknown) => thrown);
console.log(printTimeline(await client.getExecution(initech.id, { steps: true })));
console.log(`\n  result()  throws ${error instanceof ExecutionFailed ? String(error.cause) : String(error)}`);
console.log(`  given up  ${sources.givenUp.join(', ')}`);
await app.close();
