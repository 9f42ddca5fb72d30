import { DurableError } from './durable.error.js';
import type { InvalidField } from './start.error.js';

/**
 * The payload does not pass the schema of the event. Nothing was sent.
 *
 * @publicApi
 */
export class InvalidEvent extends DurableError {
  readonly code = 'DURABLE_INVALID_EVENT';

  constructor(
    readonly event: string,
    readonly fields: readonly InvalidField[],
  ) {
    super(
      `The payload of the event "${event}" is not valid: ${fields.map(described).join('; ')}.`,
      'Nothing was sent: correct the payload and send it again.',
    );
  }
}

/**
 * The answer is not one to the question that was asked. The question is still open.
 *
 * @publicApi
 */
export class InvalidAnswer extends DurableError {
  readonly code = 'DURABLE_INVALID_ANSWER';

  constructor(
    executionId: string,
    readonly input: string,
    readonly fields: readonly InvalidField[],
  ) {
    super(
      `The answer to "${input}" of execution ${executionId} is not valid: ${fields.map(described).join('; ')}.`,
      'Nothing was recorded, and the question is still open: correct the answer and give it again.',
      { execution: executionId },
    );
  }
}

/** The path `$` is the whole of what was given: the sentence speaks of that already. */
function described({ path, messages }: InvalidField): string {
  return path === '$' ? messages.join(', ') : `${path}: ${messages.join(', ')}`;
}
