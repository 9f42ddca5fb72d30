import { inspect } from 'node:util';
import { DurableError } from './durable.error.js';

/**
 * The options given to `DurableModule` are wrong. All faults are listed at once.
 *
 * @publicApi
 */
export class InvalidOptions extends DurableError {
  readonly code = 'DURABLE_INVALID_OPTIONS';

  constructor(readonly faults: readonly string[]) {
    super(
      `DurableModule was given options that it cannot use:${listed(faults)}`,
      'Correct them where DurableModule.forRoot() or forRootAsync() is called.',
    );
  }
}

/**
 * A function of the API was called with an argument that it cannot use.
 *
 * @publicApi
 */
export class InvalidArgument extends DurableError {
  readonly code = 'DURABLE_INVALID_ARGUMENT';

  constructor(
    readonly fn: string,
    readonly problem: string,
  ) {
    super(`${fn} was called with an argument that it cannot use: ${problem}`, 'Correct the call.');
  }
}

/**
 * A value is not a duration.
 *
 * @publicApi
 */
export class InvalidDuration extends DurableError {
  readonly code = 'DURABLE_INVALID_DURATION';
  /** The value as text: it may be anything. */
  readonly given: string;

  constructor(value: unknown, where?: string) {
    const given = inspect(value, { depth: 0, breakLength: Infinity, maxStringLength: 100 });
    super(
      `${given} is not a duration${where === undefined ? '' : ` (${where})`}.`,
      "Give milliseconds (0 or more), a text such as '90s', '1h30m' or '2d', or use seconds(), minutes(), hours() or days().",
    );
    this.given = given;
  }
}

/** One fault a line: they are read one after the other, in a terminal. */
function listed(faults: readonly string[]): string {
  return faults.map((fault) => `\n  - ${fault}`).join('') + '\n';
}
