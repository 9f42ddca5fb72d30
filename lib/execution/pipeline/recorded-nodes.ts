import type { PipelineNode } from '../../definition/workflow-definition.js';
import type { HistoryLine } from '../../storage/history-line.js';
import { ASK, segmentOf, UNDO_PATH } from '../../identity/operation-path.js';

export interface RecordedNodes {
  /** The ends of nodes, in order; what bodies called inside them is not among these. */
  readonly lines: readonly HistoryLine[];
  /** The first line of something that the pipeline does not have. */
  readonly unknown: HistoryLine | undefined;
}

/** What of a history a pipeline itself has to repeat. */
export function recordedNodes(nodes: readonly PipelineNode[], ends: readonly HistoryLine[]): RecordedNodes {
  const lines: HistoryLine[] = [];
  let unknown: HistoryLine | undefined;
  for (const line of ends) {
    const place = placeOf(line.path.split('/'), nodes);
    if (place === 'node') lines.push(line);
    else if (place === 'unknown' && line.seq < (unknown?.seq ?? Infinity)) unknown = line;
  }
  return { lines: lines.toSorted((left, right) => left.seq - right.seq), unknown };
}

type Place = 'node' | 'inside a body' | 'unknown';

function placeOf([own = '', ...rest]: readonly string[], nodes: readonly PipelineNode[]): Place {
  if (own === UNDO_PATH) return 'inside a body';
  const name = own.replace(/#\d+$/, '');
  const node = nodes.find((each) => segmentOf(each.name) === name);
  if (node === undefined) return 'unknown';
  if (rest.length === 0) return 'node';
  if (node.kind === 'step' || node.kind === 'decision' || rest[0] === ASK) return 'inside a body';
  return placeOf(node.kind === 'foreach' ? rest.slice(1) : rest, childrenOf(node));
}

/** Every node, those in blocks included. */
export function allNodes(nodes: readonly PipelineNode[]): PipelineNode[] {
  return nodes.flatMap((node) =>
    node.kind === 'step' || node.kind === 'decision' ? [node] : [node, ...allNodes(childrenOf(node))],
  );
}

function childrenOf(node: Exclude<PipelineNode, { kind: 'step' | 'decision' }>): readonly PipelineNode[] {
  if (node.kind !== 'branch') return node.children;
  return [...[...node.clauses.values()].flat(), ...(node.otherwise ?? [])];
}
