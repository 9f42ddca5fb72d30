import { createTables } from './create-tables.js';
import { measure } from './measure.js';
import type { Order, Outcome, Reply } from './order.js';

/** A run in a process of its own: no engine meets another's garbage, timers or compiled code. */
process.once('message', (order: Order) => {
  obey(order).then(
    (outcome) => reply({ outcome }),
    (error: unknown) =>
      reply({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});

async function obey(order: Order): Promise<Outcome | undefined> {
  if (order.task === 'measure') return measure(order);
  await createTables(order);
  return undefined;
}

/** Leaves at once afterwards: a peer's forgotten timer must not hold up the next run. */
function reply(message: Reply): void {
  process.send?.(message, undefined, {}, () => process.exit('failure' in message ? 1 : 0));
}
