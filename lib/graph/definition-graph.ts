import { undosOf } from '../definition/undos.js';
import type { WorkflowDefinition } from '../definition/workflow-definition.js';
import { drawnSteps } from './declared-steps.shape.js';
import { drawn } from './draw.js';
import { pipelineShapes } from './pipeline.shape.js';
import type { WorkflowGraph } from './workflow-graph.js';

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
