import type { GraphNode, WorkflowGraph } from '../../../lib/graph/workflow-graph.js';

/** What is wrong with the places of nodes: one outside its block, or over one that it has nothing to do with. */
export function faultsOfPlaces({ nodes }: WorkflowGraph): string[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const outside = nodes.filter(({ parent, ...node }) => {
    const block = parent === undefined ? undefined : byId.get(parent);
    return block !== undefined && !encloses(block, node);
  });
  const overlapping = nodes.flatMap((one, index) =>
    nodes
      .slice(index + 1)
      .filter((other) => one.parent === other.parent && overlaps(one, other))
      .map((other) => `${one.id} overlaps ${other.id}`),
  );
  return [...outside.map(({ id, parent = '' }) => `${id} is not inside ${parent}`), ...overlapping];
}

type Place = Pick<GraphNode, 'x' | 'y' | 'width' | 'height'>;

function encloses(outer: Place, inner: Place): boolean {
  return (
    outer.x < inner.x &&
    outer.y < inner.y &&
    inner.x + inner.width < outer.x + outer.width &&
    inner.y + inner.height < outer.y + outer.height
  );
}

function overlaps(one: Place, other: Place): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}
