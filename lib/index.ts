// What users import, in one page. Nothing else is public.

export { DurableModule, InjectDurableClient } from './durable.module.js';
export { getDurableClientToken } from './durable.module-definition.js';
export type { DurableModuleExtras } from './durable.module-definition.js';
export type { DurableOptions } from './durable-options.js';
export type { QueueOptions } from './dispatch/dispatch-options.js';
export type { DatabaseOptions } from './storage/database.js';

// Declaring workflows
export { Workflow } from './decorators/workflow.decorator.js';
export { Step } from './decorators/step.decorator.js';
export { Run } from './decorators/run.decorator.js';
export { Branch } from './decorators/branch.decorator.js';
export { Parallel } from './decorators/parallel.decorator.js';
export { ForEach } from './decorators/for-each.decorator.js';
export { While } from './decorators/while.decorator.js';
export { Decision } from './decorators/decision.decorator.js';
export { Compensate } from './decorators/compensate.decorator.js';
export { Goto, goto } from './definition/goto.js';
export { Pipeline } from './definition/pipeline.js';
export type { OnError, WorkflowOptions } from './definition/workflow-definition.js';
export type { Backoff, RetryOptions, StepOptions } from './definition/step-definition.js';
export type {
  BlockOptions,
  BranchClauses,
  BranchOptions,
  Children,
  DecisionOptions,
  ForEachOptions,
  ParallelOptions,
  WhileOptions,
} from './definition/block-definition.js';
export type { Results, Values } from './definition/block-types.js';
export type { Settled } from './definition/settled.js';
export type { CompensateOptions, Undo } from './definition/undo-definition.js';
export type { InlineStepOptions } from './definition/inline-step.js';
export type { Additions, UncheckedAdditions } from './definition/node-types.js';
export type { DataOf, InputOf, OutputOf, ResultOf, WorkflowClass } from './definition/workflow-class.js';

// Inside a step or a run method
export { step } from './execution/operations/inline-step.operation.js';
export { commit } from './execution/operations/commit.operation.js';
export { mapItems } from './execution/map-items.js';
export type { MapItemsOptions } from './execution/map-items.js';
export { sleep, sleepUntil } from './execution/operations/sleep.operation.js';
export { waitForAll, waitForAny, waitForEvent } from './execution/operations/wait-for-event.operation.js';
export type {
  AllOf,
  AnyOf,
  EventReference,
  EventWaitOptions,
  FirstOf,
  MatchOptions,
} from './execution/operations/wait-for-event.operation.js';
export { waitForBroadcast } from './execution/operations/wait-for-broadcast.operation.js';
export type { BroadcastWaitOptions } from './execution/operations/wait-for-broadcast.operation.js';
export {
  waitForApproval,
  waitForChoice,
  waitForChoices,
  waitForForm,
  waitForInput,
  waitForText,
} from './execution/operations/wait-for-input.operation.js';
export type { InputAnswer, InputOptions } from './execution/waiting/input-options.js';
export type { TimeoutOptions } from './execution/waiting/wait-options.js';
export { race } from './execution/race.js';
export type { RaceWinner } from './execution/race.js';
export { broadcast, sendEvent } from './execution/operations/send.operations.js';
export type { BroadcastOptions } from './intake/broadcast-options.js';

// Events and questions
export { defineEvent } from './intake/event-definition.js';
export type { EventDefinition } from './intake/event-definition.js';
export type {
  AnswersOf,
  Choice,
  ChoiceOf,
  FormField,
  FormFields,
  InputType,
  Question,
} from './intake/forms/question.js';
export type { StandardSchema } from './intake/standard-schema.js';
export { now, random, uuid } from './execution/determinism.js';
export { endOfDay, nextBusinessDay, nextWeekday } from './execution/calendar.js';
export type { EndOfDayOptions, NextBusinessDayOptions, NextWeekdayOptions } from './execution/calendar.js';
export type { Weekday } from './time/calendar.js';
export { execution, transaction } from './execution/execution-view.js';
export type { ExecutionView } from './execution/execution-view.js';
export { reportProgress, setAttribute } from './execution/annotations.js';
export type { AttributeValue } from './intake/attributes.js';
export { days, hours, minutes, seconds } from './time/duration.js';
export type { Duration } from './time/duration.js';

