import { Module, type DynamicModule } from '@nestjs/common';
import { DurableModule } from '../../../../dist/lib/index.js';
import { Bodies } from '../bodies.js';
import { IN_FLIGHT } from '../engine.js';
import { LoopWorkflow, OneStepWorkflow, SleeperWorkflow, ThreeStepWorkflow } from './workflows.js';

export interface BenchModuleOptions {
  readonly url: string;
  readonly bodies: Bodies;
  /** False for the process that only leaves a backlog behind. */
  readonly worker: boolean;
}

@Module({})
export class BenchModule {
  static on({ url, bodies, worker }: BenchModuleOptions): DynamicModule {
    return {
      module: BenchModule,
      imports: [
        DurableModule.forRoot({
          database: { url },
          worker,
          queues: { default: { concurrency: IN_FLIGHT } },
        }),
      ],
      providers: [
        { provide: Bodies, useValue: bodies },
        OneStepWorkflow,
        ThreeStepWorkflow,
        LoopWorkflow,
        SleeperWorkflow,
      ],
    };
  }
}
