import { declareRun } from '../definition/metadata.js';
import type { Pipeline } from '../definition/pipeline.js';
import type { Method } from '../definition/workflow-class.js';

/**
 * Marks the method `run` of a workflow that is written as one function: any control flow, with calls of the class's
 * own steps and of the steps of its providers.
 *
 * ```ts
 * @Workflow()
 * export class Onboarding {
 *   constructor(private readonly mail: Mail) {}
 *
 *   @Run()
 *   async run(input: { userId: string }) {
 *     const account = await this.createAccount(input.userId);
 *     await this.mail.welcome(account.email);
 *     return account;
 *   }
 *
 *   @Step()
 *   async createAccount(userId: string) { … }
 * }
 * ```
 *
 * @publicApi
 */
export function Run() {
  return <Target extends object, const Key extends string | symbol, Body extends Method>(
    target: Target,
    key: Key,
    _descriptor: { value?: Body } & CheckRun<Target, Key, Body>,
  ): void => declareRun(target, key);
}

type CheckRun<Target, Key, Body> =
  Target extends Pipeline<infer _Input, infer _Data, infer _Output>
    ? 'A Pipeline has no run method: its nodes run in the order of their declaration'
    : Key extends 'run'
      ? Body extends (input: never) => Promise<unknown>
        ? unknown
        : 'A run method is async and takes one parameter, the input'
      : "@Run() belongs on the method 'run'";
