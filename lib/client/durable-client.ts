import type {
  UnknownWorkflow,
  InputOf,
  OutputOf,
  StartArguments,
  WorkflowClass,
} from '../definition/workflow-class.js';
import { AlreadyCompensating } from '../errors/compensation.error.js';
import { isOneOf } from '../definition/option.checks.js';
import {
  ExecutionCancelled,
  ExecutionFinished,
  ExecutionNotFinished,
  ExecutionNotFound,
} from '../errors/execution.error.js';
import { InvalidArgument } from '../errors/option.error.js';
import type { WorkflowGraph } from '../graph/workflow-graph.js';
import { isUuid } from '../identity/uuid-text.js';
import { isStorableText } from '../intake/text.checks.js';
import type { EventDefinition } from '../intake/event-definition.js';
import type { Started, StartRequest } from '../intake/start-request.js';
import { isPlainObject } from '../serialization/plain.js';
import { serializeError } from '../serialization/serialized-error.js';
import { cancelExecution } from '../storage/queries/cancel.query.js';
import { startOf } from '../storage/queries/result.queries.js';
import { checkOptions, checkReason, checkWorkflow, shown } from './argument.checks.js';
import type { CancelOptions } from './cancel-options.js';
import type { Execution } from './execution.js';
import type { ExecutionFilter } from './execution-filter.js';
import { executionOf, type ExecutionReference } from './execution-reference.js';
import { MessageClient } from './message-client.js';
import { eventRequestOf, type SendEventOptions } from './message-requests.js';
import { ExecutionHandle, type HandleServices } from './execution-handle.js';
import type { StartManyOptions, StartOptions } from './start-options.js';
import { graphOfExecution, graphOfWorkflow } from './workflow-graphs.js';

/** @publicApi */
export interface StartWithEventOptions<Sent = unknown>
  extends Omit<StartOptions, 'key'>, Pick<SendEventOptions, 'idempotencyKey'> {
  /** Your own identity for the execution. If there is one, it is sent the event, and nothing is started. */
  key: string;
  event: string | EventDefinition<unknown, Sent>;
  /** What the event carries. */
  payload?: NoInfer<Sent>;
}

/** @publicApi */
export interface ExecutionPage {
  readonly executions: Execution[];
  /** Pass it to get the next page; undefined on the last one. */
  readonly cursor: string | undefined;
}

/**
 * Starts executions, reads them and acts on them. Inject it wherever the application needs it, in processes with
 * and without workers.
 *
 * @publicApi
 */
export class DurableClient extends MessageClient {
  /**
   * Starts an execution. When this returns, the start is stored and will not be lost.
   *
   * @param workflow the class, or the name of a workflow that may live in another process
   * @throws InvalidInput, KeyConflict, StartKeyHeld, NotSerializable, WorkflowNotRegistered, InvalidArgument
   */
  async start<Workflow extends object>(
    workflow: WorkflowClass<Workflow>,
    ...args: StartArguments<Workflow, StartOptions>
  ): Promise<ExecutionHandle<OutputOf<Workflow>>>;
  async start<Workflow extends object = UnknownWorkflow>(
    workflow: string,
    ...args: StartArguments<Workflow, StartOptions>
  ): Promise<ExecutionHandle<OutputOf<Workflow>>>;
  async start(
    workflow: WorkflowClass | string,
    input?: unknown,
    options: StartOptions = {},
  ): Promise<ExecutionHandle> {
    // Without a turn of the event loop where nothing has to be waited for: the input is taken at the call.
    const ready = this.services('start()');
    const services = ready instanceof Promise ? await ready : ready;
    const made = services.requests.make(workflow, input, options);
    const request = made instanceof Promise ? await made : made;
    return this.#handle(await services.intake.start(request), request);
  }

