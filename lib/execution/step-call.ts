import { Logger } from '@nestjs/common';
import type { StepDefinition } from '../definition/step-definition.js';
import { undosOf } from '../definition/undos.js';
import type { ClassRef, Method } from '../definition/workflow-class.js';
import { hash32 } from '../identity/hash.js';
import { copyOf } from '../serialization/copy.js';
import type { Serializer } from '../serialization/serializer.js';
import { currentContext, isAfterTheEnd, type OperationContext } from './operation-context.js';
import { performStep } from './operations/step.operation.js';
import type { UndoRequest } from './saga/undo-request.js';

/** A call of a method that is marked as a step. */
export interface StepCall {
  readonly step: StepDefinition;
  /** The class that declares the step. */
  readonly owner: abstract new (...args: never[]) => unknown;
  readonly self: object;
  /** The method as it was written. */
  readonly body: Method;
  readonly args: readonly never[];
}

/** Inside an execution a durable operation, outside an ordinary call. */
export function callStep({ step, owner, self, body, args }: StepCall): unknown {
  const run = (): unknown => body.apply(self, [...args]);
  const context = currentContext();
  if (context === undefined) {
    if (isAfterTheEnd()) warnAfterTheEnd(owner.name, step.name);
    return run();
  }
  if (context.isVain) return new Promise(() => undefined);
  const { execution } = context;
  const operation = performStep(execution, context.scope, {
    kind: 'step',
    // The steps of other providers carry their class's name, so that two classes may use the same word.
    name: self === execution.facts.definition.instance ? step.name : `${owner.name}.${step.name}`,
    retry: step.retry,
    timeout: step.timeout,
    transactional: step.transactional,
    hash: hashOf(args, execution.services.serializer),
    body: run,
    undo: undoOf(context, { step, self, args }),
  });
  return operation.promise;
}

/** A step that is called inside another one is a part of that: what undoes the outer one answers for both. */
function undoOf(
  { body, execution }: OperationContext,
  { step, self, args }: Pick<StepCall, 'step' | 'self' | 'args'>,
): UndoRequest | undefined {
  if (body !== undefined) return undefined;
  const undo = undosOf(self.constructor as ClassRef).get(step.method);
  if (undo === undefined) return undefined;
  // As they were at the call, in this process and in any that replays it.
  const told = kept(args, execution.services.serializer);
  return {
    name: undo.method,
    retry: undo.retry,
    timeout: undo.timeout,
    run: (result) => undo.body.apply(self, [{ result, step: step.name }, ...told] as never[]),
  };
}

/** Arguments need not be serializable; those that are not are handed on as they are. */
function kept(args: readonly unknown[], serializer: Serializer): readonly unknown[] {
  try {
    return copyOf(args, serializer) as unknown[];
  } catch {
    return args;
  }
}

/** Arguments need not be serializable; those that are not are not compared. */
function hashOf(args: readonly unknown[], serializer: Serializer): number | null {
  if (args.length === 0) return null;
  try {
    return hash32(serializer.stringify(args));
  } catch {
    return null;
  }
}

function warnAfterTheEnd(className: string, step: string): void {
  new Logger('DurableExecution').warn(
    `${className}.${step}() was called by code of an execution that has already ended, so it ran as an ordinary call. ` +
      'Await it before the workflow returns.',
  );
}
