import 'reflect-metadata';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DurableClient } from '../../../../dist/lib/index.js';
import type { Bodies } from '../bodies.js';
import type { BenchWorkflow, Engine, OpenEngine } from '../engine.js';
import { PAYLOAD } from '../payload.js';
import { inParallel } from '../../workloads/in-parallel.js';
import { BenchModule } from './bench.module.js';
import { LoopWorkflow, OneStepWorkflow, SleeperWorkflow, ThreeStepWorkflow } from './workflows.js';

/** What waits for a time, whoever it belonged to before. Not what is preloaded, which waits for a year. */
const SLEEPERS = `FROM durable.workflow_queue WHERE state = 2 AND due_at < now() + interval '1 day'`;

/** nest-durable as its users have it: a Nest application context, and nothing set but the concurrency. */
export class OursEngine implements Engine {
  readonly asleep = `SELECT count(*) ${SLEEPERS}`;
  /** Three counts, each from its partial index, so that 100,000 preloaded waiting rows are not read. */
  readonly unfinished = `
    SELECT (SELECT count(*) FROM durable.workflow_queue WHERE state = 0)
         + (SELECT count(*) FROM durable.workflow_queue WHERE worker IS NOT NULL)
         + (SELECT count(*) ${SLEEPERS}) AS count`;

  constructor(private readonly bodies: Bodies) {}

  async open(url: string): Promise<OpenEngine> {
    const application = await this.boot(url, true);
    const client = application.get(DurableClient, { strict: false });
    return {
      run: (workflow, steps) => this.run(client, workflow, steps),
      startSleeper: (until) => client.start(SleeperWorkflow, { ...PAYLOAD, until: until.getTime() }),
      close: () => application.close(),
    };
  }

  async fill(url: string, count: number): Promise<void> {
    const application = await this.boot(url, false);
    const client = application.get(DurableClient, { strict: false });
    await inParallel(count, async () => {
      await client.start(OneStepWorkflow, PAYLOAD);
    });
    await application.close();
  }

  private boot(url: string, worker: boolean): Promise<INestApplicationContext> {
    return NestFactory.createApplicationContext(BenchModule.on({ url, bodies: this.bodies, worker }), {
      logger: ['error'],
    });
  }

  private async run(client: DurableClient, workflow: BenchWorkflow, steps: number): Promise<unknown> {
    switch (workflow) {
      case 'one-step':
        return (await client.start(OneStepWorkflow, PAYLOAD)).result();
      case 'three-step':
        return (await client.start(ThreeStepWorkflow, PAYLOAD)).result();
      case 'loop':
        return (await client.start(LoopWorkflow, { ...PAYLOAD, steps })).result();
    }
  }
}
