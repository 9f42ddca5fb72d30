import { type DynamicModule, Module } from '@nestjs/common';
import { RenderFarm } from './render-farm.js';
import { RenderWorkflow } from './render.workflow.js';

@Module({ providers: [RenderWorkflow] })
export class RendersModule {
  static register(farm: RenderFarm): DynamicModule {
    return { module: RendersModule, providers: [{ provide: RenderFarm, useValue: farm }] };
  }
}
