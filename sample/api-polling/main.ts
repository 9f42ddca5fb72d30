import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  DurableClient,
  DurableModule,
  ExecutionFailed,
  type ExecutionHandle,
  printTimeline,
} from 'nest-durable';
import type { RenderData } from './job.js';
import { RenderFarm } from './render-farm.js';
import { RenderWorkflow } from './render.workflow.js';
import { RendersModule } from './renders.module.js';

const directory = await mkdtemp(join(tmpdir(), 'nest-durable-')); // ./.durable in an application of yours
const farm = new RenderFarm();

@Module({
  imports: [DurableModule.forRoot({ database: { embedded: directory } }), RendersModule.register(farm)],
})
class AppModule {}

try {
  const first = await open();
  const film = { film: 'Metropolis', firstPauseMs: 200 };
  await first.get(DurableClient).start(RenderWorkflow, film, { key: 'Metropolis' });
  const endless = { film: 'Endless', firstPauseMs: 50 };
  await first.get(DurableClient).start(RenderWorkflow, endless, { key: 'Endless' });
  console.log('\nTwo films are at the farm. It is asked how far they are, with longer and longer rests.\n');
  await watch(first, { from: 0, to: 30 });
  await first.close();
  console.log('\n  The application is closed, as for a deploy. The farm goes on.\n');

  const second = await open();
  await watch(second, { from: 30, to: 100 });
  const metropolis = await handleOf(second, 'Metropolis');
  await metropolis.result();
  const execution = await second.get(DurableClient).getExecution(metropolis.id, { steps: true });
  console.log(`\n${printTimeline(execution)}\n`);
  for (const key of ['Metropolis', 'Endless']) {
    console.log(`  ${key.padEnd(12)}${await outcomeOf(await handleOf(second, key))}`);
    console.log(`  ${''.padEnd(12)}${farm.looks.get(key) ?? 0} looks\n`);
  }
  await second.close();
} finally {
  await rm(directory, { recursive: true, force: true });
}

async function open(): Promise<INestApplicationContext> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['warn', 'error'] });
  return app.enableShutdownHooks();
}

async function handleOf(app: INestApplicationContext, key: string): Promise<ExecutionHandle<RenderData>> {
  return await app.get(DurableClient).handle(RenderWorkflow, { key });
}

/** Prints what the execution of Metropolis reports of itself. */
async function watch(
  app: INestApplicationContext,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<void> {
  const { id } = await handleOf(app, 'Metropolis');
  for (let told = from, isOver = false; told < to && !isOver; await pause(50)) {
    const { progress, status, completedAt } = await app.get(DurableClient).getExecution(id);
    isOver = completedAt !== undefined;
    if (progress === undefined || progress.percent <= told) continue;
    told = progress.percent;
    console.log(`  ${progress.message ?? ''}: ${told}% (the execution is ${status})`);
  }
}

async function outcomeOf(handle: ExecutionHandle<RenderData>): Promise<string> {
  return await handle.result().then(
    ({ file }) => `is in ${file}`,
    (error: unknown) => (error instanceof ExecutionFailed ? String(error.cause) : String(error)),
  );
}
