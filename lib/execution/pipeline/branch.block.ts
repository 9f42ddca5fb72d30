import { clauseFor, isClauseKey } from '../../definition/pipeline-routes.js';
import type { BranchNode } from '../../definition/workflow-definition.js';
import { NoBranchMatched, UnusableAnswer } from '../../errors/block.error.js';
import { described } from './answers.js';
import type { PipelineData } from './pipeline-data.js';
import type { NodeOutcome, PipelineRun, Place } from './pipeline-run.js';

/** Asks which clause, and runs that one. */
export async function runBranch(
  run: PipelineRun,
  node: BranchNode,
  place: Place,
  data: PipelineData,
): Promise<NodeOutcome> {
  const { answer, operation } = await run.ask(node, place, data, {
    accept: (given) => acceptKey(run.execution.id, node, given),
  });
  const clause = clauseFor(node, answer);
  if (clause === undefined) {
    return await run.diverged(operation, `a branch with the clauses ${shownClauses(node).join(', ')}`);
  }
  const scope = place.scope.enter(operation.path);
  try {
    const added = await run.runLine(clause.nodes, { ...place, scope }, data);
    return { value: added, added };
  } finally {
    place.scope.leave(scope);
  }
}

function acceptKey(executionId: string, node: BranchNode, answer: unknown): unknown {
  if (answer !== null && answer !== undefined && !isClauseKey(answer)) {
    throw new UnusableAnswer(executionId, node.name, 'a string, a number, true or false', described(answer));
  }
  if (clauseFor(node, answer) === undefined) {
    const shown = typeof answer === 'string' ? `'${answer}'` : String(answer);
    throw new NoBranchMatched(executionId, node.name, shown, shownClauses(node));
  }
  return answer ?? null;
}

function shownClauses({ clauses }: BranchNode): string[] {
  return [...clauses.keys()].map((key) => `'${key}'`);
}
