import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { INJECTABLE_WATERMARK } from '@nestjs/common/constants.js';
import { declareWorkflow } from '../definition/metadata.js';
import type { IfTakes } from '../definition/node-types.js';
import type { Pipeline } from '../definition/pipeline.js';
import type { Ctor, DataOf, InputOf, OutputOf } from '../definition/workflow-class.js';
import type { WorkflowOptions } from '../definition/workflow-definition.js';

/**
 * Marks a class as a workflow, and as injectable. Add it to the `providers` of any module, and start it with
 * `DurableClient`.
 *
 * ```ts
 * @Workflow({ name: 'process_order', version: 1, queue: 'orders', timeout: hours(2) })
 * export class OrderWorkflow extends Pipeline<OrderInput, OrderData> { … }
 * ```
 *
 * @publicApi
 */
export function Workflow<Input extends object = never, const Output extends string = never>(
  options: WorkflowOptions<Input, Output> = {},
) {
  return <Class extends Ctor>(target: Class & CheckWorkflow<Input, Output, InstanceOf<Class>>): void => {
    declareWorkflow(target, options);
    // A scope that the user gave stays to be seen, and refused, at boot.
    if (!Reflect.hasOwnMetadata(INJECTABLE_WATERMARK, target)) Injectable()(target);
  };
}

type InstanceOf<Class> = Class extends abstract new (...args: never[]) => infer Instance ? Instance : never;

/** What is wrong with a workflow, as a sentence for the compiler to show, or `unknown`. */
type CheckWorkflow<Input, Output extends string, Instance> = FirstFault<
  [CheckStyle<Instance>, CheckInput<Input, Instance>, CheckOutput<Output, Instance>]
>;

// Two sentences at once would make `never`, of which the compiler says nothing.
type FirstFault<Checks extends readonly unknown[]> = Checks extends [infer Check, ...infer Rest]
  ? unknown extends Check
    ? FirstFault<Rest>
    : Check
  : unknown;

type CheckStyle<Instance> = [InputOf<Instance>] extends [never]
  ? 'A workflow extends Pipeline, or marks its method run with @Run()'
  : unknown;

type CheckInput<Input, Instance> = [Input] extends [never]
  ? unknown
  : [Input] extends [InputOf<Instance>]
    ? unknown
    : 'The class in `input` does not fit the input of the workflow';

type CheckOutput<Name extends string, Instance> =
  Instance extends Pipeline<infer _Input, infer _Data, infer _Output>
    ? [Name] extends [never]
      ? [DataOf<Instance>] extends [OutputOf<Instance>]
        ? unknown
        : 'Output is not Data: name the method that makes it in `output`'
      : Instance extends { readonly [Key in Name]: (data: infer Parameter) => infer Returned }
        ? [Awaited<Returned>] extends [OutputOf<Instance>]
          ? IfTakes<
              InputOf<Instance>,
              DataOf<Instance>,
              Parameter,
              unknown,
              'The method in `output` takes Data, the input, or a part of them'
            >
          : 'The method in `output` does not return the Output of the workflow'
        : `There is no method '${Name}' that takes data`
    : [Name] extends [never]
      ? unknown
      : 'Only a Pipeline has `output`: a run method returns its output';
