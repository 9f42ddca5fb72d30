/** Where an error happened, as far as whoever throws it knows. */
export interface ErrorContext {
  readonly execution?: string | undefined;
  readonly step?: string | undefined;
  readonly attempt?: number | undefined;
  readonly cause?: unknown;
}

/**
 * What every error of the engine is: a stable `code`, a sentence that says what is wrong, and a sentence
 * (`remedy`) that says what to do. The `message` is both.
 *
 * Facts of a subclass are plain own properties: that is what lets an error cross the database and come back
 * as its own class (see `reviveDurableError`). A subclass keeps no private `#state`.
 *
 * @publicApi
 */
export abstract class DurableError extends Error {
  abstract readonly code: string;
  /** What to do about it. Empty where a user threw the error and said it all. */
  readonly remedy: string;
  declare readonly executionId?: string;
  declare readonly step?: string;
  declare readonly attempt?: number;

  constructor(problem: string, remedy: string, context: ErrorContext = {}) {
    super(
      remedy === '' ? problem : ended(problem) + remedy,
      context.cause === undefined ? undefined : { cause: context.cause },
    );
    this.remedy = remedy;
    if (context.execution !== undefined) this.executionId = context.execution;
    if (context.step !== undefined) this.step = context.step;
    if (context.attempt !== undefined) this.attempt = context.attempt;
  }

  // An accessor on the prototype, because V8 reads the name for the first line of the stack before any
  // field of the instance exists.
  override get name(): string {
    return this.constructor.name;
  }

  /** The facts beside the message: `code`, `remedy`, the context and whatever the class adds. */
  toDetails(): Record<string, unknown> {
    return Object.fromEntries(Object.entries(this));
  }
}

/** A problem that is a list ends its last line itself. */
function ended(problem: string): string {
  if (problem.endsWith('\n')) return problem;
  return /[.!?)\]]$/.test(problem) ? `${problem} ` : `${problem}. `;
}
