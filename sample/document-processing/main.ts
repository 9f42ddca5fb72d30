import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DurableClient, DurableModule, printTimeline, toMermaid } from 'nest-durable';
import type { Scan } from './document.js';
import { DocumentWorkflow } from './document.workflow.js';
import { DocumentsModule } from './documents.module.js';

@Module({ imports: [DurableModule.forRoot({ database: { embedded: ':memory:' } }), DocumentsModule] })
class AppModule {}

const mail: readonly Scan[] = [
  { name: 'invoice-120', pages: 1 },
  { name: 'invoice-8800', pages: 6 },
  { name: 'letter-from-a-friend', pages: 3 },
  { name: 'photo-of-a-cat', pages: 1 },
  { name: 'scribble', pages: 1 },
];

const app = await NestFactory.createApplicationContext(AppModule, { logger: ['warn', 'error'] });
app.enableShutdownHooks();
const client = app.get(DurableClient);

console.log(
  '\nThe process as a graph, before anything runs (Mermaid: paste it into https://mermaid.live):\n',
);
console.log(toMermaid(await client.graph(DocumentWorkflow)));

const handles = await client.startMany(DocumentWorkflow, mail, { key: ({ name }) => name });
console.log('Five documents, and the way that each of them took:\n');
for (const handle of handles) {
  const { name, folder, approvedBy } = await handle.result();
  console.log(`  ${name.padEnd(21)} filed under ${folder.padEnd(9)} approved by ${approvedBy}`);
  console.log(`  ${''.padEnd(21)} ${(await wayOf(handle.id)).join(' → ')}\n`);
}

const longest = await client.handle(DocumentWorkflow, { key: 'invoice-8800' });
console.log('The one with six pages, four of them read at once:\n');
console.log(printTimeline(await client.getExecution(longest.id, { steps: true })));
await app.close();

/** The nodes of the graph that the execution came through, with what the branches were told. */
async function wayOf(id: string): Promise<string[]> {
  const { nodes } = await client.graph(DocumentWorkflow, id);
  return nodes
    .filter(({ kind, run }) => (kind === 'step' || kind === 'branch') && run?.status === 'completed')
    .map(({ label, run }) => (run?.clause === undefined ? label : `${label}: ${run.clause}`));
}
