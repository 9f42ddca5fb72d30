import { setTimeout as pause } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  DurableClient,
  DurableModule,
  type ExecutionHandle,
  type InputAnswer,
  InputSettled,
  InvalidAnswer,
  type PendingInput,
  type PendingInputFilter,
  printTimeline,
} from 'nest-durable';
import type { Expense, ExpenseData } from './expense.js';
import { DIRECTOR, ExpenseWorkflow } from './expense.workflow.js';
import { ExpensesModule } from './expenses.module.js';
import { Payroll } from './payroll.js';

@Module({ imports: [DurableModule.forRoot({ database: { embedded: ':memory:' } }), ExpensesModule] })
class AppModule {}

const app = await NestFactory.createApplicationContext(AppModule, { logger: ['warn', 'error'] });
app.enableShutdownHooks();
const client = app.get(DurableClient);

console.log('\nAda bought stamps. That is no question for anybody.\n');
await tell(await start({ employee: 'Ada', what: 'stamps', amount: 32 }));

console.log('\nBen, Cleo and Dan bought more. What is on the desk of Ann, their manager:\n');
const ben = await start({ employee: 'Ben', what: 'a chair', amount: 480 });
const cleo = await start({ employee: 'Cleo', what: 'a telescope', amount: 2_900, managerHas: '1500ms' });
const dan = await start({
  employee: 'Dan',
  what: 'a conference',
  amount: 700,
  managerHas: '1500ms',
  directorHas: '500ms',
});
for (const { prompt } of await questions({ assignee: 'ann' }, 3)) console.log(`  ${prompt}`);

console.log('\nAnn answers one of them: first in her own words, then well, and once more by mistake.\n');
await answer(ben.id, 'manager', 'why not', 'ann');
await answer(ben.id, 'manager', 'approved', 'ann', 'it is a good chair');
await answer(ben.id, 'manager', 'rejected', 'ann');
console.log();
await tell(ben);

console.log('\nThe other two she leaves, and so they are on the desk of the director. She answers one.\n');
const asked = await questions({ assignee: DIRECTOR, executionId: cleo.id }, 1);
for (const { prompt } of asked) console.log(`  ${prompt}`);
await answer(cleo.id, 'director', 'rejected', DIRECTOR, 'the sky is free');
console.log();
await tell(cleo);

console.log('\nNobody had time for Dan.\n');
await tell(dan);
console.log(`\n  letters   ${app.get(Payroll).letters.join('\n            ')}`);
await app.close();

type Told = Pick<Expense, 'employee' | 'what' | 'amount'> & Partial<Expense>;

async function start(expense: Told): Promise<ExecutionHandle<ExpenseData>> {
  const whole = { manager: 'ann', managerHas: '1d', directorHas: '1d', ...expense };
  return await client.start(ExpenseWorkflow, whole, { key: expense.employee });
}

/** What is asked at the moment, once there is so much of it. */
async function questions(filter: PendingInputFilter, count: number): Promise<PendingInput[]> {
  for (;;) {
    const { inputs } = await client.listPendingInputs({ workflow: ExpenseWorkflow, ...filter });
    if (inputs.length >= count) return inputs;
    await pause(25);
  }
}

async function answer(id: string, name: string, value: unknown, by: string, comment?: string): Promise<void> {
  const said = `  ${by}: ${String(value)}`.padEnd(20);
  try {
    await client.provideInput(id, name, value, { by, ...(comment !== undefined && { comment }) });
    console.log(`${said}counts`);
  } catch (error) {
    if (error instanceof InvalidAnswer) console.log(`${said}${error.fields[0]?.messages.join(', ')}`);
    else if (error instanceof InputSettled) console.log(`${said}${error.outcome} by ${error.by}`);
    else throw error;
  }
}

async function tell(handle: ExecutionHandle<ExpenseData>): Promise<void> {
  const { decision, decidedBy, payment } = await handle.result();
  const execution = await client.getExecution(handle.id, { steps: true });
  console.log(printTimeline(execution));
  console.log(`\n  decision  ${decision} by ${decidedBy}`);
  for (const { kind, status, output } of execution.steps ?? []) {
    if (kind !== 'input' || status !== 'completed') continue;
    const { by, comment } = output as InputAnswer;
    console.log(`  comment   ${by}: ${comment}`);
  }
  console.log(`  paid      ${payment ?? 'nothing'}`);
}
