import type { EntityManager } from 'typeorm';
import { TransactionNotActive } from '../../errors/start.error.js';

/** What ends a transaction, or a part of it. */
const ENDS = /^(COMMIT|ROLLBACK|RELEASE)/;

/**
 * Lets nothing more into a transaction but its end. Code of a step that was given up may go on, and what it writes
 * after the ROLLBACK, while the connection is still at hand, would be committed by itself.
 */
export function sealTransaction(manager: EntityManager, executionId: string, step: string): void {
  const runner = manager.queryRunner;
  if (runner === undefined) return;
  const query = runner.query.bind(runner);
  // The runner is this transaction's own, and goes with it.
  runner.query = (sql: string, ...rest: never[]): Promise<never> =>
    ENDS.test(sql)
      ? (query(sql, ...rest) as Promise<never>)
      : Promise.reject(new TransactionNotActive('transaction()', { execution: executionId, step }));
}
