import {
  LoopLimitReached,
  NoBranchMatched,
  SameKeyTwice,
  SiblingFailed,
  UndeclaredTarget,
  UnusableAnswer,
} from './block.error.js';
import { AlreadyCompensating, CompensationFailed, StepOutcomeUnknown } from './compensation.error.js';
import {
  DatabaseUnavailable,
  EmbeddedInProduction,
  EmbeddedInUse,
  EmbeddedUnavailable,
  MigrationsPending,
} from './database.error.js';
import {
  DuplicateWorkflow,
  InvalidDefinition,
  RequestScopedWorkflow,
  TransactionalStepUnavailable,
  WorkflowNotRegistered,
} from './definition.error.js';
import type { DurableError } from './durable.error.js';
import {
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
} from './execution.error.js';
import { InvalidArgument, InvalidDuration, InvalidOptions } from './option.error.js';
import {
  AmbiguousWait,
  BroadcastHeld,
  EventKeyHeld,
  InputSettled,
  InputTimeout,
  UnusableMatch,
  WaitCancelled,
  WaitNotFound,
} from './pending.error.js';
import { FatalError, RetryAfter } from './retry.error.js';
import { NotSerializable, UnknownStoredKind } from './serialization.error.js';
import {
  InvalidInput,
  KeyConflict,
  StartKeyHeld,
  ResultBeforeCommit,
  RootManagerRefused,
  StartExpired,
  TransactionNotActive,
} from './start.error.js';
import { NotPlainObject, StepTimeout, WaitInTransaction } from './step.error.js';
import { InvalidAnswer, InvalidEvent } from './wait.error.js';
import { EngineStopped, LeaseLost } from './worker.error.js';

type DurableErrorClass<Code = string> = new (...args: never[]) => DurableError & { readonly code: Code };

