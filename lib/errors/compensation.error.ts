import { DurableError } from './durable.error.js';

/**
 * What `result()` throws for an execution that failed and could not be undone completely. The error that ended it is
 * the `cause`.
 *
 * @publicApi
 */
export class CompensationFailed extends DurableError {
  readonly code = 'DURABLE_COMPENSATION_FAILED';

  constructor(
    executionId: string,
    readonly workflow: string,
    error: Error,
  ) {
    super(
      `Execution ${executionId} of the workflow "${workflow}" ended, and not all of it could be undone: ${error.message}`,
      'Its `compensationResults` say what was undone and what was not; the error that ended it is the `cause`.',
      { execution: executionId, cause: error },
    );
  }
}

/**
 * The execution is being undone, and nothing interrupts that.
 *
 * @publicApi
 */
export class AlreadyCompensating extends DurableError {
  readonly code = 'DURABLE_ALREADY_COMPENSATING';

  constructor(
    executionId: string,
    readonly action: string,
  ) {
    super(
      `Execution ${executionId} is being undone already, so ${action} has nothing to act on.`,
      'Await its result: it ends as `compensated` or `compensation_failed`.',
      { execution: executionId },
    );
  }
}
