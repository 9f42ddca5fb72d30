import { setTimeout as pause } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  DurableClient,
  DurableModule,
  ExecutionFailed,
  type ExecutionHandle,
  InvalidAnswer,
  printTimeline,
} from 'nest-durable';
import { Company } from './company.js';
import type { ContractData } from './contract.js';
import { ContractWorkflow, Reminded } from './contract.workflow.js';
import { ContractsModule } from './contracts.module.js';

@Module({ imports: [DurableModule.forRoot({ database: { embedded: ':memory:' } }), ContractsModule] })
class AppModule {}

const app = await NestFactory.createApplicationContext(AppModule, { logger: ['warn', 'error'] });
app.enableShutdownHooks();
const client = app.get(DurableClient);
const company = app.get(Company);

console.log('\nTwo contracts. Of each, three departments are asked at once:\n');
const acme = await client.start(ContractWorkflow, { partner: 'Acme', amount: 40_000 });
const globex = await client.start(ContractWorkflow, { partner: 'Globex', amount: 9_000 });
await showQuestions(6);

console.log(
  '\nLegal has read the one with Acme. Then the board is about to meet, and everybody is reminded:\n',
);
await client.provideInput(acme.id, 'terms', 'approved', { by: 'lea', comment: 'without clause 7' });
await showQuestions(5);
await client.broadcast(Reminded, { from: 'Ann', because: 'the board meets' }, { expiresIn: '1m' });
while (company.mail.length < 5) await pause(25);
console.log(`\n  mail      ${company.mail.toSorted().join('\n            ')}`);

console.log('\nThe other two answer for Acme. Security has to fill in a form, and needs two goes:\n');
await client.provideInput(acme.id, 'payment', 'next year', { by: 'finn' });
try {
  await client.provideInput(acme.id, 'safety', { region: 'EU', reviewInMonths: 0.5 }, { by: 'sara' });
} catch (error) {
  if (!(error instanceof InvalidAnswer)) throw error;
  for (const { path, messages } of error.fields) console.log(`  ${path} ${messages.join(', ')}`);
}
await client.provideInput(acme.id, 'safety', { region: 'EU', storesPersonalData: true }, { by: 'sara' });
console.log();
await tell(acme);

console.log('\nFor Globex, legal says no. Nobody else is asked any more, and the budget is free again:\n');
await client.provideInput(globex.id, 'terms', 'rejected', { by: 'lea', comment: 'no liability at all' });
await tell(globex);
await showQuestions(0);

console.log(
  '\nThe one with Initech has a second and a half. Its departments hear of the reminder, which holds for a minute,\nand nobody says anything:\n',
);
const draft = { partner: 'Initech', amount: 700 };
const initech = await client.start(ContractWorkflow, draft, { timeout: '1500ms' });
await tell(initech);
await showQuestions(0);
await app.close();

/** What is open, once it is so much. */
async function showQuestions(count: number): Promise<void> {
  for (;;) {
    const { inputs } = await client.listPendingInputs({ workflow: ContractWorkflow });
    if (inputs.length === count) {
      const lines = inputs.map(
        ({ assignees, type, prompt }) => `${assignees.join(', ').padEnd(12)}${type.padEnd(10)}${prompt}`,
      );
      console.log(`  open      ${lines.join('\n            ') || 'nothing'}`);
      return;
    }
    await pause(25);
  }
}

async function tell(handle: ExecutionHandle<ContractData>): Promise<void> {
  const outcome = await handle.result().then(
    ({ signedAs, startsIn, clauses }) => `${signedAs}, paid ${startsIn}, ${clauses ?? 'as it is'}`,
    (error: unknown) => (error instanceof ExecutionFailed ? `throws ${String(error.cause)}` : String(error)),
  );
  console.log(printTimeline(await client.getExecution(handle.id, { steps: true })));
  console.log(`\n  result()  ${outcome}`);
  console.log(`  blocked   ${[...company.blocked].join(', ') || 'nothing'}`);
}
