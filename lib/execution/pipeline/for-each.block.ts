import type { ForEachNode } from '../../definition/workflow-definition.js';
import { UnusableAnswer } from '../../errors/block.error.js';
import { itemPathOf } from '../../identity/operation-path.js';
import type { OperationScope } from '../operation-scope.js';
import { settledSideBySide, type SideBySide } from '../side-by-side.js';
import { Strand } from '../strand.js';
import { described } from './answers.js';
import type { PipelineData } from './pipeline-data.js';
import type { NodeOutcome, PipelineRun, Place } from './pipeline-run.js';
import { allSideBySide } from './siblings.js';

/** Asks for the items once, and runs the children for each of them, so many at once as it is told. */
export async function runForEach(
  run: PipelineRun,
  node: ForEachNode,
  place: Place,
  data: PipelineData,
): Promise<NodeOutcome> {
  const { answer, operation } = await run.ask(node, place, data, {
    accept: (given) => acceptItems(run.execution.id, node, given),
  });
  if (!Array.isArray(answer)) return await run.diverged(operation, 'a list of items');
  const items: readonly unknown[] = answer;
  const around = place.scope.strand;
  const strand =
    node.onError === 'fail' ? new Strand(around?.abort ?? run.execution.abort, around) : undefined;
  const group = place.scope.enterSideBySide(operation.path, strand);
  const side: SideBySide<unknown, unknown> = {
    items,
    concurrency: node.concurrency,
    begunTo: run.execution.history.lastItemIn(operation.path),
    work: (item, index) => runItem(run, node, group, { item, index }, data),
  };
  try {
    const values =
      strand === undefined
        ? await settledSideBySide(side)
        : await allSideBySide(run, node.name, strand, side);
    const added = node.into === undefined ? undefined : { [node.into]: values };
    return { value: added, added };
  } finally {
    place.scope.leave(group);
  }
}

/** What it adds stays with the item; its value is kept only where somebody wants it. */
async function runItem(
  run: PipelineRun,
  node: ForEachNode,
  group: OperationScope,
  each: { readonly item: unknown; readonly index: number },
  data: PipelineData,
): Promise<unknown> {
  const scope = group.enter(itemPathOf(group.path, each.index));
  const place: Place = { scope, each };
  try {
    const [only] = node.children;
    const value =
      node.isSingle && only !== undefined
        ? (await run.runNode(only, place, data)).value
        : await run.runLine(node.children, place, data);
    return node.into === undefined ? undefined : value;
  } finally {
    group.leave(scope);
  }
}

function acceptItems(executionId: string, { name }: ForEachNode, answer: unknown): unknown {
  if (Array.isArray(answer)) return answer;
  throw new UnusableAnswer(executionId, name, 'an array of items', described(answer));
}
