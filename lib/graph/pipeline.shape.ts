import { clausesOf } from '../definition/pipeline-routes.js';
import type { RetryPolicy, StepDefinition } from '../definition/step-definition.js';
import type { UndoDefinition } from '../definition/undo-definition.js';
import type { BranchNode, ParallelNode, PipelineNode } from '../definition/workflow-definition.js';
import { forkOf, idOf, joinOf, questionOf, undoOf } from './graph-ids.js';
import {
  type BlockShape,
  fromStartToEnd,
  type Lane,
  type LeafShape,
  type NodeFacts,
  type Shape,
} from './shape.js';
import type { GraphNodeOptions } from './workflow-graph.js';

/** A pipeline from its start to its end, as it is declared. */
export function pipelineShapes(nodes: readonly PipelineNode[]): Shape[] {
  return fromStartToEnd(listShapes(nodes, ''));
}

function listShapes(nodes: readonly PipelineNode[], parent: string): Shape[] {
  return nodes.map((node) => shapeOf(node, idOf(parent, node)));
}

function shapeOf(node: PipelineNode, id: string): Shape {
  switch (node.kind) {
    case 'step':
      return stepShape(id, node.step, node.undo);
    case 'decision':
      return { shape: 'leaf', node: factsOf(node, id), to: node.to };
    case 'branch':
      return branchShape(node, id);
    case 'parallel':
      return parallelShape(node, id);
    case 'foreach': {
      const { concurrency, onError, into, children } = node;
      const options = { concurrency, onError, ...(into !== undefined && { into }) };
      return {
        shape: 'block',
        node: factsOf(node, id, options),
        entry: question(node, id),
        lanes: [{ kind: 'item', shapes: listShapes(children, id) }],
        exit: { id: joinOf(id), kind: 'join', label: into === undefined ? '' : into },
      };
    }
    case 'while':
      return {
        shape: 'block',
        node: factsOf(node, id, { max: node.max }),
        entry: question(node, id),
        lanes: [{ kind: 'round', shapes: listShapes(node.children, id) }],
        exit: 'loop',
      };
    default:
      return node satisfies never;
  }
}

/** A step with its undo beside it, of either style. */
export function stepShape(id: string, step: StepDefinition, undo: UndoDefinition | undefined): LeafShape {
  const { name, method } = step;
  return {
    shape: 'leaf',
    node: { id, kind: 'step', label: name, method, options: stepOptions(step) },
    ...(undo !== undefined && {
      undo: {
        id: undoOf(id),
        kind: 'undo',
        label: undo.method,
        method: undo.method,
        options: { retry: shownRetry(undo.retry) },
      },
    }),
  };
}

function branchShape(node: BranchNode, id: string): BlockShape {
  return {
    shape: 'block',
    node: factsOf(node, id),
    entry: question(node, id),
    lanes: clausesOf(node).map(({ key, nodes }): Lane => ({
      kind: 'clause',
      label: key,
      shapes: listShapes(nodes, id),
    })),
    exit: { id: joinOf(id), kind: 'join', label: '' },
  };
}

function parallelShape(node: ParallelNode, id: string): BlockShape {
  return {
    shape: 'block',
    node: factsOf(node, id, { onError: node.onError }),
    entry: { id: forkOf(id), kind: 'fork', label: '' },
    lanes: node.children.map((child): Lane => ({ kind: 'parallel', shapes: listShapes([child], id) })),
    exit: { id: joinOf(id), kind: 'join', label: node.name, method: node.method },
    to: node.to,
  };
}

function factsOf(
  { kind, name, method }: Exclude<PipelineNode, { kind: 'step' }>,
  id: string,
  options?: GraphNodeOptions,
): NodeFacts {
  return { id, kind, label: name, method, ...(options !== undefined && { options }) };
}

function question({ name, method }: PipelineNode, block: string): NodeFacts {
  return { id: questionOf(block), kind: 'question', label: name, method };
}

function stepOptions({ retry, timeout, transactional }: StepDefinition): GraphNodeOptions {
  return {
    retry: shownRetry(retry),
    ...(timeout !== undefined && { timeout }),
    ...(transactional && { transactional }),
  };
}

function shownRetry({ maxAttempts, backoff }: RetryPolicy): NonNullable<GraphNodeOptions['retry']> {
  return { maxAttempts, backoff };
}
