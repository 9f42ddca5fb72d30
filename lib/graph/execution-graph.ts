import type { WorkflowDefinition } from '../definition/workflow-definition.js';
import { isOfUndoing } from '../identity/operation-path.js';
import { type Drawing, drawn } from './definition-graph.js';
import { END, START } from './graph-ids.js';
import { historyShapes } from './history.shape.js';
import { historyTallies, historyTrees } from './history-tree.js';
import { pipelineShapes } from './pipeline.shape.js';
import { PipelineWalk } from './pipeline.walk.js';
import { type GraphLine, RecordedOperations } from './recorded-operations.js';
import { Situation } from './situation.js';
import { type Tallies, timeText } from './tally.js';
import type { GraphExecution, GraphNode, WorkflowGraph } from './workflow-graph.js';

/** An execution as far as its graph shows it. */
export interface GraphedExecution {
  readonly id: string;
  readonly workflow: string;
  readonly version: number;
  readonly status: GraphExecution['status'];
  readonly startedAt: Date | undefined;
  readonly completedAt: Date | undefined;
}

export interface ExecutionGraphParts {
  readonly execution: GraphedExecution;
  readonly lines: readonly GraphLine[];
  /** Of the version of the execution; missing where this process does not have it. */
  readonly definition: WorkflowDefinition | undefined;
  /** Reads a stored value. */
  readonly parse: (text: string) => unknown;
}

/**
 * The graph of an execution. A pipeline is drawn as its class declares it; a run method, whose class declares no
 * order, as its history went, and so is a version that this process does not have: drawn on the nodes of another
 * version it would be wrong.
 */
export function executionGraph({ execution, lines, definition, parse }: ExecutionGraphParts): WorkflowGraph {
  const shown = shownExecution(execution);
  const recorded = new RecordedOperations(lines);
  const operations = recorded.all();
  const situation = new Situation(
    shown,
    operations.some(({ path }) => isOfUndoing(path)),
  );
  const hasCompleted = execution.status === 'completed';
  const isDrawable = definition?.style === 'pipeline';
  const { drawing, tallies } = isDrawable
    ? {
        drawing: drawn(pipelineShapes(definition.nodes)),
        tallies: new PipelineWalk({ recorded, situation, parse }).walk(definition.nodes, {
          hasBegun: shown.startedAt !== undefined || operations.length > 0,
          hasCompleted,
        }),
      }
    : drawnHistory(recorded, situation, hasCompleted);
  return {
    workflow: execution.workflow,
    version: execution.version,
    ...(definition !== undefined && { style: definition.style }),
    drawnFrom: isDrawable ? 'definition' : 'history',
    execution: shown,
    ...overlaid(drawing, tallies, situation),
  };
}

function drawnHistory(
  recorded: RecordedOperations,
  situation: Situation,
  hasCompleted: boolean,
): { drawing: Drawing; tallies: Tallies } {
  const trees = historyTrees(recorded.all());
  const drawing = drawn(historyShapes(trees));
  const tallies = historyTallies(trees, { recorded, situation, hasCompleted });
  for (const { id, source, target } of drawing.edges) {
    const isTaken = target === END ? hasCompleted : source !== START || trees.length > 0;
    if (isTaken) tallies.take(id);
  }
  return { drawing, tallies };
}

function overlaid({ nodes, edges }: Drawing, tallies: Tallies, situation: Situation): Drawing {
  spanBlocks(nodes, tallies);
  return {
    nodes: nodes.map((node) => ({ ...node, run: runOf(node, tallies, situation) })),
    edges: edges.map((edge) => ({ ...edge, taken: tallies.taken(edge.id) })),
  };
}

function runOf(
  { id, kind }: GraphNode,
  tallies: Tallies,
  situation: Situation,
): NonNullable<GraphNode['run']> {
  if (tallies.has(id)) return tallies.of(id).run();
  // An undo is taken only where something has to be undone; where ways of a history meet, they met.
  if (kind === 'join') return { status: 'completed' };
  return { status: kind === 'undo' ? 'skipped' : situation.unreached };
}

/** A block took as long as what is in it, from the innermost outwards: inner ones stand behind those around them. */
function spanBlocks(nodes: readonly GraphNode[], tallies: Tallies): void {
  for (const { id, parent, kind } of nodes.toReversed()) {
    if (parent === undefined || kind === 'undo' || !tallies.has(id)) continue;
    const { from, to } = tallies.of(id);
    tallies.of(parent).span(from, to);
  }
}

function shownExecution({ id, status, startedAt, completedAt }: GraphedExecution): GraphExecution {
  return {
    id,
    status,
    ...(startedAt !== undefined && { startedAt: timeText(startedAt.getTime()) }),
    ...(completedAt !== undefined && { endedAt: timeText(completedAt.getTime()) }),
  };
}
