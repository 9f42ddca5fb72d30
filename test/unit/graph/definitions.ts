import type { StepDefinition } from '../../../lib/definition/step-definition.js';
import type { UndoDefinition } from '../../../lib/definition/undo-definition.js';
import type {
  BranchNode,
  DecisionNode,
  ForEachNode,
  ParallelNode,
  PipelineNode,
  StepNode,
  WhileNode,
  WorkflowDefinition,
} from '../../../lib/definition/workflow-definition.js';

/** Definitions as the builder makes them, without classes: only what a graph looks at means something. */

const retry = {
  maxAttempts: 3,
  backoff: 'exponential',
  base: 1_000,
  maxBackoff: 3_600_000,
  jitter: 0.25,
} as const;
const body = (): undefined => undefined;

export function stepDefinition(name: string, facts: Partial<StepDefinition> = {}): StepDefinition {
  return { name, method: name, retry, transactional: false, ...facts };
}

export function step(name: string, undo?: string, facts: Partial<StepDefinition> = {}): StepNode {
  const definition = stepDefinition(name, facts);
  return {
    kind: 'step',
    name: definition.name,
    method: definition.method,
    step: definition,
    body,
    ...(undo !== undefined && { undo: undoDefinition(undo) }),
  };
}

export function undoDefinition(method: string): UndoDefinition {
  return { method, body, retry };
}

export function branch(
  name: string,
  clauses: Readonly<Record<string, readonly PipelineNode[]>>,
  otherwise?: readonly PipelineNode[],
): BranchNode {
  return {
    kind: 'branch',
    name,
    method: name,
    body,
    clauses: new Map(Object.entries(clauses)),
    ...(otherwise !== undefined && { otherwise }),
  };
}

export function parallel(
  name: string,
  children: readonly PipelineNode[],
  facts: Partial<Pick<ParallelNode, 'onError' | 'to'>> = {},
): ParallelNode {
  return { kind: 'parallel', name, method: name, body, children, onError: 'fail', to: [], ...facts };
}

export function forEach(
  name: string,
  children: readonly PipelineNode[],
  facts: Partial<Pick<ForEachNode, 'concurrency' | 'onError' | 'into'>> = {},
): ForEachNode {
  return {
    kind: 'foreach',
    name,
    method: name,
    body,
    children,
    isSingle: children.length === 1,
    concurrency: 10,
    onError: 'fail',
    ...facts,
  };
}

export function loop(name: string, children: readonly PipelineNode[], max = 5): WhileNode {
  return { kind: 'while', name, method: name, body, children, max };
}

export function decision(name: string, ...to: string[]): DecisionNode {
  return { kind: 'decision', name, method: name, body, to };
}

export function pipeline(...nodes: PipelineNode[]): WorkflowDefinition {
  return workflow({ nodes });
}

export function workflow(facts: Partial<WorkflowDefinition>): WorkflowDefinition {
  class Order {}
  return {
    name: 'order',
    version: 1,
    style: 'pipeline',
    classRef: Order,
    instance: new Order(),
    queue: 'default',
    priority: 0,
    maxRetries: 0,
    nodes: [],
    steps: [],
    ...facts,
  };
}
