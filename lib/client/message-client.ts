import { isName, isOptions } from '../definition/option.checks.js';
import { InvalidArgument } from '../errors/option.error.js';
import type { BroadcastOptions } from '../intake/broadcast-options.js';
import type { EventDefinition } from '../intake/event-definition.js';
import { isFilledText, isText } from '../intake/text.checks.js';
import { waitPlaceOf } from '../intake/wait-id.js';
import type { WaitReference } from '../intake/answer-intake.js';
import { checkOptions, checkReason, shown } from './argument.checks.js';
import type { ClientServices } from './client-services.js';
import {
  broadcastRequestOf,
  eventRequestOf,
  type BroadcastCallOptions,
  type SendEventOptions,
} from './message-requests.js';
import type {
  PendingEventFilter,
  PendingEventPage,
  PendingInputFilter,
  PendingInputPage,
} from './pending-wait.js';
import { type EventTarget, executionIdOf } from './execution-reference.js';
import { listPendingEvents, listPendingInputs } from './pending-waits.js';

/**
 * Which open wait of an execution: by its name, or where several have that, by its id.
 *
 * @publicApi
 */
export type WaitTarget = string | { readonly inputId: string } | { readonly waitId: string };

/** @publicApi */
export interface ProvideInputOptions {
  /** Who answers: kept with the answer. That they may is for the application to know. */
  readonly by?: string;
  readonly comment?: string;
}

/**
 * What an application says to executions that wait, and what it can see of them.
 *
 * @publicApi
 */
export abstract class MessageClient {
  /** @internal */
  constructor(protected readonly services: (fn: string) => ClientServices | Promise<ClientServices>) {}

  /**
   * Sends an event to an execution. When this returns it is stored; it is kept until a wait takes it, and waits take
   * events in the order in which they were sent.
   *
   * @returns whether it was new: with an `idempotencyKey` that is known already, nothing is sent again
   * @throws ExecutionNotFound, ExecutionFinished, InvalidEvent where the payload does not pass the event's schema,
   * NotSerializable, InvalidArgument, EventKeyHeld
   */
  async sendEvent<Sent = unknown>(
    target: EventTarget,
    event: string | EventDefinition<unknown, Sent>,
    payload?: NoInfer<Sent>,
    options: SendEventOptions = {},
  ): Promise<{ readonly created: boolean }> {
    const fn = 'sendEvent()';
    const ready = this.services(fn);
    const services = ready instanceof Promise ? await ready : ready;
    const request = await eventRequestOf(fn, services, event, payload, options);
    const executionId = await executionIdOf(fn, services, target, request.manager);
    return { created: await services.events.send({ ...request, executionId, fn }) };
  }

  /**
   * Tells every execution that waits for the name and scope, and those that begin to wait for it while it holds.
   *
   * @returns whether it was new: while a broadcast of the same name and scope holds, its value stays
   * @throws InvalidArgument, InvalidEvent, NotSerializable, BroadcastHeld
   */
  async broadcast<Sent = unknown>(
    event: string | EventDefinition<unknown, Sent>,
    payload: NoInfer<Sent>,
    options: BroadcastOptions & BroadcastCallOptions,
  ): Promise<{ readonly created: boolean }> {
    const fn = 'broadcast()';
    const ready = this.services(fn);
    const services = ready instanceof Promise ? await ready : ready;
    const request = await broadcastRequestOf(fn, services, event, payload, options);
    return { created: await services.events.broadcast(request) };
  }

  /**
   * Answers a question. The first answer that fits what was asked counts.
   *
   * @param input the name of the question, or `{ inputId }` where the execution has several of that name
   * @throws InvalidAnswer with a message for each field, InputSettled where it is not open any more,
   * WaitNotFound, AmbiguousWait, ExecutionNotFound, ExecutionFinished, InvalidArgument
   */
  async provideInput(
    executionId: string,
    input: WaitTarget,
    answer: unknown,
    options: ProvideInputOptions = {},
  ): Promise<void> {
    const fn = 'provideInput()';
    checkOptions(fn, options, { by: isFilledText, comment: isText });
    const services = await this.services(fn);
    const id = await executionIdOf(fn, services, executionId);
    const which = waitReferenceOf(fn, id, input);
    const { by, comment } = options;
    await services.answers.answer({ executionId: id, which, value: answer, by, comment });
  }

  /**
   * Ends an open wait: whoever awaits it gets a WaitCancelled. A wait for events takes what was sent to it before.
   *
   * @param wait the name of the question or of the event, or `{ waitId }` where several have that name
   * @throws WaitNotFound, AmbiguousWait, InputSettled, ExecutionNotFound, ExecutionFinished, InvalidArgument
   */
  async cancelWait(executionId: string, wait: WaitTarget, reason?: string): Promise<void> {
    const fn = 'cancelWait()';
    checkReason(fn, reason);
    const services = await this.services(fn);
    const id = await executionIdOf(fn, services, executionId);
    await services.answers.cancel(id, waitReferenceOf(fn, id, wait), reason);
  }

  /**
   * The questions that nobody has answered yet, those of the oldest executions first, a page at a time.
   *
   * @throws InvalidArgument, InvalidCursor
   */
  async listPendingInputs(filter: PendingInputFilter = {}): Promise<PendingInputPage> {
    return await listPendingInputs(await this.services('listPendingInputs()'), filter);
  }

  /**
   * The waits for events and broadcasts that are open, those of the oldest executions first, a page at a time.
   *
   * @throws InvalidArgument, InvalidCursor
   */
  async listPendingEvents(filter: PendingEventFilter = {}): Promise<PendingEventPage> {
    return await listPendingEvents(await this.services('listPendingEvents()'), filter);
  }
}

function waitReferenceOf(fn: string, executionId: string, target: WaitTarget): WaitReference {
  if (typeof target === 'string' && isName(target) === undefined) return { name: target };
  if (isOptions(target)) {
    const id: unknown = 'inputId' in target ? target['inputId'] : target['waitId'];
    const place = waitPlaceOf(id);
    if (place?.executionId === executionId) return { seq: place.seq };
    if (place !== undefined) {
      throw new InvalidArgument(fn, `${shown(id)} is a wait of another execution than ${executionId}`);
    }
  }
  throw new InvalidArgument(
    fn,
    `it wants the name of a wait, or { inputId } or { waitId }, not ${shown(target)}`,
  );
}
