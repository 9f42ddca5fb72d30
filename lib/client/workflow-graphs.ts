import type { WorkflowClass } from '../definition/workflow-class.js';
import { WorkflowNotRegistered } from '../errors/definition.error.js';
import { ExecutionNotFound } from '../errors/execution.error.js';
import { definitionGraph } from '../graph/definition-graph.js';
import { executionGraph } from '../graph/execution-graph.js';
import type { WorkflowGraph } from '../graph/workflow-graph.js';
import { TaggedSerializer } from '../serialization/tagged-serializer.js';
import { graphLinesOf } from '../storage/queries/graph.query.js';
import { shown } from './argument.checks.js';
import type { ClientServices } from './client-services.js';

/** @throws WorkflowNotRegistered */
export function graphOfWorkflow(
  { registry }: ClientServices,
  workflow: WorkflowClass | string,
): WorkflowGraph {
  const definition = typeof workflow === 'string' ? registry.latest(workflow) : registry.of(workflow);
  if (definition === undefined) throw new WorkflowNotRegistered(String(workflow));
  return definitionGraph(definition);
}

/** @throws ExecutionNotFound, WorkflowNotRegistered */
export async function graphOfExecution(
  { registry, reader, query, schema, serializer }: ClientServices,
  workflow: WorkflowClass | string,
  id: string,
): Promise<WorkflowGraph> {
  const name = typeof workflow === 'string' ? workflow : registry.of(workflow).name;
  const execution = await reader.get(id);
  if (execution.workflow !== name) throw new ExecutionNotFound(`${shown(id)} of the workflow "${name}"`);
  return executionGraph({
    execution,
    lines: await graphLinesOf(query, schema, id, { isPlainJson: serializer instanceof TaggedSerializer }),
    definition: registry.get(name, execution.version),
    parse: (text) => serializer.parse(text),
  });
}
