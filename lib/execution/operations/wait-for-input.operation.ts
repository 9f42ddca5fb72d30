import type { AnswersOf, Choice, ChoiceOf, FormFields, Question } from '../../intake/forms/question.js';
import type { Answered, InputAnswer, InputOptions, QuestionOf, Resumed } from '../waiting/input-options.js';
import { formPromise, inputPromise } from '../waiting/input-wait.js';

type ValueOfQuestion<Asked> = Asked extends { readonly type: 'approval' }
  ? 'approved' | 'rejected'
  : Asked extends { readonly type: 'text' }
    ? string
    : Asked extends { readonly type: 'form'; readonly fields: infer Fields extends FormFields }
      ? AnswersOf<Fields>
      : Asked extends { readonly type: 'choice'; readonly choices: infer Choices extends readonly Choice[] }
        ? ChoiceOf<Choices>
        : Asked extends {
              readonly type: 'choices';
              readonly choices: infer Choices extends readonly Choice[];
            }
          ? ChoiceOf<Choices>[]
          : unknown;

/**
 * Asks people something, and waits for the first valid answer: with who gave it, when, and their comment.
 *
 * ```ts
 * const answer = await waitForInput('equipment', { type: 'choices', prompt: 'What do you need?', choices: ['laptop', 'screen'] });
 * ```
 *
 * @param name what `client.provideInput()` calls it by
 * @throws NotInWorkflow, InvalidArgument, WaitInTransaction; WaitCancelled where somebody cancelled the wait;
 * InputTimeout with `onTimeout: 'fail'`
 * @publicApi
 */
export function waitForInput<const Asked extends Question>(
  name: string,
  options: Answered<Asked & InputOptions>,
): Promise<InputAnswer<ValueOfQuestion<Asked>>>;
export function waitForInput<const Asked extends Question, const TimeoutValue>(
  name: string,
  options: Resumed<Asked & InputOptions<TimeoutValue>> & { timeoutValue: TimeoutValue },
): Promise<InputAnswer<ValueOfQuestion<Asked>> | TimeoutValue>;
export function waitForInput<const Asked extends Question>(
  name: string,
  options: Resumed<Asked & InputOptions>,
): Promise<InputAnswer<ValueOfQuestion<Asked>> | undefined>;
export function waitForInput(name: string, options: Question & InputOptions): Promise<unknown> {
  return inputPromise('waitForInput()', name, options, ({ value }) => value);
}

/**
 * Asks people for a yes or no.
 *
 * ```ts
 * const ok = await waitForApproval('manager', { prompt, assignees: ['ann'], timeout: days(3), timeoutValue: 'auto_rejected' });
 * // 'approved' | 'rejected' | 'auto_rejected'
 * ```
 *
 * @throws as `waitForInput()`
 * @publicApi
 */
export function waitForApproval(
  name: string,
  options?: Answered<QuestionOf<'approval'> & InputOptions>,
): Promise<'approved' | 'rejected'>;
export function waitForApproval<const TimeoutValue>(
  name: string,
  options: Resumed<QuestionOf<'approval'> & InputOptions<TimeoutValue>> & { timeoutValue: TimeoutValue },
): Promise<'approved' | 'rejected' | TimeoutValue>;
export function waitForApproval(
  name: string,
  options: Resumed<QuestionOf<'approval'> & InputOptions>,
): Promise<'approved' | 'rejected' | undefined>;
export function waitForApproval(
  name: string,
  options: QuestionOf<'approval'> & InputOptions = {},
): Promise<unknown> {
  return formPromise('waitForApproval()', 'approval', name, options);
}

/**
 * Asks people to choose one of several.
 *
 * @throws as `waitForInput()`
 * @publicApi
 */
