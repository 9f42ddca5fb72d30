import { BroadcastEntity } from './broadcast.entity.js';
import { PendingEventEntity } from './pending-event.entity.js';
import { PendingInputEntity } from './pending-input.entity.js';
import { QueueEntity } from './queue.entity.js';
import { StepExecutionEntity } from './step-execution.entity.js';
import { WorkerEntity } from './worker.entity.js';
import { WorkflowEventEntity } from './workflow-event.entity.js';
import { WorkflowExecutionEntity } from './workflow-execution.entity.js';
import { WorkflowKindEntity } from './workflow-kind.entity.js';
import { WorkflowQueueEntity } from './workflow-queue.entity.js';

/** Every table of the engine. */
export const entities = [
  WorkerEntity,
  WorkflowKindEntity,
  QueueEntity,
  WorkflowExecutionEntity,
  WorkflowQueueEntity,
  StepExecutionEntity,
  WorkflowEventEntity,
  PendingEventEntity,
  PendingInputEntity,
  BroadcastEntity,
];
