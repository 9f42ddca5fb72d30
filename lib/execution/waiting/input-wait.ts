import { isName, isOneOf, isOptions, type OptionCheck } from '../../definition/option.checks.js';
import { InvalidArgument } from '../../errors/option.error.js';
import { InputTimeout } from '../../errors/pending.error.js';
import type { Question } from '../../intake/forms/question.js';
import { questionFaults, storableQuestion } from '../../intake/forms/question.checks.js';
import type { PendingInput } from '../../journal/records.js';
import { serializeError } from '../../serialization/serialized-error.js';
import { toMilliseconds } from '../../time/duration.js';
import type { ActiveExecution } from '../active-execution.js';
import type { InputAnswer, InputOptions } from './input-options.js';
import type { Letter } from './letter.js';
import { type CalledWait, waitPromise } from './perform-wait.js';
import { timedOutWith } from './timed-out.js';
import { checkWaitOptions, dueAtFrom } from './wait-options.js';
import type { Taken, WaitTerms } from './wait-terms.js';

function valueOnly({ value, isTimedOut }: CalledWait): unknown {
  return isTimedOut ? value : (value as InputAnswer).value;
}

const isAssignees: OptionCheck = (value) =>
  Array.isArray(value) && value.every((each) => isName(each) === undefined)
    ? undefined
    : 'a list of names, of at most 200 characters each';

const inputChecks = {
  metadata: () => undefined,
  assignees: isAssignees,
  onTimeout: isOneOf('resume', 'fail'),
};

/** One of the forms of a question, which gives the value of the answer alone. */
export function formPromise(
  fn: string,
  type: Question['type'],
  name: string,
  options: InputOptions,
): Promise<unknown> {
  const fault = !isOptions(options)
    ? `'${String(name)}' wants an object that says what is asked`
    : 'type' in options
      ? "'type' is for waitForInput()"
      : undefined;
  const question = { ...options, type } as Question & InputOptions;
  return waitPromise(
    fn,
    (execution) => {
      if (fault !== undefined) throw new InvalidArgument(fn, fault);
      return termsFor(execution, fn, name, question);
    },
    valueOnly,
  );
}

/** What is asked, and what is said about the asking. */
export function inputPromise(
  fn: string,
  name: string,
  options: Question & InputOptions,
  give: (wait: CalledWait) => unknown,
): Promise<unknown> {
  return waitPromise(fn, (execution) => termsFor(execution, fn, name, options), give);
}

function termsFor(
  { id, facts, services }: ActiveExecution,
  fn: string,
  name: string,
  given: Question & InputOptions,
): WaitTerms {
  if (isName(name) !== undefined) throw new InvalidArgument(fn, `the name of a question is ${isName(name)}`);
  if (!isOptions(given)) throw new InvalidArgument(fn, `'${name}' wants an object that says what is asked`);
  const { metadata, assignees, onTimeout, timeout, timeoutValue, ...question } = given;
  const options = {
    metadata,
    assignees,
    onTimeout,
    timeout,
    ...('timeoutValue' in given && { timeoutValue }),
  };
  checkWaitOptions(fn, options, inputChecks);
  const faults = questionFaults(`${fn} '${name}'`, question);
  if (onTimeout === 'fail' && timeout === undefined)
    faults.push("'onTimeout' is for a question with a 'timeout'");
  if (onTimeout === 'fail' && timeoutValue !== undefined)
    faults.push("'timeoutValue' is for onTimeout: 'resume'");
  if (faults.length > 0) throw new InvalidArgument(fn, faults.join('; '));
  const pending: PendingInput = {
    table: 'inputs',
    workflow: facts.definition.name,
    name,
    question: JSON.stringify(storableQuestion(question)),
    metadata: metadata === undefined ? null : services.serializer.stringify(metadata),
    assignees: [...new Set(assignees)],
  };
  return {
    fn,
    name,
    kind: 'input',
    hash: null,
    dueAtFrom: dueAtFrom({ timeout }),
    pending,
    // An answer names the question that it is for.
    collector: { offer: takeAnswer, lookAnew: () => undefined },
    expiry: () =>
      onTimeout === 'fail'
        ? {
            outcome: 'failed',
            error: serializeError(new InputTimeout(id, name, toMilliseconds(timeout ?? 0))),
          }
        : timedOutWith(timeoutValue, services.serializer),
  };
}

function takeAnswer({ type, id, payload }: Letter): Taken | undefined {
  return type === 'answer' ? { takes: [id], output: payload } : undefined;
}
