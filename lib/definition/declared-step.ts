import { InvalidDefinition } from '../errors/definition.error.js';
import { isOptions } from './option.checks.js';
import { resolveStep } from './step-resolver.js';
import { stepFaults } from './step.checks.js';
import type { StepDefinition, StepOptions } from './step-definition.js';
import type { ClassRef, Method } from './workflow-class.js';

/** What `@Step()` leaves behind: the options as given, and the method as it was written. */
export class DeclaredStep {
  private resolved: StepDefinition | undefined;

  constructor(
    readonly owner: ClassRef,
    readonly method: string,
    readonly options: StepOptions,
    readonly body: Method,
    /** What the class holds in the method's place. */
    readonly wrapper: Method,
  ) {}

  /**
   * The same object each time. Resolved when first asked for and not by the decorator, so that wrong options are
   * listed at boot with every other fault of the class instead of stopping the first import.
   */
  get definition(): StepDefinition {
    this.resolved ??= this.resolve();
    return this.resolved;
  }

  /** The block that it says it is in. */
  get parent(): string | undefined {
    const options: unknown = this.options;
    return isOptions(options) && typeof options['in'] === 'string' ? options['in'] : undefined;
  }

  faults(): string[] {
    return stepFaults(this.method, this.options, this.body);
  }

  private resolve(): StepDefinition {
    const faults = this.faults();
    if (faults.length > 0) throw new InvalidDefinition(this.owner.name, faults);
    return resolveStep(this.method, this.options);
  }
}
