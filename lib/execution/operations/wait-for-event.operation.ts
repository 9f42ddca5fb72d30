import { AsyncResource } from 'node:async_hooks';
import { isFunction } from '../../definition/option.checks.js';
import { InvalidArgument } from '../../errors/option.error.js';
import { type EventDefinition, eventName } from '../../intake/event-definition.js';
import type { ActiveExecution } from '../active-execution.js';
import { AllEvents, AnyEvent, type Match, OneEvent, type Wanted } from '../waiting/event-collector.js';
import { type NamedWaitKind, titleOf } from '../waiting/event-names.js';
import { waitPromise } from '../waiting/perform-wait.js';
import {
  checkWaitOptions,
  dueAtFrom,
  type Limited,
  type TimeoutOptions,
  type Unlimited,
} from '../waiting/wait-options.js';
import type { Collector, WaitTerms } from '../waiting/wait-terms.js';
import { timedOutWith } from '../waiting/timed-out.js';

/**
 * An event by its definition or by its name.
 *
 * @publicApi
 */
export type EventReference<Payload = unknown> = string | EventDefinition<Payload, never>;

/** @publicApi */
export interface MatchOptions<Payload, Name extends string = string> {
  /**
   * Whether an event is one to take. It is asked for each event of the name in turn, without a promise; what it does
   * not want stays in the mailbox for later waits.
   *
   * @default every event of the name
   */
  match?: ((payload: Payload, event: Name) => boolean) | undefined;
}

/** @publicApi */
export interface EventWaitOptions<Payload, TimeoutValue = unknown>
  extends MatchOptions<Payload>, TimeoutOptions<TimeoutValue> {}

/** What an event carries, by its definition; of a name alone nothing is known. */
export type PayloadOf<Reference> =
  Reference extends EventDefinition<infer Payload, never> ? Payload : unknown;

/** The name of an event, by its definition or as it is. */
export type NameOf<Reference> = Reference extends string ? Reference : string;

/** @publicApi */
export interface AnyOf<Payload = unknown, Name extends string = string> {
  /** The name of the event that came first. */
  readonly event: Name;
  readonly payload: Payload;
}

/**
 * Waits for an event that somebody sends to this execution, and gives its payload. One that was sent before anybody
 * waited is there at once; each event ends one wait.
 *
 * ```ts
 * const paid = await waitForEvent(PaymentSucceeded, { timeout: hours(1), timeoutValue: null });
 * ```
 *
 * @throws NotInWorkflow, InvalidArgument, WaitInTransaction; WaitCancelled where somebody cancelled the wait
 * @publicApi
 */
export function waitForEvent<Payload = unknown>(
  event: EventReference<Payload>,
  options?: Unlimited<EventWaitOptions<NoInfer<Payload>>>,
): Promise<Payload>;
export function waitForEvent<Payload = unknown, const TimeoutValue = Payload | null | undefined>(
  event: EventReference<Payload>,
  options: Limited<EventWaitOptions<NoInfer<Payload>, TimeoutValue>> & { timeoutValue: TimeoutValue },
): Promise<Payload | TimeoutValue>;
export function waitForEvent<Payload = unknown>(
  event: EventReference<Payload>,
  options: Limited<EventWaitOptions<NoInfer<Payload>>>,
): Promise<Payload | undefined>;
export function waitForEvent(event: EventReference, options: EventWaitOptions<never> = {}): Promise<unknown> {
  const fn = 'waitForEvent()';
  return eventWait(fn, 'event', options, () => [eventName(event, fn)]);
}

/**
 * Of names, each with its own; of definitions, whose names the compiler does not know, any with any payload.
 *
 * @publicApi
 */
export type FirstOf<Events extends readonly EventReference[]> = Events[number] extends infer Event
  ? Event extends EventReference
    ? AnyOf<PayloadOf<Event>, NameOf<Event>>
    : never
  : never;

/**
 * Waits for the first of several events, and says which it was. (Where the types of their payloads differ, `race()` with
 * a `waitForEvent()` for each tells them apart for the compiler, too.)
 *
 * ```ts
 * const hit = await waitForAny([PaymentSucceeded, 'payment.failed'], { timeout: days(7), timeoutValue: null });
 * if (hit?.event === 'payment.failed') …
 * ```
 *
 * @throws as `waitForEvent()`
 * @publicApi
 */
