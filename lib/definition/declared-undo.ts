import { toMilliseconds } from '../time/duration.js';
import { InvalidDefinition } from '../errors/definition.error.js';
import { resolveRetry } from './step-resolver.js';
import { undoFaults } from './undo.checks.js';
import type { CompensateOptions, UndoDefinition } from './undo-definition.js';
import type { ClassRef, Method } from './workflow-class.js';

/** What `@Compensate()` leaves behind: the steps and options as given, and the method as it was written. */
export class DeclaredUndo {
  private resolved: UndoDefinition | undefined;

  constructor(
    readonly owner: ClassRef,
    readonly method: string,
    /** As given; what is no name is found by the checks. */
    readonly given: unknown,
    readonly options: CompensateOptions,
    readonly body: Method,
  ) {}

  /** The methods of the steps that it undoes. */
  get steps(): readonly string[] {
    const values: readonly unknown[] = Array.isArray(this.given) ? this.given : [this.given];
    return values.filter((name) => typeof name === 'string');
  }

  /** The same object each time; resolved late for the same reason as a step's definition. */
  get definition(): UndoDefinition {
    this.resolved ??= this.resolve();
    return this.resolved;
  }

  /** Everything that is wrong with it, looked at by itself. */
  faults(): string[] {
    return undoFaults(this.method, this.given, this.options, this.body);
  }

  private resolve(): UndoDefinition {
    const faults = this.faults();
    if (faults.length > 0) throw new InvalidDefinition(this.owner.name, faults);
    const { retry, timeout } = this.options;
    return {
      method: this.method,
      body: this.body,
      retry: resolveRetry(retry ?? {}),
      ...(timeout !== undefined && { timeout: toMilliseconds(timeout) }),
    };
  }
}
