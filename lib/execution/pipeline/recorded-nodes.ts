import { childrenOf } from '../../definition/pipeline-routes.js';
import type { PipelineNode } from '../../definition/workflow-definition.js';
import type { HistoryLine } from '../../storage/history-line.js';
import { hasChildren } from '../../identity/operation-kinds.js';
import { ASK, firstCallOf, isOfUndoing, segmentOf } from '../../identity/operation-path.js';

/**
 * What of a history a pipeline itself has to repeat, in order: the ends of its nodes, and of what it does not have any
 * more. What bodies called inside them is not among these.
 */
export function recordedNodes(
  nodes: readonly PipelineNode[],
  ends: readonly HistoryLine[],
): readonly HistoryLine[] {
  return ends
    .filter(({ path }) => !isOfUndoing(path) && !isInsideBody(nodes, path.split('/')))
    .toSorted((left, right) => left.seq - right.seq);
}

function isInsideBody(nodes: readonly PipelineNode[], [own = '', ...rest]: readonly string[]): boolean {
  const name = firstCallOf(own);
  const node = nodes.find((each) => segmentOf(each.name) === name);
  if (node === undefined || rest.length === 0) return false;
  if (!hasChildren(node.kind) || rest[0] === ASK) return true;
  return isInsideBody(childrenOf(node), node.kind === 'foreach' ? rest.slice(1) : rest);
}