  /**
   * Starts an execution under a key, unless there is one already, and sends it an event: both or neither. So what the
   * event tells of may be known before what starts the workflow.
   *
   * @throws as `start()` and `sendEvent()`
   */
  async startWithEvent<Workflow extends object = UnknownWorkflow, Sent = unknown>(
    workflow: string,
    input: InputOf<Workflow>,
    options: StartWithEventOptions<Sent>,
  ): Promise<ExecutionHandle<OutputOf<Workflow>>>;
  async startWithEvent<Workflow extends object, Sent = unknown>(
    workflow: WorkflowClass<Workflow>,
    input: InputOf<Workflow>,
    options: StartWithEventOptions<Sent>,
  ): Promise<ExecutionHandle<OutputOf<Workflow>>>;
  async startWithEvent(
    workflow: WorkflowClass | string,
    input: unknown,
    options: StartWithEventOptions,
  ): Promise<ExecutionHandle> {
    const fn = 'startWithEvent()';
    const ready = this.services(fn);
    const services = ready instanceof Promise ? await ready : ready;
    const given: unknown = options;
    if (!isPlainObject(given)) throw new InvalidArgument(fn, 'its options are a plain object');
    const { event, payload, idempotencyKey, ...startOptions } = options;
    if (startOptions.key === undefined) throw new InvalidArgument(fn, "it wants a 'key' for the execution");
    const [request, sent] = await Promise.all([
      services.requests.make(workflow, input, startOptions, fn),
      eventRequestOf(fn, services, event, payload, idempotencyKey === undefined ? {} : { idempotencyKey }),
    ]);
    const started = await services.intake.startWithEvent(request, { ...sent, fn });
    return this.#handle(started, request);
  }

