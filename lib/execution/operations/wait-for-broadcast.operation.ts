import { isName } from '../../definition/option.checks.js';
import { hash32 } from '../../identity/hash.js';
import { eventName } from '../../intake/event-definition.js';
import type { Letter } from '../waiting/letter.js';
import { waitPromise } from '../waiting/perform-wait.js';
import { timedOutWith } from '../waiting/timed-out.js';
import {
  checkWaitOptions,
  dueAtFrom,
  type Limited,
  type TimeoutOptions,
  type Unlimited,
} from '../waiting/wait-options.js';
import type { EventReference } from './wait-for-event.operation.js';

/** @publicApi */
export interface BroadcastWaitOptions<TimeoutValue = unknown> extends TimeoutOptions<TimeoutValue> {
  /**
   * Only broadcasts of this scope.
   *
   * @default those without a scope
   */
  scope?: string | undefined;
}

/**
 * Waits for a broadcast, which is for everybody who waits for its name and scope: one that holds already ends the wait
 * at once.
 *
 * ```ts
 * const rate = await waitForBroadcast<Rate>('rates', { scope: 'EUR' });
 * ```
 *
 * @throws NotInWorkflow, InvalidArgument, WaitInTransaction; WaitCancelled where somebody cancelled the wait
 * @publicApi
 */
export function waitForBroadcast<Payload = unknown>(
  event: EventReference<Payload>,
  options?: Unlimited<BroadcastWaitOptions>,
): Promise<Payload>;
export function waitForBroadcast<Payload = unknown, const TimeoutValue = Payload | null | undefined>(
  event: EventReference<Payload>,
  options: Limited<BroadcastWaitOptions<TimeoutValue>> & { timeoutValue: TimeoutValue },
): Promise<Payload | TimeoutValue>;
export function waitForBroadcast<Payload = unknown>(
  event: EventReference<Payload>,
  options: Limited<BroadcastWaitOptions>,
): Promise<Payload | undefined>;
export function waitForBroadcast(
  event: EventReference,
  options: BroadcastWaitOptions = {},
): Promise<unknown> {
  const fn = 'waitForBroadcast()';
  return waitPromise(
    fn,
    ({ facts, services }) => {
      checkWaitOptions(fn, options, { scope: isName });
      const { scope = '' } = options;
      const name = eventName(event, fn);
      return {
        fn,
        name,
        kind: 'broadcast',
        hash: hash32(scope),
        dueAtFrom: dueAtFrom(options),
        pending: {
          table: 'events',
          workflow: facts.definition.name,
          kind: 'broadcast',
          names: [name],
          broadcast: name,
          scope,
        },
        // One that is for this wait names it.
        collector: { offer: takeBroadcast, lookAnew: () => undefined },
        expiry: () => timedOutWith(options.timeoutValue, services.serializer),
      };
    },
    ({ value }) => value,
  );
}

function takeBroadcast({ type, payload }: Letter): { takes: []; output: string | null } | undefined {
  return type === 'broadcast' ? { takes: [], output: payload } : undefined;
}
