import type { Goto } from './goto.js';
import type { Method } from './workflow-class.js';

/**
 * What a step may return: keys of `Data`, where `undefined` removes one.
 *
 * @publicApi
 */
export type Additions<Data> = { [Key in keyof Data]?: Data[Key] | undefined };

declare const UNCHECKED: unique symbol;

/**
 * The return type of a step whose additions the compiler does not compare with `Data`. Abstract bases that are
 * generic in `Data` need it, because nothing is known of `Data` there:
 *
 * ```ts
 * abstract class Audited<Data extends { auditedAt: Date }> extends Pipeline<Order, Data> {
 *   @Step()
 *   audit(): UncheckedAdditions {
 *     return { auditedAt: now() };
 *   }
 * }
 * ```
 *
 * @publicApi
 */
export interface UncheckedAdditions {
  readonly [key: string]: unknown;
  readonly [UNCHECKED]?: true;
}

/** What is wrong with what a step, or whatever `What` says, returns: a sentence, or `Verdict`. */
export type CheckAdditions<Returned, Data, What extends string = 'A step', Verdict = unknown> = [
  ToBeChecked<Returned>,
] extends [never]
  ? Verdict
  : [Exclude<Returned, object | void | undefined>] extends [never]
    ? [Extract<Returned, NotPlain>] extends [never]
      ? [Surplus<Returned, Data>] extends [never]
        ? [Returned] extends [Additions<Data> | void | undefined]
          ? Verdict
          : `${What} returns additions to Data, or nothing: the type of a key differs`
        : `'${Surplus<Returned, Data>}' is not a key of Data`
      : `${What} returns additions to Data, a plain object, or nothing`
    : `${What} returns additions to Data, a plain object, or nothing`;

type ToBeChecked<Returned> =
  IsAny<Returned> extends true
    ? never
    : Returned extends void | undefined
      ? never
      : typeof UNCHECKED extends keyof Returned
        ? never
        : Returned;

export type IsAny<Type> = 0 extends 1 & Type ? true : false;

type NotPlain =
  readonly unknown[] | Method | Date | Goto | ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>;

type Surplus<Returned, Data> = Returned extends object ? Exclude<keyof Returned, keyof Data> & string : never;

/**
 * `Verdict` if a node of a pipeline with these types can be given what `Parameter` asks for, else `Sentence`. Written
 * as a chain of plain conditions, because only those can be decided where `Data` is a type parameter.
 */
export type IfTakes<Input, Data, Parameter, Verdict, Sentence> = [Data] extends [Parameter]
  ? Verdict
  : [Input] extends [Parameter]
    ? Verdict
    : [Input & Data] extends [Parameter]
      ? Verdict
      : [Data, object] extends [void, Parameter]
        ? Verdict
        : Sentence;

/** What a method takes first, `unknown` where it takes nothing. */
export type FirstParameter<Body> = Body extends (first: infer Parameter, ...rest: never[]) => unknown
  ? Parameter
  : never;
