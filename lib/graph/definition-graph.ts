import type { StepDefinition } from '../definition/step-definition.js';
import type { UndoDefinition } from '../definition/undo-definition.js';
import { undosOf } from '../definition/undos.js';
import type { WorkflowDefinition } from '../definition/workflow-definition.js';
import { segmentOf } from '../identity/operation-path.js';
import { nodesOf } from './layout.js';
import { pipelineShapes, stepShape } from './pipeline.shape.js';
import type { Shape } from './shape.js';
import { edgesOf } from './wiring.js';
import type { GraphEdge, GraphNode, WorkflowGraph } from './workflow-graph.js';

const IN_A_ROW = 4;

export interface Drawing {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** A workflow as it is declared. Of a run method that is its steps; in which order they run only its code knows. */
export function definitionGraph(definition: WorkflowDefinition): WorkflowGraph {
  const { name, version, style, nodes, steps, classRef } = definition;
  return {
    workflow: name,
    version,
    style,
    drawnFrom: 'definition',
    ...(style === 'pipeline' ? drawn(pipelineShapes(nodes)) : drawnSteps(steps, undosOf(classRef))),
  };
}

/** Shapes with places and edges. */
export function drawn(shapes: readonly Shape[]): Drawing {
  return { nodes: nodesOf(shapes), edges: edgesOf(shapes) };
}

/** The steps of a class with a run method, in rows; nothing connects them. */
function drawnSteps(steps: readonly StepDefinition[], undos: ReadonlyMap<string, UndoDefinition>): Drawing {
  const shapes = steps.map((step) => stepShape(segmentOf(step.name), step, undos.get(step.method)));
  const rows = Array.from({ length: Math.ceil(shapes.length / IN_A_ROW) }, (_, row) =>
    sideBySide(shapes.slice(row * IN_A_ROW, (row + 1) * IN_A_ROW)),
  );
  return { nodes: nodesOf(rows), edges: edgesOf([sideBySide(shapes)]) };
}

function sideBySide(shapes: readonly Shape[]): Shape {
  return { shape: 'split', lanes: shapes.map((shape) => ({ kind: 'next', shapes: [shape] })) };
}
