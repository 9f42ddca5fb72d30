import type { Question } from '../../intake/forms/question.js';
import type { Limited, TimeoutOptions } from './wait-options.js';

/** @publicApi */
export interface InputOptions<TimeoutValue = unknown> extends TimeoutOptions<TimeoutValue> {
  /** Whatever is of use to those who show the question: it comes with it in `listPendingInputs()`. */
  metadata?: unknown;
  /** Who is asked, for the filter of `listPendingInputs()`. Who may answer is the application's to say. */
  assignees?: readonly string[] | undefined;
  /**
   * Whether the code goes on with the `timeoutValue` when the time is up, or gets an InputTimeout.
   *
   * @default 'resume'
   */
  onTimeout?: 'resume' | 'fail' | undefined;
}

/**
 * What somebody answered.
 *
 * @publicApi
 */
export interface InputAnswer<Value = unknown> {
  readonly value: Value;
  readonly comment: string | undefined;
  /** Who answered, as the application said. */
  readonly by: string | undefined;
  readonly at: Date;
}

/** What is asked, where the function says of which type it is. */
export type QuestionOf<Type extends Question['type']> = Omit<
  Extract<Question, { readonly type: Type }>,
  'type'
>;

/** Options with which there is always an answer, or an error. */
export type Answered<Options> = Options & { timeoutValue?: undefined } & (
    | { timeout?: undefined; onTimeout?: 'resume' | undefined }
    | { timeout: NonNullable<TimeoutOptions['timeout']>; onTimeout: 'fail' }
  );
/** Options with which the code goes on without an answer when the time is up. */
export type Resumed<Options> = Limited<Options> & { onTimeout?: 'resume' };
