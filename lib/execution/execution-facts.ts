import type { ExecutionOutcome } from '../storage/entities/workflow-execution.entity.js';
import type { WorkflowDefinition } from '../definition/workflow-definition.js';

/** What is known of an execution when this process begins to run it. */
export interface ExecutionFacts {
  readonly id: string;
  readonly definition: WorkflowDefinition;
  readonly kind: number;
  readonly queue: string;
  readonly queueId: number;
  readonly key: string | null;
  readonly parentId: string | null;
  readonly input: string | null;
  readonly attributes: string | null;
  readonly priority: number;
  readonly retryNo: number;
  readonly timeout: number | null;
  readonly createdAt: number;
  readonly startedAt: number;
  readonly deadlineAt: number | null;
  readonly epoch: number;
  readonly signals: number;
  /** The database shows it as being undone. */
  readonly isCompensating: boolean;
}

/** How an execution ended; values still serialized. */
export interface ExecutionEnding {
  readonly executionId: string;
  readonly outcome: ExecutionOutcome;
  readonly output: string | null;
  readonly error: string | null;
  readonly retriedAs: string | null;
}
