import { setTimeout as pause } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DurableClient, DurableModule, printTimeline } from 'nest-durable';
import { CampaignWorkflow } from './campaign.workflow.js';
import { CampaignsModule } from './campaigns.module.js';
import { MailServer } from './mail-server.js';

@Module({ imports: [DurableModule.forRoot({ database: { embedded: ':memory:' } }), CampaignsModule] })
class AppModule {}

const LOOK_EVERY_MS = 250;

const app = await NestFactory.createApplicationContext(AppModule, { logger: ['warn', 'error'] });
app.enableShutdownHooks();
const client = app.get(DurableClient);
const server = app.get(MailServer);

console.log('\nA letter to 400 people, 25 at a time. What the graph of the execution tells meanwhile:\n');
const campaign = { list: 'customers', subject: 'We have moved' };
const handle = await client.start(CampaignWorkflow, campaign, { key: 'spring' });
let isOver = false;
const result = handle.result().finally(() => (isOver = true));
while (!isOver) {
  await Promise.race([pause(LOOK_EVERY_MS), result]);
  console.log(`  ${await progressOf(handle.id)}`);
}

const { sent, refused } = await result;
console.log('\nThe timeline shows all of them in one line, with the first that failed:\n');
console.log(printTimeline(await client.getExecution(handle.id, { steps: true })));
console.log(`\n  sent       ${sent}, and the server delivered ${server.delivered}`);
console.log(`  refused    ${refused.join('\n             ')}`);
console.log(`  at once    ${server.peak} at the most`);
await app.close();

/** How the items of the list stand, as a bar. */
async function progressOf(id: string): Promise<string> {
  const { nodes } = await client.graph(CampaignWorkflow, id);
  const { total = 0, byStatus = {} } = nodes.find(({ kind }) => kind === 'foreach')?.run?.items ?? {};
  const { completed = 0, failed = 0, running = 0 } = byStatus;
  const done = total === 0 ? 0 : (completed + failed) / total;
  const bar = '█'.repeat(Math.round(done * 40)).padEnd(40, '·');
  return `${bar} ${completed} sent, ${failed} failed, ${running} under way, ${total} in all`;
}
