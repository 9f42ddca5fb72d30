import type { ModuleMetadata } from '@nestjs/common';
import { DurableModule } from 'nest-durable';
import { type DurableApp, startModules } from '../../support/durable-app.js';
import { createTestDatabase } from '../../support/test-database.js';

/** The modules of a sample on a database of their own, which goes with them. */
export async function startSample(...imports: NonNullable<ModuleMetadata['imports']>): Promise<DurableApp> {
  const { url, drop } = await createTestDatabase();
  const app = await startModules({ imports: [DurableModule.forRoot({ database: { url } }), ...imports] });
  return {
    ...app,
    close: async () => {
      await app.close();
      await drop();
    },
  };
}
