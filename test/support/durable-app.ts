import type { ModuleMetadata, Provider } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { DurableClient, DurableModule, type DurableOptions } from 'nest-durable';
import { keepLogs, logs } from './log-book.js';

export interface DurableApp {
  readonly client: DurableClient;
  readonly module: TestingModule;
  /** As often as wanted. */
  close(): Promise<void>;
}

/** A Nest application of these providers, initialised, with the engine running in it. */
export async function startApp(options: DurableOptions, providers: readonly Provider[]): Promise<DurableApp> {
  return await startModules({ imports: [DurableModule.forRoot(options)], providers: [...providers] });
}

/** As `startApp`, for tests that import the module in their own way. */
export async function startModules(metadata: ModuleMetadata): Promise<DurableApp> {
  const module = await initialised(metadata);
  return {
    module,
    client: module.get(DurableClient, { strict: false }),
    close: async () => {
      await module.close();
    },
  };
}

async function initialised(metadata: ModuleMetadata): Promise<TestingModule> {
  const module = await Test.createTestingModule(metadata).setLogger(logs).compile();
  keepLogs();
  try {
    return await module.init();
  } catch (error) {
    // A boot that failed half-way has opened what it has opened.
    await module.close().catch(() => undefined);
    throw error;
  }
}
