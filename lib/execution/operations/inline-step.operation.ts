import { InvalidArgument } from '../../errors/option.error.js';
import { type InlineStepOptions, resolveInlineStep } from '../../definition/inline-step.js';
import { isStorableText } from '../../intake/attributes.js';
import { contextFor, operationPromise } from '../operation-context.js';
import { performStep } from './step.operation.js';

/**
 * A checkpoint in the middle of code: runs `body` once and records what it returned, so that neither a restart
 * nor another attempt of the step around it runs it again.
 *
 * ```ts
 * const fx = await step('fetch-rate', () => this.fx.rate('EUR'));
 * const pdf = await step('render', { retry: { maxAttempts: 5 }, timeout: '2m' }, () => this.render(fx));
 * ```
 *
 * @publicApi
 */
export function step<Result>(name: string, body: () => Result | Promise<Result>): Promise<Result>;
export function step<Result>(
  name: string,
  options: InlineStepOptions,
  body: () => Result | Promise<Result>,
): Promise<Result>;
export function step<Result>(
  name: string,
  optionsOrBody: InlineStepOptions | (() => Result | Promise<Result>),
  bodyOrNothing?: () => Result | Promise<Result>,
): Promise<Result> {
  return operationPromise(() => callInlineStep(name, optionsOrBody, bodyOrNothing));
}

async function callInlineStep<Result>(
  name: string,
  optionsOrBody: InlineStepOptions | (() => Result | Promise<Result>),
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
  const { retry, timeout } = resolveInlineStep(name, options, body);
  const result = await performStep(context.execution, context.scope, {
    name,
    retry,
    timeout,
    transactional: false,
    hash: null,
    body,
  });
  return result as Result;
}
