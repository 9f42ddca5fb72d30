import 'reflect-metadata';
import type { IfMethods, NodeMethod } from '../definition/block-types.js';
import { DeclaredStep } from '../definition/declared-step.js';
import { declareStep } from '../definition/metadata.js';
import type { CheckAdditions, FirstParameter, IfTakes } from '../definition/node-types.js';
import { Pipeline } from '../definition/pipeline.js';
import type { StepOptions } from '../definition/step-definition.js';
import type { ClassRef, Method } from '../definition/workflow-class.js';
import { InvalidDefinition } from '../errors/definition.error.js';
import { callStep } from '../execution/step-call.js';
import { decoratedMethod } from './decorated-method.js';

/**
 * Marks a method as a step: inside an execution its result is recorded and it never runs again once it is; outside
 * one, a call of it is an ordinary call.
 *
 * In a `Pipeline` it is a node that takes `data` (the input, `Data` or a part of it) and returns additions to it, or
 * nothing. In any other class, workflow or provider, it takes and returns what it likes, as a promise.
 *
 * Put it on top of other decorators that replace the method, so that they run as part of the step.
 *
 * ```ts
 * @Step({ retry: { maxAttempts: 5 }, timeout: minutes(2) })
 * async chargePayment(data: Pick<OrderData, 'id' | 'total'>) {
 *   const charge = await this.payments.charge(data.id, data.total);
 *   return { chargeId: charge.id };
 * }
 * ```
 *
 * @publicApi
 */
export function Step<const In extends string = never>(options: StepOptions<In> = {}) {
  return <Target extends object, const Key extends string | symbol, Body extends Method>(
    target: Target,
    key: Key,
    descriptor: { value?: Body } & CheckStep<Target, Key, Body, In>,
  ): void => makeStep(target, key, descriptor, options);
}

/** What is wrong with a step, as a sentence for the compiler to show, or `unknown`. */
type CheckStep<Target, Key, Body, In extends string> = Target extends ClassRef
  ? 'A step is a method of an instance, not a static one'
  : Key extends symbol
    ? 'A step has a name, not a symbol'
    : Target extends Pipeline<infer Input, infer Data, infer _Output>
      ? IfMethods<Target, In, CheckPipelineStep<Input, Data, Body, In>>
      : [In] extends [never]
        ? Body extends (...args: never[]) => Promise<unknown>
          ? unknown
          : 'Outside a Pipeline a step is async: the recorded call returns a promise'
        : 'Only a Pipeline has blocks for a step to be in';

type CheckPipelineStep<Input, Data, Body, In extends string> =
  Body extends NodeMethod<In>
    ? IfTakes<
        Input,
        Data,
        FirstParameter<Body>,
        CheckAdditions<ReturnOf<Body>, Mergeable<Body, Data>>,
        'A step takes Data, the input, or a part of them'
      >
    : [In] extends [never]
      ? 'A step of a Pipeline takes one parameter, data'
      : 'A step in a block takes data, and inside a @ForEach the item and its index';

/** What a step adds for an item stays with it, so that `Data` need not have its keys. */
type Mergeable<Body, Data> = Body extends (data: never) => unknown
  ? Data
  : Data & Record<Exclude<KeyOf<ReturnOf<Body>>, keyof Data>, unknown>;

type KeyOf<Returned> = Returned extends object ? keyof Returned : never;

type ReturnOf<Body> = Body extends (...args: never[]) => infer Returned ? Awaited<Returned> : never;

function makeStep(
  target: object,
  key: string | symbol,
  descriptor: { value?: Method } | undefined,
  options: StepOptions,
): void {
  const place = { decorator: '@Step()', what: 'a step' };
  const decorated = decoratedMethod(target, key, descriptor, place);
  if (decorated === undefined || descriptor === undefined) return;
  const { owner, method, body } = decorated;
  const wrapper = durable(body, () => step);
  const step = new DeclaredStep(owner, method, options, body, wrapper);
  declareStep(target, step);
  descriptor.value = wrapper;
}

/** The method that takes the place of `body`. It looks like it: its name, its length, its metadata. */
function durable(body: Method, declared: () => DeclaredStep): Method {
  const wrapper = function (this: object, ...args: never[]): unknown {
    const { definition, owner } = declared();
    const outcome = callStep({ step: definition, owner, self: this, body, args });
    if (!isPromise(outcome) && !(this instanceof Pipeline)) throw notAsync(owner, definition.method);
    return outcome;
  };
  for (const property of ['name', 'length'] as const) {
    Object.defineProperty(wrapper, property, { value: body[property], configurable: true });
  }
  for (const metadataKey of Reflect.getOwnMetadataKeys(body)) {
    Reflect.defineMetadata(metadataKey, Reflect.getOwnMetadata(metadataKey, body), wrapper);
  }
  return wrapper;
}

// The compiler sees it first; this is for calls from plain JavaScript and for types that lie.
function notAsync(owner: ClassRef, method: string): InvalidDefinition {
  return new InvalidDefinition(owner.name, [
    `'${method}' is a step outside a Pipeline and returned no promise: make it async`,
  ]);
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
