import type { StepDefinition } from '../definition/step-definition.js';
import type { UndoDefinition } from '../definition/undo-definition.js';
import type { Drawing } from './draw.js';
import { segmentOf } from '../identity/operation-path.js';
import { nodesOf } from './layout.js';
import { stepShape } from './pipeline.shape.js';
import type { Shape } from './shape.js';
import { edgesOf } from './wiring.js';

const IN_A_ROW = 4;

/** The steps of a class with a run method. In which order they run only its code knows, so nothing connects them. */
export function drawnSteps(
  steps: readonly StepDefinition[],
  undos: ReadonlyMap<string, UndoDefinition>,
): Drawing {
  const shapes = steps.map((step) => stepShape(segmentOf(step.name), step, undos.get(step.method)));
  const rows = Array.from({ length: Math.ceil(shapes.length / IN_A_ROW) }, (_, row) =>
    sideBySide(shapes.slice(row * IN_A_ROW, (row + 1) * IN_A_ROW)),
  );
  return { nodes: nodesOf(rows), edges: edgesOf([sideBySide(shapes)]) };
}

function sideBySide(shapes: readonly Shape[]): Shape {
  return { shape: 'split', lanes: shapes.map((shape) => ({ kind: 'next', shapes: [shape] })) };
}
