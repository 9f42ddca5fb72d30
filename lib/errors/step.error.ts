import { DurableError } from './durable.error.js';

/**
 * An attempt of a step took longer than the step's `timeout`.
 *
 * @publicApi
 */
export class StepTimeout extends DurableError {
  readonly code = 'DURABLE_STEP_TIMEOUT';

  constructor(
    executionId: string,
    step: string,
    attempt: number,
    readonly timeout: number,
  ) {
    super(
      `Attempt ${attempt} of the step "${step}" in execution ${executionId} took longer than its timeout of ${timeout} ms.`,
      'Pass execution().signal to what the step waits for, so that it stops in time, or give the step a longer `timeout`.',
      { execution: executionId, step, attempt },
    );
  }
}

/**
 * A step of a pipeline returned something that cannot be merged over the data.
 *
 * @publicApi
 */
export class NotPlainObject extends DurableError {
  readonly code = 'DURABLE_NOT_PLAIN_OBJECT';

  /** @param got what it returned, in words such as `an array` */
  constructor(
    executionId: string,
    step: string,
    readonly got: string,
  ) {
    super(
      `The step "${step}" of execution ${executionId} returned ${got}; what a pipeline's step returns is merged over the data.`,
      'Return a plain object with the keys to add, or nothing.',
      { execution: executionId, step },
    );
  }
}

/**
 * A wait was begun inside a transactional step, which would keep its transaction open.
 *
 * @publicApi
 */
export class WaitInTransaction extends DurableError {
  readonly code = 'DURABLE_WAIT_IN_TRANSACTION';

  constructor(
    readonly fn: string,
    step: string,
  ) {
    super(
      `${fn} was called in the transactional step "${step}", whose transaction would stay open for the whole wait.`,
      'Wait in a step of its own, before or after the transactional one.',
      { step },
    );
  }
}
