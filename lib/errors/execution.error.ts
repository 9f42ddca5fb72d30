import { DurableError } from './durable.error.js';

/**
 * There is no such execution (any more).
 *
 * @publicApi
 */
export class ExecutionNotFound extends DurableError {
  readonly code = 'DURABLE_EXECUTION_NOT_FOUND';

  /** @param what the id, or words such as `order "42" of workflow "process_order"` */
  constructor(readonly what: string) {
    super(
      `There is no execution ${what}.`,
      'Check the id or key, and that this engine uses the database and schema it was started in.',
    );
  }
}

/**
 * The execution has ended, so the action has nothing to act on.
 *
 * @publicApi
 */
export class ExecutionFinished extends DurableError {
  readonly code = 'DURABLE_EXECUTION_FINISHED';

  constructor(
    executionId: string,
    readonly status: string,
    readonly action: string,
  ) {
    super(
      `Execution ${executionId} is ${status}, so ${action} has nothing to act on.`,
      'Look at its status first; a finished execution never changes.',
      { execution: executionId },
    );
  }
}

/**
 * The execution has not ended, and the action is for those that have.
 *
 * @publicApi
 */
export class ExecutionNotFinished extends DurableError {
  readonly code = 'DURABLE_EXECUTION_NOT_FINISHED';

  constructor(
    executionId: string,
    readonly status: string,
    readonly action: string,
  ) {
    super(
      `Execution ${executionId} is ${status}, and ${action} is for executions that have ended.`,
      'Await its result, or cancel it first.',
      { execution: executionId },
    );
  }
}

/**
 * What `result()` throws for an execution that failed. The error that ended it is the `cause`.
 *
 * @publicApi
 */
export class ExecutionFailed extends DurableError {
  readonly code = 'DURABLE_EXECUTION_FAILED';

  constructor(
    executionId: string,
    readonly workflow: string,
    error: Error,
  ) {
    super(
      `Execution ${executionId} of the workflow "${workflow}" failed: ${error.message}`,
      'The error that ended it is the `cause`.',
      { execution: executionId, cause: error },
    );
  }
}

/**
 * The execution was cancelled.
 *
 * @publicApi
 */
export class ExecutionCancelled extends DurableError {
  readonly code = 'DURABLE_EXECUTION_CANCELLED';
  declare readonly reason?: string;

  constructor(executionId: string, reason?: string) {
    super(
      `Execution ${executionId} was cancelled${reason === undefined ? '' : `: ${reason}`}`,
      'Start it again if it is still wanted.',
      { execution: executionId },
    );
    if (reason !== undefined) this.reason = reason;
  }
}

/**
 * The execution did not end within its `timeout`.
 *
 * @publicApi
 */
export class WorkflowTimeout extends DurableError {
  readonly code = 'DURABLE_WORKFLOW_TIMEOUT';

  constructor(
    executionId: string,
    readonly timeout: number,
  ) {
    super(
      `Execution ${executionId} did not end within its timeout of ${timeout} ms.`,
      'Give the workflow (or this start) a longer `timeout`, or look at its history to see what took so long.',
      { execution: executionId },
    );
  }
}

/**
 * `result({ timeout })` waited in vain. The execution itself goes on.
 *
 * @publicApi
 */
export class ResultTimeout extends DurableError {
  readonly code = 'DURABLE_RESULT_TIMEOUT';

  constructor(
    executionId: string,
    readonly timeout: number,
  ) {
    super(
      `Execution ${executionId} had no result after ${timeout} ms.`,
      'It goes on: call result() again, or wait longer.',
      { execution: executionId },
    );
  }
}

/**
 * A cursor did not come from the listing that it was given to.
 *
 * @publicApi
 */
export class InvalidCursor extends DurableError {
  readonly code = 'DURABLE_INVALID_CURSOR';

  constructor() {
    super(
      'The cursor is not one that this listing gave out.',
      'Pass the `cursor` of the previous page unchanged and with the same filter, or leave it out to begin anew.',
    );
  }
}

/**
 * Every worker that ran the execution died with it.
 *
 * @publicApi
 */
export class WorkerLostRepeatedly extends DurableError {
  readonly code = 'DURABLE_WORKER_LOST_REPEATEDLY';

  constructor(
    executionId: string,
    readonly losses: number,
  ) {
    super(
      `Execution ${executionId} was stopped: ${losses} workers were lost while they ran it.`,
      'Look for what kills or blocks the process (memory, process.exit, an endless loop) in the last step of its history, then retry it.',
      { execution: executionId },
    );
  }
}

/**
 * The code does not do what the recorded history says it did.
 *
 * @publicApi
 */
export class ReplayDivergence extends DurableError {
  readonly code = 'DURABLE_REPLAY_DIVERGENCE';

  /** @param recorded and called: the operation of either side, in words such as `step "charge" (call 2)` */
  constructor(
    executionId: string,
    readonly recorded: string,
    readonly called: string,
  ) {
    super(
      `Execution ${executionId} does not repeat its history: recorded was ${recorded}, but the code called ${called}.`,
      'Keep the workflow deterministic (clock, randomness and I/O belong in steps), and give changed code a new `version`.',
      { execution: executionId },
    );
  }
}

/**
 * The database refused what the execution wanted to record.
 *
 * @publicApi
 */
export class RecordRefused extends DurableError {
  readonly code = 'DURABLE_RECORD_REFUSED';

  constructor(executionId: string, cause: unknown) {
    super(
      `The database refused a record of execution ${executionId}${cause instanceof Error ? `: ${cause.message}` : ''}`,
      'The database says why in the `cause`; most often a value is too large or of the wrong kind.',
      { execution: executionId, cause },
    );
  }
}

/**
 * A function that belongs inside a workflow was called outside.
 *
 * @publicApi
 */
export class NotInWorkflow extends DurableError {
  readonly code = 'DURABLE_NOT_IN_WORKFLOW';

  constructor(readonly fn: string) {
    super(
      `${fn} was called outside an execution.`,
      'Call it in a step or a run method of a workflow, or in what they call and await.',
    );
  }
}
