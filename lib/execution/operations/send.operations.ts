import { defaultRetry } from '../../definition/step-resolver.js';
import { DatabaseUnavailable } from '../../errors/database.error.js';
import { DurableError } from '../../errors/durable.error.js';
import { InvalidArgument } from '../../errors/option.error.js';
import { BroadcastHeld, EventKeyHeld } from '../../errors/pending.error.js';
import { isUuid } from '../../identity/uuid-text.js';
import { type BroadcastOptions, resolveBroadcast } from '../../intake/broadcast-options.js';
import {
  type AnyEvent,
  checkPayload,
  type EventDefinition,
  eventName,
  hasSchema,
} from '../../intake/event-definition.js';
import { copyOf } from '../../serialization/copy.js';
import type { ExecutionServices } from '../execution-services.js';
import { execution as thisExecution } from '../execution-view.js';
import { contextFor, operationPromise } from '../operation-context.js';
import { performStep } from './step.operation.js';

/** What is in the way for a time is waited out for hours; what we refuse ourselves, no second try changes. */
const PASSING = [DatabaseUnavailable, EventKeyHeld, BroadcastHeld];

const retry = {
  ...defaultRetry,
  maxAttempts: 30,
  retryIf: (error: Error) =>
    !(error instanceof DurableError) || PASSING.some((passing) => error instanceof passing),
};

/** What an execution says to others. */
interface Message {
  readonly fn: string;
  readonly kind: 'send';
  readonly event: AnyEvent;
  readonly payload: unknown;
  /** @param key the same whenever this is said again */
  say(services: ExecutionServices, payload: string | null, key: string): Promise<unknown>;
}

/**
 * Sends an event to another execution: once, however often this one is interrupted. When it returns, the event is
 * stored. (Inside a transactional step it is not part of the transaction: use `client.sendEvent()` with
 * `manager: transaction()` for that.)
 *
 * @throws NotInWorkflow, InvalidArgument, InvalidEvent, NotSerializable, ExecutionNotFound, ExecutionFinished
 * @publicApi
 */
export function sendEvent<Sent = unknown>(
  executionId: string,
  event: string | EventDefinition<unknown, Sent>,
  payload?: NoInfer<Sent>,
): Promise<void> {
  const fn = 'sendEvent()';
  return say(() => {
    if (typeof executionId !== 'string' || !isUuid(executionId)) {
      throw new InvalidArgument(fn, 'it wants the id of an execution first');
    }
    const name = eventName(event, fn);
    return {
      fn,
      kind: 'send',
      event,
      payload,
      say: ({ events }, text, idempotencyKey) =>
        events.send({ fn, executionId, name, payload: text, idempotencyKey, manager: undefined }),
    };
  });
}

/**
 * Broadcasts to every execution that waits for the name and scope. As `client.broadcast()`.
 *
 * @throws NotInWorkflow, InvalidArgument, InvalidEvent, NotSerializable
 * @publicApi
 */
export function broadcast<Sent = unknown>(
  event: string | EventDefinition<unknown, Sent>,
  payload: NoInfer<Sent>,
  options: BroadcastOptions,
): Promise<void> {
  const fn = 'broadcast()';
  return say(() => {
    const limits = resolveBroadcast(fn, options);
    const name = eventName(event, fn);
    return {
      fn,
      kind: 'send',
      event,
      payload,
      say: ({ events }, text) => events.broadcast({ name, ...limits, payload: text, manager: undefined }),
    };
  });
}

function say(messageFor: () => Message): Promise<void> {
  return operationPromise(async () => {
    const message = messageFor();
    const { fn, kind, event, payload } = message;
    const context = contextFor(fn);
    if (context.isVain) return await new Promise<void>(() => undefined);
    const { execution } = context;
    const { services } = execution;
    // As it is at the call. What a schema is to check may be an instance of a class, which cannot be copied.
    const given = hasSchema(event) ? payload : copyOf(payload, services.serializer);
    const { promise } = performStep(execution, context.scope, {
      kind,
      name: eventName(event, fn),
      title: fn,
      retry,
      transactional: false,
      hash: null,
      body: async () => {
        const checked: unknown = hasSchema(event) ? await checkPayload(event, given) : given;
        const text = checked === undefined ? null : services.serializer.stringify(checked);
        await message.say(services, text, thisExecution().idempotencyKey);
      },
      accept: () => undefined,
    });
    await promise;
  });
}
