import { DurableError } from './durable.error.js';

/**
 * A workflow class (or a class with steps) is not right. All faults of the class are listed at once.
 *
 * @publicApi
 */
export class InvalidDefinition extends DurableError {
  readonly code = 'DURABLE_INVALID_DEFINITION';

  constructor(
    readonly className: string,
    readonly faults: readonly string[],
  ) {
    super(
      `${className} cannot be used:${faults.map((fault) => `\n  - ${fault}`).join('')}\n`,
      `Correct the decorators and methods of ${className}.`,
    );
  }
}

/**
 * A workflow class is made anew for each request, so there is no one instance to run it on.
 *
 * @publicApi
 */
export class RequestScopedWorkflow extends DurableError {
  readonly code = 'DURABLE_REQUEST_SCOPED_WORKFLOW';

  constructor(
    readonly className: string,
    readonly why: string,
  ) {
    super(
      `${className} is a workflow and cannot be request-scoped: ${why}`,
      'Give it providers of the default scope only, and pass what belongs to the request in the input of start().',
    );
  }
}

/**
 * Two classes claim the same workflow name and version.
 *
 * @publicApi
 */
export class DuplicateWorkflow extends DurableError {
  readonly code = 'DURABLE_DUPLICATE_WORKFLOW';

  constructor(
    readonly workflow: string,
    readonly version: number,
    readonly classes: readonly string[],
  ) {
    super(
      `Version ${version} of the workflow "${workflow}" is defined by several classes: ${classes.join(', ')}.`,
      'Give one of them another `name` or `version` in @Workflow().',
    );
  }
}

/**
 * The workflow is in no module's `providers`, so nothing here can run or start it.
 *
 * @publicApi
 */
export class WorkflowNotRegistered extends DurableError {
  readonly code = 'DURABLE_WORKFLOW_NOT_REGISTERED';
  readonly workflow: string;

  constructor(nameOrClass: string | { readonly name: string }) {
    const isName = typeof nameOrClass === 'string';
    const workflow = isName ? nameOrClass : nameOrClass.name;
    super(
      isName
        ? `No workflow of this application is named "${workflow}".`
        : `${workflow} is not a workflow of this application.`,
      isName
        ? 'Check the name, and add its class to the `providers` of a module that the application imports.'
        : `Mark ${workflow} with @Workflow() and add it to the \`providers\` of a module that the application imports.`,
    );
    this.workflow = workflow;
  }
}

/**
 * A transactional step has no database of the application to write to.
 *
 * @publicApi
 */
export class TransactionalStepUnavailable extends DurableError {
  readonly code = 'DURABLE_TRANSACTIONAL_STEP_UNAVAILABLE';

  constructor(
    readonly className: string,
    step: string,
  ) {
    super(
      `The step ${className}.${step} is transactional, and the engine does not know the application's DataSource.`,
      "Pass it: DurableModule.forRoot({ database: { dataSource: 'default' } }).",
      { step },
    );
  }
}
