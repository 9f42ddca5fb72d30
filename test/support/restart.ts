import type { Provider } from '@nestjs/common';
import type { DurableOptions } from 'nest-durable';
import type { ApiDatabase } from './api-database.js';
import type { DurableApp } from './durable-app.js';
import type { Gate } from './gate.js';

/** So short that a body which waits at a gate is told at once to leave it. */
export const HASTY = { shutdownTimeout: 30 } as const satisfies DurableOptions;

/**
 * Once an execution is held up at the gate: closes its application, opens the gate, and gives a new application
 * on the same database, which replays what was recorded. The body at the gate must listen to its signal.
 */
export async function restartAt(
  gate: Gate,
  app: DurableApp,
  database: ApiDatabase,
  providers: readonly Provider[],
): Promise<DurableApp> {
  await gate.reached();
  await app.close();
  gate.open();
  return await database.start(providers, HASTY);
}
