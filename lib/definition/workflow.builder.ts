import { InvalidDefinition } from '../errors/definition.error.js';
import { toMilliseconds } from '../time/duration.js';
import { stepsOf } from './class-methods.js';
import { declaredWorkflow } from './metadata.js';
import { isPipeline } from './pipeline-class.js';
import { pipelineNodes } from './pipeline-nodes.js';
import { stepClassFaults } from './step-class.checks.js';
import type { StepDefinition } from './step-definition.js';
import type { ClassRef, WorkflowClass } from './workflow-class.js';
import type { WorkflowDefinition } from './workflow-definition.js';
import { identityOf } from './workflow-identity.js';
import { workflowFaults } from './workflow.checks.js';

const DEFAULT_QUEUE = 'default';

/**
 * The definition of a workflow class.
 *
 * @throws InvalidDefinition with all faults of the class
 */
export function buildWorkflow(classRef: WorkflowClass, instance: object): WorkflowDefinition {
  const faults = workflowFaults(classRef);
  const options = declaredWorkflow(classRef)?.options;
  const identity = identityOf(classRef);
  if (faults.length > 0 || options === undefined || identity === undefined) {
    throw new InvalidDefinition(shownName(classRef), faults);
  }
  const steps = stepsOf(classRef);
  const pipeline = isPipeline(classRef);
  return {
    ...identity,
    style: pipeline ? 'pipeline' : 'run',
    classRef,
    instance,
    queue: options.queue ?? DEFAULT_QUEUE,
    priority: options.priority ?? 0,
    ...(options.timeout !== undefined && { timeout: toMilliseconds(options.timeout) }),
    maxRetries: options.maxRetries ?? 0,
    ...(options.input !== undefined && { input: options.input }),
    ...(options.output !== undefined && { output: options.output }),
    nodes: pipeline ? pipelineNodes(classRef) : [],
    steps: steps.map(({ definition }) => definition),
  };
}

/**
 * The steps of a provider that is no workflow.
 *
 * @throws InvalidDefinition with all faults of the class
 */
export function buildSteps(classRef: ClassRef): StepDefinition[] {
  const faults = stepClassFaults(classRef);
  if (faults.length > 0) throw new InvalidDefinition(shownName(classRef), faults);
  return stepsOf(classRef).map(({ definition }) => definition);
}

function shownName(classRef: ClassRef): string {
  return classRef.name === '' ? '(anonymous class)' : classRef.name;
}
