import {
  LoopLimitReached,
  NoBranchMatched,
  SameKeyTwice,
  SiblingFailed,
  UndeclaredTarget,
  UnusableAnswer,
} from '../../../lib/errors/block.error.js';
import {
  AlreadyCompensating,
  CompensationFailed,
  StepOutcomeUnknown,
} from '../../../lib/errors/compensation.error.js';
import {
  DatabaseUnavailable,
  EmbeddedInProduction,
  EmbeddedInUse,
  EmbeddedUnavailable,
  MigrationsPending,
} from '../../../lib/errors/database.error.js';
import {
  DuplicateWorkflow,
  InvalidDefinition,
  RequestScopedWorkflow,
  TransactionalStepUnavailable,
  WorkflowNotRegistered,
} from '../../../lib/errors/definition.error.js';
import type { DurableError } from '../../../lib/errors/durable.error.js';
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
} from '../../../lib/errors/execution.error.js';
import { InvalidArgument, InvalidDuration, InvalidOptions } from '../../../lib/errors/option.error.js';
import {
  AmbiguousWait,
  EventKeyHeld,
  InputSettled,
  InputTimeout,
  UnusableMatch,
  WaitCancelled,
  WaitNotFound,
} from '../../../lib/errors/pending.error.js';
import { FatalError, RetryAfter } from '../../../lib/errors/retry.error.js';
import { NotSerializable, UnknownStoredKind } from '../../../lib/errors/serialization.error.js';
import {
  InvalidInput,
  KeyConflict,
  ResultBeforeCommit,
  RootManagerRefused,
  StartExpired,
  TransactionNotActive,
} from '../../../lib/errors/start.error.js';
import { NotPlainObject, StepTimeout, WaitInTransaction } from '../../../lib/errors/step.error.js';
import { InvalidAnswer, InvalidEvent } from '../../../lib/errors/wait.error.js';
import { EngineStopped, LeaseLost } from '../../../lib/errors/worker.error.js';

const cause = new Error('because');

class OrderWorkflow {}

/** One of each class, and of each variant of its sentences. */
export const samples: readonly DurableError[] = [
  new AlreadyCompensating('e-1', 'cancel()'),
  new AmbiguousWait('e-1', 'manager', 'provideInput()', ['e-1.2', 'e-1.5']),
  new CompensationFailed('e-1', 'order_workflow', cause),
  new DatabaseUnavailable('postgres shop at db.example:5432', cause),
  new DatabaseUnavailable('postgres shop at db.example:5432'),
  new DuplicateWorkflow('order_workflow', 2, ['OrderWorkflow', 'NewOrderWorkflow']),
  new EmbeddedInProduction(),
  new EmbeddedInUse('./.durable', 4711),
  new EmbeddedUnavailable(cause),
  new EngineStopped('start()'),
  new EventKeyHeld('paid', 'delivery-1', 'e-1', cause),
  new EventKeyHeld('paid', 'delivery-1', undefined, cause),
  new ExecutionCancelled('e-1', 'the customer left'),
  new ExecutionCancelled('e-1'),
  new ExecutionFailed('e-1', 'order_workflow', cause),
  new ExecutionFinished('e-1', 'completed', 'cancel()'),
  new ExecutionNotFinished('e-1', 'running', 'retry()'),
  new ExecutionNotFound('e-1'),
  new FatalError('The card was refused', { cause }),
  new InputSettled('e-1', 'manager', 'answered', 'ann', '1970-01-01T00:00:00.000Z'),
  new InputSettled('e-1', 'manager', 'answered', undefined, '1970-01-01T00:00:00.000Z'),
  new InputSettled('e-1', 'manager', 'timed_out', undefined, '1970-01-01T00:00:00.000Z'),
  new InputSettled('e-1', 'manager', 'cancelled', undefined, undefined),
  new InputSettled('e-1', 'manager', 'withdrawn', undefined, undefined),
  new InputTimeout('e-1', 'manager', 500),
  new InvalidAnswer('e-1', 'equipment', [{ path: 'size', messages: ['is required'] }]),
  new InvalidAnswer('e-1', 'manager', [{ path: '$', messages: ['must be a text'] }]),
  new InvalidArgument('start()', 'the key is empty'),
  new InvalidCursor(),
  new InvalidDefinition('OrderWorkflow', ['no steps', 'a bad name']),
  new InvalidDuration('soon', 'the option `lease`'),
  new InvalidDuration(5n),
  new InvalidEvent('paid', [{ path: 'total', messages: ['must be a number'] }]),
  new InvalidEvent('paid', [{ path: '$', messages: ['must be an object'] }]),
  new InvalidInput('order_workflow', [{ path: 'items.0.price', messages: ['must be positive'] }]),
  new InvalidInput('order_workflow', [{ path: '', messages: ['must be an object'] }]),
  new InvalidOptions(['`lease` is not a duration', 'unknown option `leese`: `lease`?']),
  new KeyConflict('order_workflow', 'order-7', 'e-1'),
  new LeaseLost('17'),
  new LoopLimitReached('e-1', 'poll', 10),
  new MigrationsPending('durable', ['Initial1']),
  new NoBranchMatched('e-1', 'byKind', "'refund'", ['digital', 'physical']),
  new NotInWorkflow('sleep()'),
  new NotPlainObject('e-1', 'total', 'an array'),
  new NotSerializable('$.user.socket', 'an instance of Socket', { execution: 'e-1', step: 'load' }),
  new RecordRefused('e-1', cause),
  new ReplayDivergence('e-1', 'step "charge"', 'step "refund"'),
  new RequestScopedWorkflow('OrderWorkflow', 'it needs RequestUser, which is request-scoped'),
  new ResultBeforeCommit('e-1'),
  new ResultTimeout('e-1', 500),
  new RetryAfter('30s', { cause }),
  new RetryAfter(500, { message: 'busy' }),
  new RootManagerRefused('start()'),
  new SameKeyTwice('e-1', 'dash', 'total', ['loadSales', 'loadCosts']),
  new SiblingFailed('e-1', 'dash', cause),
  new StepOutcomeUnknown('e-1', 'charge'),
  new StartExpired('e-1'),
  new StepTimeout('e-1', 'charge', 2, 500),
  new TransactionNotActive('start()'),
  new TransactionNotActive('transaction()', { execution: 'e-1', step: 'charge' }),
  new TransactionalStepUnavailable('OrderWorkflow', 'charge'),
  new UndeclaredTarget('e-1', 'review', 'ship', ['approve', 'reject']),
  new UndeclaredTarget('e-1', 'review', 'ship', []),
  new UnknownStoredKind('money'),
  new UnusableMatch('e-1', 'paid', 'a promise'),
  new UnusableAnswer('e-1', 'mail', 'an array', 'a number'),
  new WaitCancelled('e-1', 'paid', 'not needed any more'),
  new WaitCancelled('e-1', 'paid', undefined),
  new WaitNotFound('e-1', 'paid', 'cancelWait()'),
  new WaitInTransaction('sleep()', 'charge'),
  new WorkerLostRepeatedly('e-1', 3),
  new WorkflowNotRegistered('order_workflow'),
  new WorkflowNotRegistered(OrderWorkflow),
  new WorkflowTimeout('e-1', 500),
];
