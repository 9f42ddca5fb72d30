import { targetIndex } from '../../definition/pipeline-routes.js';
import { defaultRetry } from '../../definition/step-resolver.js';
import type {
  DecisionNode,
  PipelineNode,
  StepNode,
  WorkflowDefinition,
} from '../../definition/workflow-definition.js';
import { copyOf } from '../../serialization/copy.js';
import type { ActiveExecution } from '../active-execution.js';
import type { Operation } from '../operation.js';
import { describeOperation, type OperationScope } from '../operation-scope.js';
import { performStep } from '../operations/step.operation.js';
import type { UndoRequest } from '../saga/undo-request.js';
import { acceptAdditions, acceptLead, leadOf } from './answers.js';
import { runBranch } from './branch.block.js';
import { runForEach } from './for-each.block.js';
import { runParallel } from './parallel.block.js';
import { type Added, addedTogether, lazyCopyOf, merge, type PipelineData } from './pipeline-data.js';
import { recordedNodes } from './recorded-nodes.js';
import type { Asked, NodeOutcome, PipelineRun, Place, Question } from './pipeline-run.js';
import { runWhile } from './while.block.js';

/**
 * Runs a pipeline: an operation for each step and for the question of each block, with what each adds merged over the
 * data. It does what hand-written code would do, so that both styles share one history; and what it chose is in that
 * history, so that a resume can take no other path.
 */
export async function interpretPipeline(
  execution: ActiveExecution,
  scope: OperationScope,
  input: unknown,
): Promise<unknown> {
  const { definition } = execution.facts;
  if (!execution.history.isEmpty) followHistory(execution);
  const data = (input ?? {}) as PipelineData;
  const interpreter = new PipelineInterpreter(execution);
  const result = await interpreter.runMain(definition.nodes, { scope, each: undefined }, data);
  return outputOf(definition, copyOf(result, execution.services.serializer));
}

/** Lays out the recorded results for the nodes to ask for. */
function followHistory({ facts, history, replay }: ActiveExecution): void {
  replay.follow(recordedNodes(facts.definition.nodes, history.ends()));
  // Looked at also where nothing is to begin: nodes in another order wait for each other.
  void replay.over();
}

class PipelineInterpreter implements PipelineRun {
  /** When what failed. */
  #failures: WeakMap<Error, number> | undefined;

  constructor(readonly execution: ActiveExecution) {}

  /** Gives the data as they are after the last node. */
  async runMain(
    nodes: readonly PipelineNode[],
    place: Place,
    given: PipelineData,
    added?: Added[],
  ): Promise<PipelineData> {
    let data = given;
    for (let at = 0; at < nodes.length;) {
      const node = nodes[at];
      if (node === undefined) break;
      const outcome = await this.runNode(node, place, data);
      data = merge(data, outcome.added);
      added?.push(outcome.added);
      at = outcome.target === undefined ? at + 1 : await this.#placeOf(outcome.target, nodes, at, place);
    }
    return data;
  }

  async runLine(nodes: readonly PipelineNode[], place: Place, data: PipelineData): Promise<Added> {
    const added: Added[] = [];
    await this.runMain(nodes, place, data, added);
    return added.reduce(addedTogether, undefined);
  }

  // Not async, like what it calls first: each turn of a promise is paid by every step of every pipeline.
  runNode(node: PipelineNode, place: Place, data: PipelineData): Promise<NodeOutcome> {
    switch (node.kind) {
      case 'step':
        return this.#runStep(node, place, data);
      case 'branch':
        return runBranch(this, node, place, data);
      case 'parallel':
        return runParallel(this, node, place, data);
      case 'foreach':
        return runForEach(this, node, place, data);
      case 'while':
        return runWhile(this, node, place, data);
      case 'decision':
        return this.#decide(node, place, data);
    }
  }