// How values are stored
export { TaggedSerializer } from './serialization/tagged-serializer.js';
export type { Serializer } from './serialization/serializer.js';
export type { ClassCodec } from './serialization/registered-classes.js';

// From outside
export { DurableClient } from './client/durable-client.js';
export type { ExecutionPage, StartWithEventOptions } from './client/durable-client.js';
export type { EventTarget, ExecutionReference } from './client/execution-reference.js';
export type { ProvideInputOptions, WaitTarget } from './client/message-client.js';
export type { BroadcastCallOptions, SendEventOptions } from './client/message-requests.js';
export type {
  PendingEvent,
  PendingEventFilter,
  PendingEventPage,
  PendingInput,
  PendingInputFilter,
  PendingInputPage,
  PendingWait,
  PendingWaitFilter,
} from './client/pending-wait.js';
export { ExecutionHandle } from './client/execution-handle.js';
export type { CancelOptions } from './client/cancel-options.js';
export type { StartManyOptions, StartOptions } from './client/start-options.js';
export type { Execution, ExecutionProgress } from './client/execution.js';
export type { CompensationResult } from './client/compensation-result.js';
export type { ExecutionStep, ExecutionStepStatus } from './client/execution-step.js';
export type { ExecutionStatus } from './client/execution-status.js';
export type { ExecutionFilter } from './client/execution-filter.js';
export { printTimeline } from './client/print-timeline.js';
export type { TimelineOptions } from './client/print-timeline.js';

// Graphs
export { toMermaid } from './graph/mermaid.js';
export { toDot } from './graph/dot.js';
export { toCytoscape } from './graph/cytoscape.js';
export type { CytoscapeEdge, CytoscapeElements, CytoscapeNode } from './graph/cytoscape.js';
export type {
  GraphCounts,
  GraphEdge,
  GraphEdgeKind,
  GraphExecution,
  GraphNode,
  GraphNodeKind,
  GraphNodeOptions,
  GraphNodeRun,
  GraphStatus,
  WorkflowGraph,
} from './graph/workflow-graph.js';

// Errors
export {
  LoopLimitReached,
  NoBranchMatched,
  SameKeyTwice,
  SiblingFailed,
  UndeclaredTarget,
  UnusableAnswer,
} from './errors/block.error.js';
export { AlreadyCompensating, CompensationFailed, StepOutcomeUnknown } from './errors/compensation.error.js';
export {
  DatabaseUnavailable,
  EmbeddedInProduction,
  EmbeddedInUse,
  EmbeddedUnavailable,
  MigrationsPending,
} from './errors/database.error.js';
export {
  DuplicateWorkflow,
  InvalidDefinition,
  RequestScopedWorkflow,
  TransactionalStepUnavailable,
  WorkflowNotRegistered,
} from './errors/definition.error.js';
export { DurableError } from './errors/durable.error.js';
export {
  ExecutionCancelled,
  ExecutionFailed,
  ExecutionFinished,
  ExecutionNotFinished,
  ExecutionNotFound,
  InvalidCursor,
  NotInWorkflow,
  RecordRefused,
  ReplayDivergence,
  ResultTimeout,
  WorkerLostRepeatedly,
  WorkflowTimeout,
} from './errors/execution.error.js';
export { InvalidArgument, InvalidDuration, InvalidOptions } from './errors/option.error.js';
export {
  AmbiguousWait,
  BroadcastHeld,
  EventKeyHeld,
  InputSettled,
  InputTimeout,
  UnusableMatch,
  WaitCancelled,
  WaitNotFound,
} from './errors/pending.error.js';
export type { SettledOutcome } from './errors/pending.error.js';
export { FatalError, RetryAfter } from './errors/retry.error.js';
export { NotSerializable, UnknownStoredKind } from './errors/serialization.error.js';
export {
  InvalidInput,
  KeyConflict,
  StartKeyHeld,
  ResultBeforeCommit,
  RootManagerRefused,
  StartExpired,
  TransactionNotActive,
} from './errors/start.error.js';
export { NotPlainObject, StepTimeout, WaitInTransaction } from './errors/step.error.js';
export { InvalidAnswer, InvalidEvent } from './errors/wait.error.js';
export { EngineStopped, LeaseLost } from './errors/worker.error.js';
export type { ErrorContext } from './errors/durable.error.js';
export type { InvalidField } from './errors/start.error.js';
