import { setTimeout as pause } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DurableClient, DurableModule, type ExecutionHandle, printTimeline } from 'nest-durable';
import { Mail } from './mail.js';
import type { Trial, TrialResult } from './trial.js';
import { TrialWorkflow, Upgraded } from './trial.workflow.js';
import { TrialsModule } from './trials.module.js';

@Module({ imports: [DurableModule.forRoot({ database: { embedded: ':memory:' } }), TrialsModule] })
class AppModule {}

const app = await NestFactory.createApplicationContext(AppModule, { logger: ['warn', 'error'] });
app.enableShutdownHooks();
const client = app.get(DurableClient);
const mail = app.get(Mail);

console.log('\nThree trials. A day lasts a tenth of a second here, which is a matter of their input.\n');
const ada = await start({ user: 'Ada', remindAfter: [1_000, 400], closeAfter: 300 });
const ben = await start({ user: 'Ben', remindAfter: [300, 400], closeAfter: 300 });
const eve = await start({
  user: 'Eve',
  remindAfter: [100, '4d'],
  closeAfter: '3d',
  timezone: 'Europe/Berlin',
});

console.log('Ada upgrades before anybody has to remind her.\n');
await client.sendEvent({ workflow: TrialWorkflow, key: 'Ada' }, Upgraded, { plan: 'large' });
await tell(ada, 'Ada');

console.log('\nBen takes no notice of anything.\n');
await tell(ben, 'Ben');

console.log('\nEve is in Berlin. Her letter is to be there at nine, on the next day on which people work:\n');
const { dueAt } = await asleep(eve);
console.log(
  `  goes on   ${dueAt?.toLocaleString('en-GB', { timeZone: 'Europe/Berlin', dateStyle: 'full', timeStyle: 'short' })}`,
);
console.log('\nShe upgrades before that, and gets no reminder at all.\n');
await client.sendEvent({ workflow: TrialWorkflow, key: 'Eve' }, Upgraded, { plan: 'small' });
await tell(eve, 'Eve');
await app.close();

async function start(trial: Trial): Promise<ExecutionHandle<TrialResult>> {
  return await client.start(TrialWorkflow, trial, { key: trial.user });
}

/** The execution, once it is waiting for the morning. */
async function asleep({ id }: ExecutionHandle<TrialResult>) {
  for (;;) {
    const execution = await client.getExecution(id, { steps: true });
    const isAsleep = execution.steps?.some(
      ({ name, status }) => name === 'sleepUntil' && status === 'waiting',
    );
    if (isAsleep === true && execution.status === 'waiting') return execution;
    await pause(25);
  }
}

async function tell(handle: ExecutionHandle<TrialResult>, user: string): Promise<void> {
  const { plan, reminders } = await handle.result();
  console.log(printTimeline(await client.getExecution(handle.id, { steps: true })));
  console.log(`\n  plan      ${plan}, after ${reminders} reminders`);
  console.log(`  mail      ${mail.to(user).join(', ')}`);
}
