import { InvalidArgument } from '../../errors/option.error.js';
import { WaitInTransaction } from '../../errors/step.error.js';
import { hash32 } from '../../identity/hash.js';
import { type Duration, toMilliseconds } from '../../time/duration.js';
import { isStorableTime, LONGEST_WAIT } from '../../time/limits.js';
import type { ActiveExecution } from '../active-execution.js';
import type { Operation } from '../operation.js';
import { contextFor, operationPromise } from '../operation-context.js';

/**
 * Waits, for seconds or for months. While an execution only waits it occupies no worker, and a restart does not
 * begin the wait anew.
 *
 * @param duration milliseconds, or a text such as `'90s'` or `'3d'`
 * @publicApi
 */
export function sleep(duration: Duration): Promise<void> {
  return operationPromise(() => callSleep(duration));
}

async function callSleep(duration: Duration): Promise<void> {
  const length = toMilliseconds(duration, 'sleep()');
  if (length > LONGEST_WAIT) throw new InvalidArgument('sleep()', 'the duration is longer than 100 years');
  await performSleep('sleep', length, (now) => now + length);
}

/**
 * Waits until a moment. One that has passed already is no wait at all.
 *
 * @publicApi
 */
export function sleepUntil(moment: Date): Promise<void> {
  return operationPromise(async () => {
    const time = momentOf(moment);
    await performSleep('sleepUntil', time, () => time);
  });
}

async function performSleep(fn: string, fact: number, dueAtFrom: (now: number) => number): Promise<void> {
  const context = contextFor(`${fn}()`);
  if (context.isVain) return await new Promise(() => undefined);
  if (context.body?.transaction !== undefined) throw new WaitInTransaction(`${fn}()`, context.body.step);
  const { execution } = context;
  await context.scope.call({
    name: fn,
    kind: 'sleep',
    // Inside a step, which may compute its times anew, the opened line alone says when.
    hash: context.body === undefined ? hash32(String(fact)) : null,
    start: (operation) => void begin(execution, operation, dueAtFrom),
  });
}

async function begin(
  execution: ActiveExecution,
  operation: Operation,
  dueAtFrom: (now: number) => number,
): Promise<void> {
  await operation.scope.delivery.replayed();
  if (!execution.ownership.isHeld && !(await execution.ownership.ensure())) return;
  const { strand } = operation.scope;
  if (execution.refuse(operation) || !execution.beginsThings || strand?.isClosed === true) return;
  const startedAt = execution.services.databaseClock.now();
  const { opened } = execution.history.beginningsOf(operation.path);
  const dueAt = opened?.dueAt ?? dueAtFrom(startedAt);
  if (opened === undefined) {
    execution.record(operation, { outcome: 'opened', attempt: 1, startedAt, dueAt });
  }
  operation.waitsUntil = dueAt;
  const wait = execution.waits.at(dueAt, () => {
    forget?.();
    void execution.end(operation, {
      outcome: 'completed',
      attempt: 1,
      startedAt: opened?.startedAt ?? startedAt,
      dueAt,
    });
  });
  // A body that sleeps when its siblings' failure is the end of its block is woken to hear of it.
  const forget = strand?.onStop(() => {
    wait.cancel();
    forget?.();
    execution.refuse(operation);
  });
  execution.operationsChanged();
}

function momentOf(moment: Date): number {
  const time = Object.prototype.toString.call(moment) === '[object Date]' ? moment.getTime() : NaN;
  if (!isStorableTime(time))
    throw new InvalidArgument('sleepUntil()', `wants a valid Date, not ${String(moment)}`);
  return time;
}
