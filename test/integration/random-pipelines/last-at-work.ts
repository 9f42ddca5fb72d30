import { setImmediate as turn } from 'node:timers/promises';
import type { ActiveExecution } from '../../../lib/execution/active-execution.js';
import { currentContext } from '../../../lib/execution/operation-context.js';

/** Who goes first of several that wait: what makes a difference to the fewest others. */
export interface Urgency {
  /** A point of no return, which says of everything beside it whether it came before. */
  readonly isCommit: boolean;
  /** How deep the outermost part of the pipeline lies that fails with it. */
  readonly reach: number;
}

interface Waiter extends Urgency {
  readonly path: string;
}

/** In so many turns of the event loop everything begins that can. */
const TURNS = 12;
/** What is due later than this is no work, but a wait that somebody else has to end. */
const SOON_MS = 10_000;

const waiting = new WeakMap<ActiveExecution, Set<Waiter>>();

/**
 * Holds a body up until nothing else of its execution is at work, so that what it does next finds the others where
 * they would be on any machine at any speed. Of several such bodies one goes on at a time, always the same one.
 *
 * In a pipeline whose failures wait like this, which steps completed does not depend on time.
 */
export async function lastAtWork(urgency: Urgency): Promise<void> {
  const context = currentContext();
  if (context?.body === undefined) return;
  const { execution, body } = context;
  const waiter: Waiter = { ...urgency, path: body.operation.path };
  const waiters = waiting.get(execution) ?? new Set();
  waiting.set(execution, waiters.add(waiter));
  try {
    for (let calm = 0; calm < TURNS;) {
      await turn();
      if (body.abort.reason !== undefined) throw body.abort.reason;
      calm = isCalm(execution, waiters.size) && firstOf(waiters) === waiter ? calm + 1 : 0;
    }
  } finally {
    waiters.delete(waiter);
  }
}

function isCalm({ records, bodies, root, services }: ActiveExecution, waiters: number): boolean {
  if (!records.areDurable || root === undefined) return false;
  if (root.nextDue - services.databaseClock.now() < SOON_MS) return false;
  let atWork = 0;
  bodies.some((operation) => {
    if (!operation.onlyWaits) atWork += 1;
    return false;
  });
  return atWork === waiters;
}

function firstOf(waiters: Iterable<Waiter>): Waiter | undefined {
  return [...waiters].sort(
    (one, other) =>
      Number(other.isCommit) - Number(one.isCommit) ||
      other.reach - one.reach ||
      (one.path < other.path ? -1 : 1),
  )[0];
}