  /**
   * Starts one execution for each input. With keys or in a caller's transaction, all of them or none.
   *
   * @throws as `start()`
   */
  async startMany<Workflow extends object>(
    workflow: WorkflowClass<Workflow> | string,
    inputs: readonly InputOf<Workflow>[],
    options: StartManyOptions<InputOf<Workflow>> = {},
  ): Promise<ExecutionHandle<OutputOf<Workflow>>[]> {
    const ready = this.services('startMany()');
    const services = ready instanceof Promise ? await ready : ready;
    if (!Array.isArray(inputs)) throw new InvalidArgument('startMany()', 'the inputs are an array');
    const given: unknown = options;
    if (!isPlainObject(given)) throw new InvalidArgument('startMany()', 'its options are a plain object');
    const { key, ...common } = options;
    if (key !== undefined && typeof key !== 'function') {
      throw new InvalidArgument('startMany()', "'key' is a function from an input to its key");
    }
    // Everything is checked before anything is written.
    const requests = await Promise.all(
      inputs.map((input: InputOf<Workflow>, index) =>
        services.requests.make(
          workflow,
          input,
          key === undefined ? common : { ...common, key: keyOf(key, input, index) },
        ),
      ),
    );
    const started = await services.intake.startMany(requests);
    return started.map((each, index) => this.#handle(each, requests[index])) as ExecutionHandle<
      OutputOf<Workflow>
    >[];
  }

  /**
   * The handle of an execution that was started before.
   *
   * @throws ExecutionNotFound also where the execution is one of another workflow
   */
  async handle<Workflow extends object>(
    workflow: WorkflowClass<Workflow> | string,
    reference: ExecutionReference,
  ): Promise<ExecutionHandle<OutputOf<Workflow>>> {
    const services = await this.services('handle()');
    const { id, name } = await executionOf('handle()', services, workflow, reference);
    return new ExecutionHandle<OutputOf<Workflow>>(id, name, false, () => this.#handleServices());
  }

  /**
   * An execution as it stands.
   *
   * @throws ExecutionNotFound
   */
  async getExecution(id: string, options: { readonly steps?: boolean } = {}): Promise<Execution> {
    checkOptions('getExecution()', options, { steps: isOneOf(true, false) });
    const { reader } = await this.services('getExecution()');
    return await reader.get(id, options);
  }

  /**
   * The newest executions first, a page at a time.
   *
   * @throws InvalidArgument, InvalidCursor
   */
  async listExecutions(filter: ExecutionFilter = {}): Promise<ExecutionPage> {
    const { reader } = await this.services('listExecutions()');
    return await reader.list(filter);
  }

  /** @throws InvalidArgument */
  async countExecutions(filter: ExecutionFilter = {}): Promise<number> {
    const { reader } = await this.services('countExecutions()');
    return await reader.count(filter);
  }

  /**
   * A workflow as nodes and edges, as its class declares it; with an id, as that execution went through it. What
   * the class does not say, the order of a run method above all, is drawn from the history of the execution.
   *
   * @throws WorkflowNotRegistered without an id, where this process does not have the workflow; ExecutionNotFound
   * also where the execution is one of another workflow
   */
  async graph(workflow: WorkflowClass | string, id?: string): Promise<WorkflowGraph> {
    const services = await this.services('graph()');
    checkWorkflow('graph()', workflow);
    return id === undefined
      ? graphOfWorkflow(services, workflow)
      : await graphOfExecution(services, workflow, id);
  }

  /**
   * Ends an execution, wherever it is. A step that runs hears of it through its signal, and what it did is
   * recorded; an execution that nobody runs at the moment ends at once. With `compensate` what it did is undone
   * before it ends: one that nobody runs waits for a worker that knows its workflow.
   *
   * @throws ExecutionNotFound, ExecutionFinished; AlreadyCompensating where it is being undone already
   */
  async cancel(id: string, reason?: string, options: CancelOptions = {}): Promise<void> {
    const services = await this.services('cancel()');
    const { schema, database, reader } = services;
    checkReason('cancel()', reason);
    checkOptions('cancel()', options, { compensate: isOneOf(true, false) });
    if (!isStorableText(id) || !isUuid(id)) throw new ExecutionNotFound(shown(id));
    const error = serializeError(new ExecutionCancelled(id, reason));
    const request = { reason: reason ?? null, compensate: options.compensate ?? false };
    const outcome = await database.dataSource.transaction((manager) =>
      cancelExecution(manager, schema, { id, error, ...request }),
    );
    if (outcome === undefined) throw new ExecutionFinished(id, await reader.status(id), 'cancel()');
    if (outcome === 'compensating') throw new AlreadyCompensating(id, 'cancel()');
    services.cancelled(id, outcome, request);
  }

  /**
   * Starts a new execution with the same input and options as one that has ended; the two are linked. The old one
   * never changes, and its key stays with it.
   *
   * @throws ExecutionNotFound, ExecutionNotFinished
   */
  async retry(id: string): Promise<ExecutionHandle> {
    const { query, schema, intake, reader } = await this.services('retry()');
    const stored = isStorableText(id) && isUuid(id) ? await startOf(query, schema, id) : undefined;
    if (stored === undefined) throw new ExecutionNotFound(shown(id));
    if (stored.outcome === null) throw new ExecutionNotFinished(id, await reader.status(id), 'retry()');
    const { outcome: _outcome, ...start } = stored;
    const request: StartRequest = {
      ...start,
      key: null,
      startAt: undefined,
      delay: undefined,
      expiresIn: undefined,
      originId: id,
      manager: undefined,
    };
    return this.#handle(await intake.start(request), request);
  }

  #handle(started: Started, request: StartRequest | undefined): ExecutionHandle {
    return new ExecutionHandle(
      started.id,
      request?.workflow ?? '',
      started.created,
      () => this.#handleServices(),
      request?.manager?.queryRunner,
    );
  }

  async #handleServices(): Promise<HandleServices> {
    const { waiters, serializer, clock, reader } = await this.services('result()');
    return {
      waiters,
      serializer,
      clock,
      status: (id: string) => reader.status(id),
      cancel: (id: string, reason?: string, options?: CancelOptions) => this.cancel(id, reason, options),
      requireExecution: async (id: string) => void (await reader.status(id)),
    };
  }
}

/** A key function that forgets to return would start everything twice. */
function keyOf<Input>(key: (input: Input, index: number) => string, input: Input, index: number): string {
  const made: unknown = key(input, index);
  if (typeof made === 'string') return made;
  throw new InvalidArgument('startMany()', `the key of input ${index} is a text, not ${shown(made)}`);
}