export function waitForChoice<const Choices extends readonly Choice[]>(
  name: string,
  options: Answered<{ choices: Choices } & QuestionOf<'choice'> & InputOptions>,
): Promise<ChoiceOf<Choices>>;
export function waitForChoice<const Choices extends readonly Choice[], const TimeoutValue>(
  name: string,
  options: Resumed<{ choices: Choices } & QuestionOf<'choice'> & InputOptions<TimeoutValue>> & {
    timeoutValue: TimeoutValue;
  },
): Promise<ChoiceOf<Choices> | TimeoutValue>;
export function waitForChoice<const Choices extends readonly Choice[]>(
  name: string,
  options: Resumed<{ choices: Choices } & QuestionOf<'choice'> & InputOptions>,
): Promise<ChoiceOf<Choices> | undefined>;
export function waitForChoice(name: string, options: QuestionOf<'choice'> & InputOptions): Promise<unknown> {
  return formPromise('waitForChoice()', 'choice', name, options);
}

/**
 * Asks people for any number of several.
 *
 * @throws as `waitForInput()`
 * @publicApi
 */
export function waitForChoices<const Choices extends readonly Choice[]>(
  name: string,
  options: Answered<{ choices: Choices } & QuestionOf<'choices'> & InputOptions>,
): Promise<ChoiceOf<Choices>[]>;
export function waitForChoices<const Choices extends readonly Choice[], const TimeoutValue>(
  name: string,
  options: Resumed<{ choices: Choices } & QuestionOf<'choices'> & InputOptions<TimeoutValue>> & {
    timeoutValue: TimeoutValue;
  },
): Promise<ChoiceOf<Choices>[] | TimeoutValue>;
export function waitForChoices<const Choices extends readonly Choice[]>(
  name: string,
  options: Resumed<{ choices: Choices } & QuestionOf<'choices'> & InputOptions>,
): Promise<ChoiceOf<Choices>[] | undefined>;
export function waitForChoices(
  name: string,
  options: QuestionOf<'choices'> & InputOptions,
): Promise<unknown> {
  return formPromise('waitForChoices()', 'choices', name, options);
}

/**
 * Asks people for a text.
 *
 * @throws as `waitForInput()`
 * @publicApi
 */
export function waitForText(
  name: string,
  options?: Answered<QuestionOf<'text'> & InputOptions>,
): Promise<string>;
export function waitForText<const TimeoutValue>(
  name: string,
  options: Resumed<QuestionOf<'text'> & InputOptions<TimeoutValue>> & { timeoutValue: TimeoutValue },
): Promise<string | TimeoutValue>;
export function waitForText(
  name: string,
  options: Resumed<QuestionOf<'text'> & InputOptions>,
): Promise<string | undefined>;
export function waitForText(name: string, options: QuestionOf<'text'> & InputOptions = {}): Promise<unknown> {
  return formPromise('waitForText()', 'text', name, options);
}

/**
 * Asks people to fill in a form.
 *
 * ```ts
 * const equipment = await waitForForm('equipment', {
 *   fields: { laptop: { type: 'select', choices: ['light', 'large'], required: true }, note: { type: 'text' } },
 * });   // { laptop: 'light' | 'large'; note?: string }
 * ```
 *
 * @throws as `waitForInput()`
 * @publicApi
 */
export function waitForForm<const Fields extends FormFields>(
  name: string,
  options: Answered<{ fields: Fields } & QuestionOf<'form'> & InputOptions>,
): Promise<AnswersOf<Fields>>;
export function waitForForm<const Fields extends FormFields, const TimeoutValue>(
  name: string,
  options: Resumed<{ fields: Fields } & QuestionOf<'form'> & InputOptions<TimeoutValue>> & {
    timeoutValue: TimeoutValue;
  },
): Promise<AnswersOf<Fields> | TimeoutValue>;
export function waitForForm<const Fields extends FormFields>(
  name: string,
  options: Resumed<{ fields: Fields } & QuestionOf<'form'> & InputOptions>,
): Promise<AnswersOf<Fields> | undefined>;
export function waitForForm(name: string, options: QuestionOf<'form'> & InputOptions): Promise<unknown> {
  return formPromise('waitForForm()', 'form', name, options);
}
