import type { Logger } from 'typeorm';

/** TypeORM would write to the console. What goes wrong reaches the caller as an error, who knows what to say. */
export const silentLogger: Logger = {
  logQuery: () => undefined,
  logQueryError: () => undefined,
  logQuerySlow: () => undefined,
  logSchemaBuild: () => undefined,
  logMigration: () => undefined,
  log: () => undefined,
};