export function waitForAny<const Events extends readonly EventReference[]>(
  events: Events,
  options?: Unlimited<EventWaitOptions<PayloadOf<Events[number]>>>,
): Promise<FirstOf<Events>>;
export function waitForAny<const Events extends readonly EventReference[], const TimeoutValue>(
  events: Events,
  options: Limited<EventWaitOptions<PayloadOf<Events[number]>, TimeoutValue>> & {
    timeoutValue: TimeoutValue;
  },
): Promise<FirstOf<Events> | TimeoutValue>;
export function waitForAny<const Events extends readonly EventReference[]>(
  events: Events,
  options: Limited<EventWaitOptions<PayloadOf<Events[number]>>>,
): Promise<FirstOf<Events> | undefined>;
export function waitForAny(
  events: readonly EventReference[],
  options: EventWaitOptions<never> = {},
): Promise<unknown> {
  const fn = 'waitForAny()';
  return eventWait(fn, 'any', options, () => namesOf(fn, events));
}

/**
 * Waits until one event of each name has come, and gives their payloads by name. Until all are there they are kept for
 * this wait; if its time is up first, they stay in the mailbox.
 *
 * ```ts
 * const all = await waitForAll(['legal', 'finance'], { timeout: days(5), timeoutValue: null });
 * ```
 *
 * @throws as `waitForEvent()`
 * @publicApi
 */
export function waitForAll<const Events extends readonly EventReference[]>(
  events: Events,
  options?: Unlimited<EventWaitOptions<PayloadOf<Events[number]>>>,
): Promise<AllOf<Events>>;
export function waitForAll<const Events extends readonly EventReference[], const TimeoutValue>(
  events: Events,
  options: Limited<EventWaitOptions<PayloadOf<Events[number]>, TimeoutValue>> & {
    timeoutValue: TimeoutValue;
  },
): Promise<AllOf<Events> | TimeoutValue>;
export function waitForAll<const Events extends readonly EventReference[]>(
  events: Events,
  options: Limited<EventWaitOptions<PayloadOf<Events[number]>>>,
): Promise<AllOf<Events> | undefined>;
export function waitForAll(
  events: readonly EventReference[],
  options: EventWaitOptions<never> = {},
): Promise<unknown> {
  const fn = 'waitForAll()';
  return eventWait(fn, 'all', options, () => namesOf(fn, events));
}

/**
 * Payloads by the names of their events; where the events are definitions, whose names the compiler does not know, by
 * any.
 *
 * @publicApi
 */
export type AllOf<Events extends readonly EventReference[]> = {
  readonly [Name in NameOf<Events[number]>]: PayloadOf<Events[number]>;
};

const COLLECTORS: Readonly<Record<NamedWaitKind, new (wanted: Wanted) => Collector>> = {
  event: OneEvent,
  any: AnyEvent,
  all: AllEvents,
};

function eventWait(
  fn: string,
  kind: NamedWaitKind,
  options: EventWaitOptions<never>,
  namesFor: () => readonly string[],
): Promise<unknown> {
  const termsFor = ({ id, facts, services }: ActiveExecution): WaitTerms => {
    checkWaitOptions(fn, options, { match: isFunction });
    const names = namesFor();
    const name = titleOf(kind, names);
    const { serializer } = services;
    const match = options.match && inPlace(options.match);
    return {
      fn,
      name,
      kind,
      hash: null,
      dueAtFrom: dueAtFrom(options),
      pending: {
        table: 'events',
        workflow: facts.definition.name,
        kind,
        names,
        broadcast: null,
        scope: null,
      },
      collector: new COLLECTORS[kind]({ executionId: id, wait: name, names, match, serializer }),
      expiry: () => timedOutWith(options.timeoutValue, serializer),
    };
  };
  return waitPromise(fn, termsFor, ({ value }) => value);
}

/** Whenever it is asked, and by whomever: it is code of this execution, and knows that. */
function inPlace(match: Match): Match {
  const here = new AsyncResource('DurableMatch');
  return (payload, event) => here.runInAsyncScope(() => match(payload, event));
}

/** So many events are more than a wait is for, and their names more than a path holds. */
const MOST_EVENTS = 50;

function namesOf(fn: string, events: readonly EventReference[]): readonly string[] {
  if (!Array.isArray(events) || events.length === 0 || events.length > MOST_EVENTS) {
    throw new InvalidArgument(fn, `it wants a list of 1 to ${MOST_EVENTS} events`);
  }
  const names = events.map((event: EventReference) => eventName(event, fn));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new InvalidArgument(fn, `the event "${twice}" is in the list twice`);
  return names;
}
