import type { Pipeline } from './pipeline.js';

export type Method = (...args: never[]) => unknown;

/** A class as decorators meet it: only its name, its prototype and its metadata are of interest. */
export type ClassRef = abstract new (...args: never[]) => object;

/** A class that can be made, of which only the instances matter. */
export type Ctor<Instance = object> = new (...args: never[]) => Instance;

/** @publicApi */
export type WorkflowClass<Workflow extends object = object> = Ctor<Workflow>;

/** What is known of a workflow that is started by its name: nothing. */
export interface UnknownWorkflow {
  run(input?: unknown): Promise<unknown>;
}

/**
 * What a workflow class takes: the `Input` of a `Pipeline`, or the parameter of `run`; `void` for nothing, `never`
 * where the class is no workflow.
 *
 * @publicApi
 */
export type InputOf<Workflow> =
  Workflow extends Pipeline<infer Input, infer _Data, infer _Output>
    ? Input
    : Workflow extends { run(...args: infer Parameters): unknown }
      ? FirstOf<Parameters>
      : never;

/**
 * What an execution of a workflow class returns.
 *
 * @publicApi
 */
export type OutputOf<Workflow> =
  Workflow extends Pipeline<infer _Input, infer _Data, infer Output>
    ? Output
    : Workflow extends { run(...args: never[]): infer Returned }
      ? Awaited<Returned>
      : never;

/**
 * What the nodes of a pipeline see.
 *
 * @publicApi
 */
export type DataOf<Workflow> =
  Workflow extends Pipeline<infer _Input, infer Data, infer _Output> ? Data : never;

/**
 * What the method `Name` of a class returns, awaited.
 *
 * @publicApi
 */
export type ResultOf<Workflow, Name extends keyof Workflow> = Workflow[Name] extends (
  ...args: never[]
) => infer Returned
  ? Awaited<Returned>
  : never;

/**
 * The arguments of a start after the class: the input, which may be left out where the workflow takes none, and
 * options.
 *
 * @publicApi
 */
export type StartArguments<Workflow, Options extends object> = [InputOf<Workflow>] extends [never]
  ? [
      input: 'This class is no workflow: it extends Pipeline, or marks its method run with @Run()',
      options?: Options,
    ]
  : undefined extends InputOf<Workflow>
    ? [input?: InputOf<Workflow>, options?: Options]
    : [input: InputOf<Workflow>, options?: Options];

type FirstOf<Parameters extends readonly unknown[]> = Parameters extends []
  ? void
  : Parameters extends [infer First, ...unknown[]]
    ? First
    : Parameters extends [(infer First)?, ...unknown[]]
      ? First | undefined
      : never;
