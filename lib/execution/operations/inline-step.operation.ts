import { InvalidArgument } from '../../errors/option.error.js';
import { type InlineStepOptions, resolveInlineStep } from '../../definition/inline-step.js';
import { defaultRetry } from '../../definition/step-resolver.js';
import { isStorableText } from '../../intake/text.checks.js';
import { contextFor, operationPromise } from '../operation-context.js';
import { performStep } from './step.operation.js';

/**
 * A checkpoint in the middle of code: runs `body` once and records what it returned, so that neither a restart
 * nor another attempt of the step around it runs it again.
 *
 * ```ts
 * const fx = await step('fetch-rate', () => this.fx.rate('EUR'));
 * const pdf = await step('render', { retry: { maxAttempts: 5 }, timeout: '2m' }, () => this.render(fx));
 * const seat = await step('hold-seat', { compensate: ({ result }) => this.seats.free(result.id) }, () => this.seats.hold(trip));
 * ```
 *
 * @publicApi
 */
export function step<Result>(name: string, body: () => Result | Promise<Result>): Promise<Result>;
export function step<Result>(
  name: string,
  options: InlineStepOptions<Result>,
  body: () => Result | Promise<Result>,
): Promise<Result>;
export function step<Result>(
  name: string,
  optionsOrBody: InlineStepOptions<Result> | (() => Result | Promise<Result>),
  bodyOrNothing?: () => Result | Promise<Result>,
): Promise<Result> {
  return operationPromise(() => callInlineStep(name, optionsOrBody, bodyOrNothing));
}

async function callInlineStep<Result>(
  name: string,
  optionsOrBody: InlineStepOptions<Result> | (() => Result | Promise<Result>),
  bodyOrNothing?: () => Result | Promise<Result>,
): Promise<Result> {
  const context = contextFor('step()');
  const body = typeof optionsOrBody === 'function' ? optionsOrBody : bodyOrNothing;
  const options = typeof optionsOrBody === 'function' ? undefined : optionsOrBody;
  if (!isStorableText(name) || name === '') {
    throw new InvalidArgument('step()', 'wants a name first, without NUL and lone surrogates');
  }
  if (typeof body !== 'function') throw new InvalidArgument('step()', `'${name}' wants a function last`);
  if (context.isVain) return await new Promise<Result>(() => undefined);
  const { retry, timeout, compensate } = resolveInlineStep(name, options, body);
  if (compensate !== undefined && context.body !== undefined) {
    throw new InvalidArgument(
      'step()',
      `'${name}' has 'compensate' inside the step '${context.body.step}': give that one an undo with @Compensate(), it answers for all that it does`,
    );
  }
  const result = await performStep(context.execution, context.scope, {
    kind: 'step',
    name,
    retry,
    timeout,
    transactional: false,
    hash: null,
    body,
    undo: compensate && {
      name,
      retry: defaultRetry,
      run: (undone) => compensate({ result: undone, step: name }),
    },
  }).promise;
  return result as Result;
}
