import type { WorkflowClass } from '../definition/workflow-class.js';
import type { AttributeValue } from '../intake/attributes.js';
import type { ExecutionStatus } from './execution-status.js';

/**
 * Which executions a listing or a count is about: those that meet every criterion given.
 *
 * @publicApi
 */
export interface ExecutionFilter {
  /** The class, or the name of the workflow. */
  readonly workflow?: string | WorkflowClass | undefined;
  /** One status, or several of which one has to match. */
  readonly status?: ExecutionStatus | readonly ExecutionStatus[] | undefined;
  readonly queue?: string | undefined;
  /**
   * The name of a step that the execution has called, wherever it is: inside a block or another step, too. A rare
   * one is found much faster together with its workflow, or with a time.
   */
  readonly step?: string | undefined;
  /** Attributes that it has, with these values; it may have more. */
  readonly attributes?: Readonly<Record<string, AttributeValue>> | undefined;
  /** Created at this moment or later. */
  readonly createdAfter?: Date | undefined;
  /** Created before this moment. */
  readonly createdBefore?: Date | undefined;
  /** Children of this execution. */
  readonly parentId?: string | undefined;
  /**
   * How many executions a page of a listing holds at most, from 1 to 1000. A count takes no notice of it.
   *
   * @default 50
   */
  readonly limit?: number | undefined;
  /** That of the page before, which was listed with the same filter. A count takes no notice of it. */
  readonly cursor?: string | undefined;
}
