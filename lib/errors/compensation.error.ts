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
 * A step that has an undo was running when its execution was stopped, and how it ended is not known: it is not undone.
 *
 * @publicApi
 */
export class StepOutcomeUnknown extends DurableError {
  readonly code = 'DURABLE_STEP_OUTCOME_UNKNOWN';

  constructor(executionId: string, step: string) {
    super(
      `The step "${step}" of execution ${executionId} was stopped before its end, and may have had its effect.`,
      "Look for its effect outside, by the step's idempotency key, and undo it by hand if it is there.",
      { execution: executionId, step },
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
