import { ConfigurableModuleBuilder } from '@nestjs/common';
import { DurableClient } from './client/durable-client.js';
import { DurableEngine } from './durable-engine.js';
import type { DurableOptions } from './durable-options.js';

/** What a module import says beside the options of the engine. */
export interface DurableModuleExtras {
  /**
   * The name of this engine, where an application has several: inject its client with
   * `@InjectDurableClient(name)`.
   *
   * @default none: the client is injected by its class
   */
  readonly name?: string | undefined;
  /**
   * Whether every module may inject the client without importing DurableModule.
   *
   * @default true
   */
  readonly isGlobal?: boolean;
}

/** The token of a named engine's client. */
export function getDurableClientToken(name?: string): string | typeof DurableClient {
  return name === undefined ? DurableClient : `DurableClient:${name}`;
}

export const DURABLE_NAME = Symbol('DURABLE_NAME');

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN, OPTIONS_TYPE, ASYNC_OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<DurableOptions>({ moduleName: 'Durable' })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createDurableOptions')
    .setExtras<DurableModuleExtras>(
      { name: undefined, isGlobal: true },
      (definition, { name, isGlobal = true }) => ({
        ...definition,
        global: isGlobal,
        providers: [
          ...(definition.providers ?? []),
          { provide: DURABLE_NAME, useValue: name ?? '' },
          // Under this token alone: with several engines, the class is to mean the one without a name.
          {
            provide: getDurableClientToken(name),
            inject: [DurableEngine],
            useFactory: (engine: DurableEngine) => new DurableClient((fn) => engine.client(fn)),
          },
        ],
        exports: [getDurableClientToken(name)],
      }),
    )
    .build();