const table = {
  DURABLE_ALREADY_COMPENSATING: AlreadyCompensating,
  DURABLE_AMBIGUOUS_WAIT: AmbiguousWait,
  DURABLE_BROADCAST_HELD: BroadcastHeld,
  DURABLE_COMPENSATION_FAILED: CompensationFailed,
  DURABLE_DATABASE_UNAVAILABLE: DatabaseUnavailable,
  DURABLE_DUPLICATE_WORKFLOW: DuplicateWorkflow,
  DURABLE_EMBEDDED_IN_PRODUCTION: EmbeddedInProduction,
  DURABLE_EMBEDDED_IN_USE: EmbeddedInUse,
  DURABLE_EMBEDDED_UNAVAILABLE: EmbeddedUnavailable,
  DURABLE_ENGINE_STOPPED: EngineStopped,
  DURABLE_EVENT_KEY_HELD: EventKeyHeld,
  DURABLE_EXECUTION_CANCELLED: ExecutionCancelled,
  DURABLE_EXECUTION_FAILED: ExecutionFailed,
  DURABLE_EXECUTION_FINISHED: ExecutionFinished,
  DURABLE_EXECUTION_NOT_FINISHED: ExecutionNotFinished,
  DURABLE_EXECUTION_NOT_FOUND: ExecutionNotFound,
  DURABLE_FATAL: FatalError,
  DURABLE_INPUT_SETTLED: InputSettled,
  DURABLE_INPUT_TIMEOUT: InputTimeout,
  DURABLE_INVALID_ANSWER: InvalidAnswer,
  DURABLE_INVALID_ARGUMENT: InvalidArgument,
  DURABLE_INVALID_CURSOR: InvalidCursor,
  DURABLE_INVALID_DEFINITION: InvalidDefinition,
  DURABLE_INVALID_DURATION: InvalidDuration,
  DURABLE_INVALID_EVENT: InvalidEvent,
  DURABLE_INVALID_INPUT: InvalidInput,
  DURABLE_INVALID_OPTIONS: InvalidOptions,
  DURABLE_KEY_CONFLICT: KeyConflict,
  DURABLE_START_KEY_HELD: StartKeyHeld,
  DURABLE_LEASE_LOST: LeaseLost,
  DURABLE_LOOP_LIMIT_REACHED: LoopLimitReached,
  DURABLE_MIGRATIONS_PENDING: MigrationsPending,
  DURABLE_NO_BRANCH_MATCHED: NoBranchMatched,
  DURABLE_NOT_IN_WORKFLOW: NotInWorkflow,
  DURABLE_NOT_PLAIN_OBJECT: NotPlainObject,
  DURABLE_NOT_SERIALIZABLE: NotSerializable,
  DURABLE_RECORD_REFUSED: RecordRefused,
  DURABLE_REPLAY_DIVERGENCE: ReplayDivergence,
  DURABLE_REQUEST_SCOPED_WORKFLOW: RequestScopedWorkflow,
  DURABLE_RESULT_BEFORE_COMMIT: ResultBeforeCommit,
  DURABLE_RESULT_TIMEOUT: ResultTimeout,
  DURABLE_RETRY_AFTER: RetryAfter,
  DURABLE_ROOT_MANAGER_REFUSED: RootManagerRefused,
  DURABLE_SAME_KEY_TWICE: SameKeyTwice,
  DURABLE_SIBLING_FAILED: SiblingFailed,
  DURABLE_STEP_OUTCOME_UNKNOWN: StepOutcomeUnknown,
  DURABLE_START_EXPIRED: StartExpired,
  DURABLE_STEP_TIMEOUT: StepTimeout,
  DURABLE_TRANSACTIONAL_STEP_UNAVAILABLE: TransactionalStepUnavailable,
  DURABLE_TRANSACTION_NOT_ACTIVE: TransactionNotActive,
  DURABLE_UNDECLARED_TARGET: UndeclaredTarget,
  DURABLE_UNKNOWN_STORED_KIND: UnknownStoredKind,
  DURABLE_UNUSABLE_ANSWER: UnusableAnswer,
  DURABLE_UNUSABLE_MATCH: UnusableMatch,
  DURABLE_WAIT_CANCELLED: WaitCancelled,
  DURABLE_WAIT_IN_TRANSACTION: WaitInTransaction,
  DURABLE_WAIT_NOT_FOUND: WaitNotFound,
  DURABLE_WORKER_LOST_REPEATEDLY: WorkerLostRepeatedly,
  DURABLE_WORKFLOW_NOT_REGISTERED: WorkflowNotRegistered,
  DURABLE_WORKFLOW_TIMEOUT: WorkflowTimeout,
} as const;

/** The compiler refuses a line of the table whose class has another code. */
type EachUnderItsCode<Table> = { [Code in keyof Table]: DurableErrorClass<Code> };
table satisfies EachUnderItsCode<typeof table>;

/** Every error of the engine under its code: this is how one that was stored finds its class again. */
export const durableErrorsByCode: ReadonlyMap<string, DurableErrorClass> = new Map(Object.entries(table));

/**
 * The error that was stored, as an instance of its class, or `undefined` if no class has the code. The
 * class's constructor is not run: its sentences were written when the error was thrown, and stay.
 */
export function reviveDurableError(
  message: string,
  details: Readonly<Record<string, unknown>>,
  cause?: unknown,
): DurableError | undefined {
  const classRef = typeof details['code'] === 'string' ? durableErrorsByCode.get(details['code']) : undefined;
  if (classRef === undefined) return undefined;
  const options = cause === undefined ? undefined : { cause };
  const error = Reflect.construct(Error, [message, options], classRef) as DurableError;
  for (const [key, value] of Object.entries(details)) {
    // Defined rather than assigned: `name` is an accessor, and `__proto__` must stay an ordinary key.
    Object.defineProperty(error, key, { value, configurable: true, enumerable: true, writable: true });
  }
  return error;
}
