import type { BranchClauses, BranchOptions } from '../definition/block-definition.js';
import type { IfAsks, IfBlock, IfHandedOn, NamesIn } from '../definition/block-types.js';
import type { IsAny } from '../definition/node-types.js';
import type { Method } from '../definition/workflow-class.js';
import { makeBlock } from './block-method.js';

/**
 * Marks a method of a `Pipeline` as a choice: what it returns is the key of the clause that runs. `default` takes
 * every answer without a clause, and `null` and `undefined`. The answer is recorded, so that an execution that is
 * resumed goes the same way.
 *
 * ```ts
 * @Branch({ digital: 'sendLicence', physical: ['createShipment', 'notifyWarehouse'], default: 'manualReview' })
 * byKind(data: OrderData) {
 *   return data.kind;
 * }
 *
 * @Step({ in: 'byKind' })
 * async sendLicence(data: OrderData) { … }
 * ```
 *
 * @publicApi
 */
export function Branch<const Clauses extends BranchClauses, const In extends string = never>(
  clauses: Clauses,
  options: BranchOptions<In> = {},
) {
  return <Target extends object, const Key extends string | symbol, Body extends Method>(
    target: Target,
    key: Key,
    descriptor: { value?: Body } & CheckBranch<Target, Key, Body, Clauses, In>,
  ): void => makeBlock(target, key, descriptor, { kind: 'branch', clauses, options });
}

/** What is wrong with a branch, as a sentence for the compiler to show, or `unknown`. */
type CheckBranch<Target, Key, Body, Clauses extends BranchClauses, In extends string> = IfBlock<
  Target,
  Key,
  ChildrenOf<Clauses> | In,
  IfAsks<
    Target,
    Body,
    In,
    IfHandedOn<Target, Body, ChildrenOf<Clauses>, In, CheckAnswers<AnswersOf<Body>, Clauses>>
  >
>;

type ChildrenOf<Clauses extends BranchClauses> = NamesIn<Clauses[keyof Clauses]>;

type AnswersOf<Body> = Body extends (...args: never[]) => infer Returned ? Awaited<Returned> : never;

type CheckAnswers<Answers, Clauses> =
  IsAny<Answers> extends true
    ? unknown
    : [Exclude<Answers, string | number | boolean | Nothing>] extends [never]
      ? 'default' extends keyof Clauses
        ? CheckClauses<Answers, Clauses>
        : [Extract<Answers, Nothing>] extends [never]
          ? [WithoutClause<KeyOf<Answers>, ClauseOf<Clauses>>] extends [never]
            ? CheckClauses<Answers, Clauses>
            : `No clause for '${WithoutClause<KeyOf<Answers>, ClauseOf<Clauses>>}': add one, or a default`
          : 'The method may return nothing: add a default'
      : 'The method of a @Branch returns the key of a clause: a text, a number or a boolean';

type CheckClauses<Answers, Clauses> = [Exclude<ClauseOf<Clauses>, KeyOf<Answers>>] extends [never]
  ? unknown
  : `'${Exclude<ClauseOf<Clauses>, KeyOf<Answers>>}' is an answer that the method never returns`;

type Nothing = null | undefined | void;

/** Answers as keys: `true` becomes `'true'`, an enum its values. */
type KeyOf<Answers> = `${Extract<Answers, string | number | boolean>}`;

/** Clauses that are known at run time only stand for any answer. */
type ClauseOf<Clauses> = string extends keyof Clauses
  ? never
  : Exclude<`${keyof Clauses & (string | number)}`, 'default'>;

/** Of `string`, `number` and patterns nobody can list all keys: an answer without a clause is an error at run time. */
type WithoutClause<Answer extends string, Clause> = Answer extends Clause
  ? never
  : Record<symbol, unknown> extends Record<Answer, unknown>
    ? never
    : Answer;
