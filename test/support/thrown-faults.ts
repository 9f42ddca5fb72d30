import type { ClassRef, WorkflowClass } from '../../lib/definition/workflow-class.js';
import { buildSteps, buildWorkflow } from '../../lib/definition/workflow.builder.js';
import { InvalidDefinition } from '../../lib/errors/definition.error.js';

/** What plain JavaScript may pass: anything. */
export function untyped(options: unknown): never {
  return options as never;
}

/** What is wrong with a workflow. */
export function faultsOf(classRef: WorkflowClass): readonly string[] {
  return thrownFaults(() => buildWorkflow(classRef, new classRef()));
}

/** What is wrong with a provider that is no workflow. */
export function stepFaultsOf(classRef: ClassRef): readonly string[] {
  return thrownFaults(() => buildSteps(classRef));
}

export function thrownFaults(build: () => unknown): readonly string[] {
  try {
    build();
  } catch (error) {
    if (error instanceof InvalidDefinition) return error.faults;
    throw error;
  }
  return [];
}
