import { DurableError } from './durable.error.js';

/**
 * The execution has no open wait of this name.
 *
 * @publicApi
 */
export class WaitNotFound extends DurableError {
  readonly code = 'DURABLE_WAIT_NOT_FOUND';

  constructor(
    executionId: string,
    /** The name, or the id, that was asked for. */
    readonly wait: string,
    readonly fn: string,
  ) {
    super(
      `${fn}: execution ${executionId} has no open wait "${wait}".`,
      'See what is open with client.listPendingInputs({ executionId }) and client.listPendingEvents({ executionId }); it may not have come that far yet.',
      { execution: executionId },
    );
  }
}

/**
 * Several open waits of the execution have this name.
 *
 * @publicApi
 */
export class AmbiguousWait extends DurableError {
  readonly code = 'DURABLE_AMBIGUOUS_WAIT';

  constructor(
    executionId: string,
    readonly wait: string,
    readonly fn: string,
    /** Of the open waits of the name. */
    readonly ids: readonly string[],
  ) {
    super(
      `${fn}: execution ${executionId} has ${ids.length} open waits "${wait}".`,
      `Say which one by its id: ${ids.join(', ')}.`,
      { execution: executionId },
    );
  }
}

/** How a question came to its end. */
export type SettledOutcome = 'answered' | 'timed_out' | 'cancelled' | 'withdrawn';

const HOW: Readonly<Record<SettledOutcome, string>> = {
  answered: 'has been answered already',
  timed_out: 'is not open any more: its time was up',
  cancelled: 'is not open any more: it was cancelled',
  withdrawn: 'is not open any more: its execution went on without the answer',
};

/**
 * The question is not open any more: of answers, and of an answer and a time-out, the first one counts.
 *
 * @publicApi
 */
export class InputSettled extends DurableError {
  readonly code = 'DURABLE_INPUT_SETTLED';
  /** Who answered it, if they said so. */
  declare readonly by?: string;
  /** When, as an ISO text. */
  declare readonly at?: string;

  constructor(
    executionId: string,
    readonly input: string,
    readonly outcome: SettledOutcome,
    by: string | undefined,
    at: string | undefined,
  ) {
    super(
      `The question "${input}" of execution ${executionId} ${HOW[outcome]}${by === undefined ? '' : ` by ${by}`}${at === undefined ? '' : `, ${at}`}.`,
      'Nothing was changed: tell the person that it is settled.',
      { execution: executionId },
    );
    if (by !== undefined) this.by = by;
    if (at !== undefined) this.at = at;
  }
}

/**
 * Somebody cancelled the wait: what awaited it gets this.
 *
 * @publicApi
 */
export class WaitCancelled extends DurableError {
  readonly code = 'DURABLE_WAIT_CANCELLED';
  declare readonly reason?: string;

  constructor(
    executionId: string,
    readonly wait: string,
    reason: string | undefined,
  ) {
    super(
      `The wait "${wait}" of execution ${executionId} was cancelled${reason === undefined ? '' : `: ${reason}`}.`,
      'Catch it where the workflow is to go on without what it waited for.',
      { execution: executionId },
    );
    if (reason !== undefined) this.reason = reason;
  }
}

/**
 * Nobody answered in time, and the question was asked with `onTimeout: 'fail'`.
 *
 * @publicApi
 */
export class InputTimeout extends DurableError {
  readonly code = 'DURABLE_INPUT_TIMEOUT';

  constructor(
    executionId: string,
    readonly input: string,
    readonly timeout: number,
  ) {
    super(
      `Nobody answered the question "${input}" of execution ${executionId} within ${timeout} ms.`,
      "Catch it, give the question a longer `timeout`, or ask with `onTimeout: 'resume'` and a `timeoutValue`.",
      { execution: executionId },
    );
  }
}

/**
 * The idempotency key of an event is held by a transaction that does not end, and that sends it, too: nothing was sent by
 * this call.
 *
 * @publicApi
 */
export class EventKeyHeld extends DurableError {
  readonly code = 'DURABLE_EVENT_KEY_HELD';

  constructor(
    readonly event: string,
    readonly idempotencyKey: string,
    executionId: string | undefined,
    cause: unknown,
  ) {
    super(
      `The event "${event}"${executionId === undefined ? '' : ` for execution ${executionId}`} was not sent: its idempotency key "${idempotencyKey}" is held by a transaction that has been open for a minute.`,
      'Send it again: if that transaction commits, nothing is sent twice.',
      { execution: executionId, cause },
    );
  }
}

/**
 * The name and scope of a broadcast are held by a transaction that does not end, and that sends one, too: nothing was sent.
 *
 * @publicApi
 */
export class BroadcastHeld extends DurableError {
  readonly code = 'DURABLE_BROADCAST_HELD';

  constructor(
    readonly event: string,
    readonly scope: string,
    cause: unknown,
  ) {
    super(
      `The broadcast "${event}"${scope === '' ? '' : ` of the scope "${scope}"`} was not sent: a transaction that has been open for a minute sends one, too.`,
      'Send it again when that transaction has ended: if it commits, its broadcast holds, and yours is not taken.',
      { cause },
    );
  }
}

/**
 * The function that says which events a wait takes does not answer with true or false.
 *
 * @publicApi
 */
export class UnusableMatch extends DurableError {
  readonly code = 'DURABLE_UNUSABLE_MATCH';

  constructor(
    executionId: string,
    readonly wait: string,
    readonly got: string,
  ) {
    super(
      `The \`match\` of the wait "${wait}" in execution ${executionId} returned ${got}.`,
      'Return true or false, and not a promise: it is asked for each event in turn.',
      { execution: executionId },
    );
  }
}