  async ask(
    node: Exclude<PipelineNode, StepNode>,
    place: Place,
    data: PipelineData,
    { given, accept }: Question,
  ): Promise<Asked> {
    const operation = performStep(this.execution, place.scope, {
      kind: node.kind,
      name: node.name,
      // A question is asked like a step is run.
      retry: defaultRetry,
      transactional: false,
      hash: null,
      body: () => {
        const results = given === undefined ? [] : [this.#copy(given())];
        return this.#call(node, [this.#dataFor(place, data), ...results, ...this.#each(place)]);
      },
      accept,
    });
    try {
      return { answer: await operation.promise, operation };
    } catch (error) {
      throw this.#failed(operation, error);
    }
  }

  firstOf(failures: readonly Error[]): Error {
    const seqOf = (failure: Error): number => this.#failures?.get(failure) ?? Infinity;
    return failures.reduce((first, other) => (seqOf(other) < seqOf(first) ? other : first));
  }

  diverged(asked: Operation, expected: string): Promise<never> {
    const { end } = asked;
    if (end !== undefined) {
      this.execution.diverged(
        `${describeOperation(end)} with the answer ${end.output ?? 'nothing'}`,
        expected,
      );
    }
    return new Promise<never>(() => undefined);
  }

  async #runStep(node: StepNode, place: Place, data: PipelineData): Promise<NodeOutcome> {
    const { step } = node;
    // A copy for each attempt, so that a body which writes into it changes nothing that a replay would not.
    const operation = performStep(this.execution, place.scope, {
      kind: 'step',
      name: node.name,
      retry: step.retry,
      timeout: step.timeout,
      transactional: step.transactional,
      hash: null,
      body: () => this.#call(node, [this.#dataFor(place, data), ...this.#each(place)]),
      accept: (result) => acceptAdditions(this.execution.id, node.name, result),
      undo: this.#undoOf(node, place, data),
    });
    try {
      const value = await operation.promise;
      return { value, added: value as Added };
    } catch (error) {
      throw this.#failed(operation, error);
    }
  }

  async #decide(node: DecisionNode, place: Place, data: PipelineData): Promise<NodeOutcome> {
    const { answer } = await this.ask(node, place, data, {
      accept: (given) => acceptLead(this.execution.id, node, given),
    });
    const lead = leadOf(answer);
    return { value: lead?.additions, added: lead?.additions, target: lead?.goto };
  }

  #undoOf(node: StepNode, place: Place, data: PipelineData): UndoRequest | undefined {
    const { undo, name } = node;
    return (
      undo && {
        name: undo.method,
        retry: undo.retry,
        timeout: undo.timeout,
        run: (result) => {
          const [item, index] = this.#each(place);
          const told = { result, step: name, ...(place.each !== undefined && { item, index }) };
          return this.#call(undo, [this.#dataFor(place, merge(data, result as Added)), told]);
        },
      }
    );
  }

  async #placeOf(target: string, nodes: readonly PipelineNode[], at: number, place: Place): Promise<number> {
    const found = targetIndex(nodes, at, target);
    if (found !== undefined) return found;
    const from = nodes[at];
    this.execution.diverged(
      `"${from?.name ?? ''}" leading to "${target}" in "${place.scope.path}"`,
      'a list without it',
    );
    return await new Promise<never>(() => undefined);
  }

  /** Remembers when it failed. */
  #failed({ end }: Operation, error: unknown): unknown {
    if (error instanceof Error && end !== undefined) {
      this.#failures ??= new WeakMap();
      this.#failures.set(error, end.seq);
    }
    return error;
  }

  #call({ body }: Pick<StepNode, 'body'>, args: readonly unknown[]): unknown {
    return body.apply(this.execution.facts.definition.instance, args as never[]);
  }

  #dataFor({ each }: Place, data: PipelineData): unknown {
    return each === undefined ? this.#copy(data) : lazyCopyOf(data, this.execution.services.serializer);
  }

  #each({ each }: Place): readonly unknown[] {
    return each === undefined ? [] : [this.#copy(each.item), each.index];
  }

  #copy(value: unknown): unknown {
    return copyOf(value, this.execution.services.serializer);
  }
}

function outputOf(definition: WorkflowDefinition, data: unknown): unknown {
  if (definition.output === undefined) return data;
  const method: unknown = Reflect.get(definition.instance, definition.output);
  return typeof method === 'function' ? Reflect.apply(method, definition.instance, [data]) : data;
}
