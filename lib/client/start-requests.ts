import type { Ctor, WorkflowClass } from '../definition/workflow-class.js';
import type { WorkflowDefinition } from '../definition/workflow-definition.js';
import type { WorkflowRegistry } from '../definition/workflow.registry.js';
import { InvalidInput } from '../errors/start.error.js';
import type { Catalogue } from '../intake/catalogue.js';
import { validateInput } from '../intake/input-validation.js';
import type { StartRequest } from '../intake/start-request.js';
import { copyOf } from '../serialization/copy.js';
import { isPlainObject } from '../serialization/plain.js';
import type { Serializer } from '../serialization/serializer.js';
import { checkWorkflow } from './argument.checks.js';
import { type CheckedStartOptions, checkStartOptions, type StartOptions } from './start-options.js';

/** Turns what a caller says into a start that can be stored: checked, serialized, with the workflow's own values. */
export class StartRequests {
  constructor(
    private readonly registry: WorkflowRegistry,
    private readonly serializer: Serializer,
    private readonly catalogue: Catalogue,
  ) {}

  /**
   * Takes the input as it is at this moment: what the caller does to the object afterwards changes nothing.
   *
   * @throws WorkflowNotRegistered, InvalidInput, InvalidArgument, NotSerializable
   */
  make(
    workflow: WorkflowClass | string,
    input: unknown,
    options: StartOptions,
    fn = 'start()',
  ): StartRequest | Promise<StartRequest> {
    const definition = this.#definitionOf(workflow, fn);
    const checked = checkStartOptions(options, fn);
    if (definition?.input !== undefined) return this.#validated(definition, definition.input, input, checked);
    if (definition?.style === 'pipeline') refuseNoObject(definition.name, input);
    const text = this.#textOf(input);
    if (definition !== undefined) return requestOf(definition, text, checked);
    return this.#elsewhere(String(workflow), text, checked);
  }

  async #validated(
    definition: WorkflowDefinition,
    dto: Ctor,
    input: unknown,
    checked: CheckedStartOptions,
  ): Promise<StartRequest> {
    // An instance of the DTO class is made plain by what checks it; anything else is copied here and now.
    const taken = isPlainObject(input) ? copyOf(input, this.serializer) : input;
    return requestOf(definition, this.#textOf(await validateInput(definition.name, dto, taken)), checked);
  }

  /** A name may belong to a workflow that only other processes know. */
  async #elsewhere(name: string, input: string | null, checked: CheckedStartOptions): Promise<StartRequest> {
    return requestOf({ name, ...(await this.catalogue.latest(name)) }, input, checked);
  }

  #textOf(input: unknown): string | null {
    return input === undefined ? null : this.serializer.stringify(input);
  }

  #definitionOf(workflow: WorkflowClass | string, fn: string): WorkflowDefinition | undefined {
    checkWorkflow(fn, workflow);
    return typeof workflow === 'string' ? this.registry.latest(workflow) : this.registry.of(workflow);
  }
}

function refuseNoObject(workflow: string, input: unknown): void {
  if (input === undefined || input === null || isPlainObject(input)) return;
  throw new InvalidInput(workflow, [
    { path: '$', messages: ['the input of a pipeline is a plain object, or nothing'] },
  ]);
}

function requestOf(
  workflow: Pick<WorkflowDefinition, 'name' | 'version' | 'queue' | 'priority'> & {
    readonly timeout?: number | null;
  },
  input: string | null,
  checked: CheckedStartOptions,
): StartRequest {
  return {
    workflow: workflow.name,
    version: workflow.version,
    queue: checked.queue ?? workflow.queue,
    key: checked.key,
    priority: checked.priority ?? workflow.priority,
    input,
    attributes: checked.attributes,
    startAt: checked.startAt,
    delay: checked.delay,
    expiresIn: checked.expiresIn,
    timeout: checked.timeout ?? workflow.timeout ?? null,
    originId: null,
    manager: checked.manager,
  };
}
