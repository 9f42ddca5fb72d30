import { buildWorkflow } from '../../../lib/definition/workflow.builder.js';
import type { WorkflowClass } from '../../../lib/definition/workflow-class.js';
import type { JournalRig } from '../../support/journal-rig.js';
import { type Life, MortalWorker } from './mortal-worker.js';

/** An execution that waits for a worker. */
export async function newExecution(rig: JournalRig, input: object = {}): Promise<string> {
  const id = await rig.execution();
  await rig.query('UPDATE durable.workflow_executions SET input = $2 WHERE id = $1', [
    id,
    JSON.stringify(input),
  ]);
  return id;
}

/**
 * Has one worker run everything that waits, with this class, until it dies. What it has left of each execution is for
 * the next one.
 *
 * @param cuts after how many records an execution is cut off; those that are not named come to their end
 */
export async function live(
  rig: JournalRig,
  classRef: WorkflowClass,
  cuts: ReadonlyMap<string, number> = new Map(),
): Promise<ReadonlyMap<string, Life>> {
  const worker = await MortalWorker.start(rig, buildWorkflow(classRef, new classRef()), cuts);
  await worker.worked();
  return await worker.die();
}

/** Executions that are each cut off after another record: after none, after the first, and so on. */
export async function newExecutions(rig: JournalRig, count: number): Promise<Map<string, number>> {
  const cuts = new Map<string, number>();
  for (let cut = 0; cut < count; cut += 1) cuts.set(await newExecution(rig), cut);
  return cuts;
}
