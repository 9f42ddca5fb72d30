import type { Settled } from '../../definition/settled.js';
import type { ParallelNode } from '../../definition/workflow-definition.js';
import { SameKeyTwice } from '../../errors/block.error.js';
import { pathOf } from '../../identity/operation-path.js';
import type { OperationScope } from '../operation-scope.js';
import { settledSideBySide } from '../side-by-side.js';
import { Strand } from '../strand.js';
import { acceptLead, leadOf } from './answers.js';
import type { Added, PipelineData } from './pipeline-data.js';
import type { NodeOutcome, PipelineRun, Place } from './pipeline-run.js';
import { allSideBySide } from './siblings.js';

type Results = Readonly<Record<string, unknown>>;

/** Runs the children side by side, each on its own copy of the data, and asks what becomes of their results. */
export async function runParallel(
  run: PipelineRun,
  node: ParallelNode,
  place: Place,
  data: PipelineData,
): Promise<NodeOutcome> {
  const { results, merged } =
    node.onError === 'fail'
      ? await runTogether(run, node, place, data)
      : { results: await runEachForItself(run, node, place, data), merged: () => undefined };
  const { answer } = await run.ask(node, place, data, {
    given: () => results,
    accept: (given) => {
      const lead = acceptLead(run.execution.id, node, given);
      // Now, so that a clash is the join's failure and not one that nobody recorded.
      if (lead === undefined) merged();
      return lead;
    },
  });
  const lead = leadOf(answer);
  const added = lead === undefined ? merged() : lead.additions;
  return { value: added, added, target: lead?.goto };
}

async function runTogether(
  run: PipelineRun,
  node: ParallelNode,
  place: Place,
  data: PipelineData,
): Promise<{ results: Results; merged: () => Added }> {
  const strand = new Strand(place.scope.strand?.abort ?? run.execution.abort, place.scope.strand);
  const outcomes = await within(node, place, strand, (scope) =>
    allSideBySide(run, node.name, strand, {
      items: node.children,
      concurrency: node.children.length,
      work: (child) => run.runNode(child, { ...place, scope }, data),
    }),
  );
  return {
    results: byMethod(node, (index) => outcomes[index]?.value),
    merged: () => mergedOnce(run.execution.id, node, outcomes),
  };
}

async function runEachForItself(
  run: PipelineRun,
  node: ParallelNode,
  place: Place,
  data: PipelineData,
): Promise<Results> {
  const settled = await within(node, place, place.scope.strand, (scope) =>
    settledSideBySide({
      items: node.children,
      concurrency: node.children.length,
      work: (child) => run.runNode(child, { ...place, scope }, data),
    }),
  );
  return byMethod(node, (index): Settled<unknown> | undefined => {
    const each = settled[index];
    return each?.status === 'fulfilled' ? { status: 'fulfilled', value: each.value.value } : each;
  });
}

async function within<T>(
  node: ParallelNode,
  place: Place,
  strand: Strand | undefined,
  work: (scope: OperationScope) => Promise<T>,
): Promise<T> {
  const scope = place.scope.enterSideBySide(pathOf(place.scope.path, node.name, 1), strand);
  try {
    return await work(scope);
  } finally {
    place.scope.leave(scope);
  }
}

function mergedOnce(executionId: string, node: ParallelNode, outcomes: readonly NodeOutcome[]): Added {
  const owners = new Map<string, string>();
  let merged: Added;
  for (const [index, { name }] of node.children.entries()) {
    const added = outcomes[index]?.added;
    for (const key of Object.keys(added ?? {})) {
      const owner = owners.get(key);
      if (owner !== undefined) throw new SameKeyTwice(executionId, node.name, key, [owner, name]);
      owners.set(key, name);
    }
    merged = { ...merged, ...added };
  }
  return merged;
}

function byMethod(node: ParallelNode, valueOf: (index: number) => unknown): Results {
  return Object.fromEntries(node.children.map(({ method }, index) => [method, valueOf(index)]));
}
