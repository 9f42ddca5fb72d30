import { inspect } from 'node:util';
import { isClass } from '../definition/metadata.js';
import { isName } from '../definition/option.checks.js';
import type { Ctor } from '../definition/workflow-class.js';
import { InvalidArgument } from '../errors/option.error.js';
import { InvalidEvent } from '../errors/wait.error.js';
import { checkByClass } from './input-validation.js';
import {
  checkBySchema,
  isStandardSchema,
  type MadeBy,
  type StandardSchema,
  type TakenBy,
} from './standard-schema.js';
import type { Verdict } from './verdict.js';

declare const TYPES: unique symbol;

/**
 * An event with a name and the types of its payload; made by `defineEvent()`, and never changed.
 *
 * - `Payload`: what is received.
 * - `Sent`: what the sender gives. It differs from `Payload` where the schema makes something else of it.
 *
 * @publicApi
 */
export class EventDefinition<Payload = unknown, Sent = Payload> {
  // Required, so that an event with another payload is another type; `declare`, so that nothing of it exists at run
  // time. `sent` is a parameter: an event for any animal can be sent a dog, one for dogs not any animal.
  declare readonly [TYPES]: { readonly payload: Payload; readonly sent: (payload: Sent) => void };

  /** @internal */
  constructor(
    readonly name: string,
    readonly schema: Ctor | StandardSchema | undefined,
  ) {
    Object.freeze(this);
  }
}

/** An event by its definition, whatever it carries, or by its name. */
export type AnyEvent = string | EventDefinition<unknown, never>;

/**
 * Gives an event a name and the type of its payload, for those who send it and those who wait for it:
 *
 * ```ts
 * export const PaymentSucceeded = defineEvent<{ total: number }>('payment.success');
 * ```
 *
 * With a schema, whose types need not be repeated, each payload is checked before it is sent: a class of
 * class-validator, or a schema of Zod, Valibot, ArkType or anything else with the Standard Schema. What is received is
 * what the schema made of the payload; a class only checks, and what is received is the plain object that was sent.
 *
 * ```ts
 * export const PaymentSucceeded = defineEvent('payment.success', z.object({ total: z.number() }));
 * ```
 *
 * @throws InvalidArgument
 * @publicApi
 */
export function defineEvent<Payload = unknown>(name: string): EventDefinition<Payload>;
export function defineEvent<Schema extends StandardSchema>(
  name: string,
  schema: Schema,
): EventDefinition<MadeBy<Schema>, TakenBy<Schema>>;
export function defineEvent<Payload extends object>(
  name: string,
  schema: Ctor<Payload>,
): EventDefinition<Payload>;
export function defineEvent(name: string, schema?: unknown): EventDefinition<unknown, never> {
  const fn = 'defineEvent()';
  checkName(fn, name);
  if (schema !== undefined && !isStandardSchema(schema) && !isConstructor(schema)) {
    throw new InvalidArgument(
      fn,
      `the schema of '${name}' is a class, or an object with the Standard Schema, not ${shown(schema)}`,
    );
  }
  return new EventDefinition(name, schema);
}

export function isEventDefinition(value: unknown): value is EventDefinition<unknown, never> {
  return value instanceof EventDefinition;
}

/**
 * The name of an event that was given to the function `fn`, by its definition or by its name.
 *
 * @throws InvalidArgument
 */
export function eventName(event: AnyEvent, fn: string): string {
  if (isEventDefinition(event)) return event.name;
  checkName(fn, event);
  return event;
}

/** Whether its payloads are checked. */
export function hasSchema(event: AnyEvent): event is EventDefinition<unknown, never> {
  return typeof event !== 'string' && event.schema !== undefined;
}

/**
 * The payload as it is to be stored: at once, unless a schema takes its time. Until then the payload must stay as it
 * is: whoever got it from a user copies it first.
 *
 * @throws InvalidEvent
 */
export function checkPayload(event: AnyEvent, payload: unknown): unknown {
  if (typeof event === 'string') return payload;
  const { name, schema } = event;
  if (schema === undefined) return payload;
  const verdict = isStandardSchema(schema)
    ? checkBySchema(schema, payload)
    : checkByClass(schema, 'payload', payload);
  if (!('then' in verdict)) return payloadOf(name, verdict);
  // A schema's own kind of promise will do.
  return Promise.resolve(verdict).then((later) => payloadOf(name, later));
}

function payloadOf(event: string, verdict: Verdict): unknown {
  if (!verdict.ok) throw new InvalidEvent(event, verdict.fields);
  return verdict.value;
}

function checkName(fn: string, name: unknown): asserts name is string {
  const fault = isName(name);
  if (fault !== undefined)
    throw new InvalidArgument(fn, `the name of an event is ${fault}, not ${shown(name)}`);
}

/** Not any function: one that instances are made with. */
function isConstructor(value: unknown): value is Ctor {
  return isClass(value) && typeof value.prototype === 'object';
}

function shown(value: unknown): string {
  return inspect(value, { depth: 0, breakLength: Infinity, maxStringLength: 60 });
}
