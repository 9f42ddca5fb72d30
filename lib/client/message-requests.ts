import type { EntityManager } from 'typeorm';
import type { BroadcastRequest, EventRequest } from '../intake/event-intake.js';
import { type BroadcastOptions, resolveBroadcast } from '../intake/broadcast-options.js';
import { type AnyEvent, checkPayload, eventName, hasSchema } from '../intake/event-definition.js';
import { checkOptions } from './argument.checks.js';
import type { ClientServices } from './client-services.js';
import { inTransaction, keyText } from './start-options.js';

/** @publicApi */
export interface SendEventOptions {
  /**
   * Your own identity for the event, unique per execution: sending it again with the same one sends nothing.
   * A webhook's delivery id is a good one.
   */
  readonly idempotencyKey?: string;
  /** The EntityManager of a transaction: the event is sent when that commits, and never if it rolls back. */
  readonly manager?: EntityManager;
}

/** @publicApi */
export interface BroadcastCallOptions {
  /** The EntityManager of a transaction: the broadcast is sent when that commits, and never if it rolls back. */
  readonly manager?: EntityManager;
}

/** @throws InvalidArgument, InvalidEvent, NotSerializable, RootManagerRefused */
export async function eventRequestOf(
  fn: string,
  services: ClientServices,
  event: AnyEvent,
  payload: unknown,
  options: SendEventOptions,
): Promise<Omit<EventRequest, 'executionId' | 'fn'>> {
  checkOptions(fn, options, { idempotencyKey: () => undefined, manager: () => undefined });
  const { idempotencyKey, manager } = options;
  return {
    name: eventName(event, fn),
    idempotencyKey: idempotencyKey === undefined ? null : keyText(fn, 'idempotencyKey', idempotencyKey),
    manager: manager === undefined ? undefined : inTransaction(fn, manager),
    payload: await payloadText(services, event, payload),
  };
}

/** @throws as `eventRequestOf` */
export async function broadcastRequestOf(
  fn: string,
  services: ClientServices,
  event: AnyEvent,
  payload: unknown,
  options: BroadcastOptions & BroadcastCallOptions,
): Promise<BroadcastRequest> {
  checkOptions(fn, options, { scope: () => undefined, expiresIn: () => undefined, manager: () => undefined });
  const { manager, ...limits } = options;
  return {
    ...resolveBroadcast(fn, limits),
    name: eventName(event, fn),
    manager: manager === undefined ? undefined : inTransaction(fn, manager),
    payload: await payloadText(services, event, payload),
  };
}

/** As it is at this moment, unless its schema takes its time: what the caller does to it afterwards changes nothing. */
function payloadText(
  { serializer }: ClientServices,
  event: AnyEvent,
  payload: unknown,
): string | null | Promise<string | null> {
  const text = (checked: unknown): string | null =>
    checked === undefined ? null : serializer.stringify(checked);
  if (!hasSchema(event)) return text(payload);
  const checked = checkPayload(event, payload);
  return checked instanceof Promise ? checked.then(text) : text(checked);
}
