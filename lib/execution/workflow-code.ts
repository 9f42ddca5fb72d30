import type { ActiveExecution } from './active-execution.js';
import { ROOT_PATH } from '../identity/operation-path.js';
import { OperationContext, runIn } from './operation-context.js';
import { OperationScope } from './operation-scope.js';
import { interpretPipeline } from './pipeline/pipeline.interpreter.js';

/** Runs the code of an execution from its top, whichever way it is written, and gives what it returns. */
export async function runWorkflowCode(execution: ActiveExecution): Promise<unknown> {
  const { definition } = execution.facts;
  const input = parseInput(execution);
  if (definition.style === 'pipeline') {
    const line = new OperationScope(ROOT_PATH, execution, 'line');
    execution.root = line;
    return await interpretPipeline(execution, line, input);
  }
  const scope = new OperationScope(ROOT_PATH, execution, 'code');
  execution.root = scope;
  const run: unknown = Reflect.get(definition.instance, 'run');
  if (typeof run !== 'function') throw new TypeError(`${definition.classRef.name} has no method run.`);
  const context = new OperationContext(execution, undefined, scope);
  return await runIn(context, (): unknown => {
    const returned: unknown = Reflect.apply(run, definition.instance, [input]);
    return returned;
  });
}

function parseInput({ facts, services }: ActiveExecution): unknown {
  return facts.input === null ? undefined : services.serializer.parse(facts.input);
}
