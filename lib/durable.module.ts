import { type DynamicModule, Inject, Module } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, ModuleRef } from '@nestjs/core';
import { SchedulerRegistry } from '@nestjs/schedule';
import { WorkflowExplorer } from './definition/workflow.explorer.js';
import { DurableEngine } from './durable-engine.js';
import { DurableLifecycle } from './durable.lifecycle.js';
import { type DurableOptions, resolveOptions } from './durable-options.js';
import {
  type ASYNC_OPTIONS_TYPE,
  ConfigurableModuleClass,
  DURABLE_NAME,
  getDurableClientToken,
  MODULE_OPTIONS_TOKEN,
  type OPTIONS_TYPE,
} from './durable.module-definition.js';

const OWN_SCHEDULER = Symbol('OWN_SCHEDULER');

/**
 * Durable workflows for a Nest application.
 *
 * ```ts
 * @Module({ imports: [DurableModule.forRoot()], providers: [OrderWorkflow] })
 * export class AppModule {}
 * ```
 *
 * Without options the engine runs on an embedded PostgreSQL in `./.durable`.
 *
 * @publicApi
 */
@Module({
  imports: [DiscoveryModule],
  providers: [
    WorkflowExplorer,
    // For applications without a ScheduleModule. Importing one here would be a second one beside the application's
    // own, and run each of its jobs twice; a registry under its own class would stand in the way of theirs.
    { provide: OWN_SCHEDULER, useFactory: () => new SchedulerRegistry() },
    {
      provide: DurableEngine,
      inject: [
        MODULE_OPTIONS_TOKEN,
        DURABLE_NAME,
        WorkflowExplorer,
        DiscoveryService,
        OWN_SCHEDULER,
        ModuleRef,
      ],
      useFactory: (
        options: DurableOptions,
        name: string,
        explorer: WorkflowExplorer,
        discovery: DiscoveryService,
        ownScheduler: SchedulerRegistry,
        moduleRef: ModuleRef,
      ) =>
        new DurableEngine({
          options: resolveOptions(options, process.env),
          explorer,
          scheduler: () => applicationsScheduler(discovery) ?? ownScheduler,
          moduleRef,
          name: name === '' ? 'durable' : `durable:${name}`,
        }),
    },
    {
      provide: DurableLifecycle,
      inject: [DurableEngine],
      useFactory: (engine: DurableEngine) => new DurableLifecycle(engine),
    },
  ],
})
export class DurableModule extends ConfigurableModuleClass {
  static override forRoot(options: typeof OPTIONS_TYPE = {}): DynamicModule {
    return super.forRoot(options);
  }

  static override forRootAsync(options: typeof ASYNC_OPTIONS_TYPE): DynamicModule {
    return super.forRootAsync(options);
  }
}

/** The registry of the application's own ScheduleModule, which it injects and looks into. */
function applicationsScheduler(discovery: DiscoveryService): SchedulerRegistry | undefined {
  const registry = discovery.getProviders().find(({ token }) => token === SchedulerRegistry)
    ?.instance as unknown;
  return registry instanceof SchedulerRegistry ? registry : undefined;
}

/**
 * Injects the client of a named engine (`DurableModule.forRoot({ name })`).
 *
 * @publicApi
 */
export function InjectDurableClient(name?: string): ParameterDecorator & PropertyDecorator {
  return Inject(getDurableClientToken(name));
}
