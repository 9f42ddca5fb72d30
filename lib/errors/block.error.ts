import { DurableError } from './durable.error.js';

/**
 * The selector of a `@Branch` returned a key that has no clause, and there is no default.
 *
 * @publicApi
 */
export class NoBranchMatched extends DurableError {
  readonly code = 'DURABLE_NO_BRANCH_MATCHED';

  constructor(
    executionId: string,
    readonly block: string,
    /** What the selector returned, as a text. */
    readonly answer: string,
    readonly clauses: readonly string[],
  ) {
    super(
      `The branch "${block}" of execution ${executionId} has no clause for ${answer}: it has ${clauses.join(', ')}.`,
      `Add a clause for it to @Branch(), or a 'default'.`,
      { execution: executionId, step: block },
    );
  }
}

/**
 * A `@While` ran as often as it may, and its condition still holds.
 *
 * @publicApi
 */
export class LoopLimitReached extends DurableError {
  readonly code = 'DURABLE_LOOP_LIMIT_REACHED';

  constructor(
    executionId: string,
    readonly block: string,
    readonly max: number,
  ) {
    super(
      `The loop "${block}" of execution ${executionId} ran ${max} rounds, and its condition still holds.`,
      'Look at the data in its history to see why it does not end, or give @While() a larger `max`.',
      { execution: executionId, step: block },
    );
  }
}

/**
 * A `@Decision`, or the join of a `@Parallel`, wants to go where it may not.
 *
 * @publicApi
 */
export class UndeclaredTarget extends DurableError {
  readonly code = 'DURABLE_UNDECLARED_TARGET';

  constructor(
    executionId: string,
    readonly block: string,
    readonly target: string,
    readonly targets: readonly string[],
  ) {
    super(
      `"${block}" of execution ${executionId} returned goto('${target}'), and it may lead to ${targets.length === 0 ? 'nothing' : targets.join(', ')}.`,
      'Name the target in its `to`: a later node of the same list.',
      { execution: executionId, step: block },
    );
  }
}

/**
 * Two children of a `@Parallel` add the same key, and no join says which counts.
 *
 * @publicApi
 */
export class SameKeyTwice extends DurableError {
  readonly code = 'DURABLE_SAME_KEY_TWICE';

  constructor(
    executionId: string,
    readonly block: string,
    readonly key: string,
    readonly children: readonly [string, string],
  ) {
    super(
      `"${children[0]}" and "${children[1]}" of the parallel block "${block}" in execution ${executionId} both add the key '${key}'.`,
      `Give them keys of their own, or let the method '${block}' take (data, results) and return what counts.`,
      { execution: executionId, step: block },
    );
  }
}

/**
 * The method of a block returned something that does not answer the block's question.
 *
 * @publicApi
 */
export class UnusableAnswer extends DurableError {
  readonly code = 'DURABLE_UNUSABLE_ANSWER';

  /** @param wanted and got: in words such as `an array` */
  constructor(
    executionId: string,
    readonly block: string,
    readonly wanted: string,
    readonly got: string,
  ) {
    super(
      `"${block}" of execution ${executionId} has to return ${wanted}, and returned ${got}.`,
      `Correct what the method '${block}' returns.`,
      { execution: executionId, step: block },
    );
  }
}

/**
 * Why a step was stopped whose sibling failed: the reason of its signal, and what its own waits are rejected with.
 *
 * @publicApi
 */
export class SiblingFailed extends DurableError {
  readonly code = 'DURABLE_SIBLING_FAILED';

  constructor(
    executionId: string,
    readonly block: string,
    cause: unknown,
  ) {
    super(
      `Stopped, because another part of "${block}" in execution ${executionId} failed.`,
      "Let the parts go on for themselves with onError: 'continue', if this one need not stop.",
      { execution: executionId, step: block, cause },
    );
  }
}
