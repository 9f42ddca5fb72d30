import { DurableError, type ErrorContext } from './durable.error.js';

/** What is wrong with one field of an input. */
export interface InvalidField {
  /** Such as `items.0.price`. */
  readonly path: string;
  readonly messages: readonly string[];
}

/**
 * The input does not pass the validation of the workflow's `input` class. Nothing was written.
 *
 * @publicApi
 */
export class InvalidInput extends DurableError {
  readonly code = 'DURABLE_INVALID_INPUT';

  constructor(
    readonly workflow: string,
    readonly fields: readonly InvalidField[],
  ) {
    super(
      `The input of the workflow "${workflow}" is not valid: ${fields.map(described).join('; ')}.`,
      'Nothing was started: correct the input and start again.',
    );
  }
}

function described(field: InvalidField): string {
  return field.path === '' ? field.messages.join(', ') : `${field.path}: ${field.messages.join(', ')}`;
}

/**
 * The key belongs to an execution that was started with another input.
 *
 * @publicApi
 */
export class KeyConflict extends DurableError {
  readonly code = 'DURABLE_KEY_CONFLICT';

  constructor(
    readonly workflow: string,
    readonly key: string,
    executionId: string,
  ) {
    super(
      `The key "${key}" of the workflow "${workflow}" belongs to execution ${executionId}, which has another input.`,
      'Start with another key, or with the input of that execution to get its handle.',
      { execution: executionId },
    );
  }
}

/**
 * A key is held by a transaction that does not end, and that starts an execution with it, too: nothing was started by
 * this call.
 *
 * @publicApi
 */
export class StartKeyHeld extends DurableError {
  readonly code = 'DURABLE_START_KEY_HELD';
  /** Of several starts it is not known which. */
  declare readonly key?: string;

  constructor(
    readonly workflow: string,
    key: string | undefined,
    cause: unknown,
  ) {
    super(
      `Nothing was started: ${key === undefined ? 'one of the keys' : `the key "${key}"`} of the workflow "${workflow}" is held by a transaction that has been open for a minute.`,
      'Start it again: if that transaction commits, nothing is started twice.',
      { cause },
    );
    if (key !== undefined) this.key = key;
  }
}

/**
 * The `manager` that was passed is the root one: its writes belong to no transaction.
 *
 * @publicApi
 */
export class RootManagerRefused extends DurableError {
  readonly code = 'DURABLE_ROOT_MANAGER_REFUSED';

  constructor(readonly fn: string) {
    super(
      `${fn} was given the root EntityManager, which is in no transaction.`,
      'Pass the manager that dataSource.transaction(async (manager) => …) hands to its callback, or leave `manager` out.',
    );
  }
}

/**
 * A transaction is needed, and none is open.
 *
 * @publicApi
 */
export class TransactionNotActive extends DurableError {
  readonly code = 'DURABLE_TRANSACTION_NOT_ACTIVE';

  constructor(
    readonly fn: string,
    context: ErrorContext = {},
  ) {
    super(
      `${fn} needs an open transaction, and there is none.`,
      'Call it before the transaction of the manager ends, or inside a step marked @Step({ transactional: true }).',
      context,
    );
  }
}

/**
 * The result of an execution was awaited inside the transaction that starts it: it would wait for ever.
 *
 * @publicApi
 */
export class ResultBeforeCommit extends DurableError {
  readonly code = 'DURABLE_RESULT_BEFORE_COMMIT';

  constructor(executionId: string) {
    super(
      `Execution ${executionId} starts when the caller's transaction commits, so its result cannot be awaited before.`,
      'Keep the handle, and call result() after the transaction.',
      { execution: executionId },
    );
  }
}

/**
 * The execution did not begin within its `expiresIn`.
 *
 * @publicApi
 */
export class StartExpired extends DurableError {
  readonly code = 'DURABLE_START_EXPIRED';

  constructor(executionId: string) {
    super(
      `Execution ${executionId} expired: no worker began it within its \`expiresIn\`.`,
      'Start it again, give it more time, or add workers for its queue.',
      { execution: executionId },
    );
  }
}
