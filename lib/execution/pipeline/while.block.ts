import type { WhileNode } from '../../definition/workflow-definition.js';
import { LoopLimitReached, UnusableAnswer } from '../../errors/block.error.js';
import { described } from './answers.js';
import { addedTogether, merge, type Added, type PipelineData } from './pipeline-data.js';
import type { NodeOutcome, PipelineRun, Place } from './pipeline-run.js';

/** Asks before each round whether there is to be one. Each asking is an operation of its own, and so is its answer. */
export async function runWhile(
  run: PipelineRun,
  node: WhileNode,
  place: Place,
  data: PipelineData,
): Promise<NodeOutcome> {
  let added: Added;
  for (let round = 1; ; round += 1) {
    const current = merge(data, added);
    const { answer, operation } = await run.ask(node, place, current, {
      accept: (given) => acceptCondition(run.execution.id, node, given, round),
    });
    if (answer !== true) return { value: added, added };
    const scope = place.scope.enter(operation.path);
    try {
      added = addedTogether(added, await run.runLine(node.children, { ...place, scope }, current));
    } finally {
      place.scope.leave(scope);
    }
  }
}

function acceptCondition(
  executionId: string,
  { name, max }: WhileNode,
  answer: unknown,
  round: number,
): boolean {
  if (typeof answer !== 'boolean') {
    throw new UnusableAnswer(executionId, name, 'true or false', described(answer));
  }
  if (answer && round > max) throw new LoopLimitReached(executionId, name, max);
  return answer;
}
