import { describe, expect, it } from '@jest/globals';
import { resolveInlineStep } from '../../../lib/definition/inline-step.js';
import type { Undo } from '../../../lib/definition/undo-definition.js';
import { InvalidArgument } from '../../../lib/errors/option.error.js';
import { untyped } from '../../support/thrown-faults.js';

const body = (): string => 'done';

describe('the options of an inline step', () => {
  it('may be left out', () => {
    expect(resolveInlineStep('rate', undefined, body)).toMatchObject({ retry: { maxAttempts: 3 } });
    expect(resolveInlineStep('rate', undefined, body).compensate).toBeUndefined();
  });

  it('are filled in with the defaults', () => {
    expect(resolveInlineStep('rate', { retry: { maxAttempts: 5 }, timeout: '2s' }, body)).toEqual({
      retry: { maxAttempts: 5, backoff: 'exponential', base: 1_000, maxBackoff: 3_600_000, jitter: 0.25 },
      timeout: 2_000,
    });
  });

  it('hold its undo, which is told what the step returned', () => {
    const { compensate } = resolveInlineStep(
      'rate',
      { compensate: ({ result }: Undo<string>) => result.toUpperCase() },
      body,
    );

    expect(compensate?.({ result: 'done', step: 'rate' })).toBe('DONE');
  });

  it.each([
    [null, 'options are an object'],
    [{ transactional: true }, "an inline step has no option 'transactional'"],
    [{ in: 'block' }, "an inline step has no option 'in'"],
    [{ compensate: 'refund' }, "step() 'rate': 'compensate' must be a function, not 'refund'"],
    [{ compensate: { undo: body } }, "'compensate' must be a function, not"],
    [{ retry: { attempts: 2 } }, "'retry' of 'rate' has no option 'attempts'"],
  ])('may not be %p', (options, problem) => {
    const resolve = () => resolveInlineStep('rate', untyped(options), body);

    expect(resolve).toThrow(InvalidArgument);
    expect(resolve).toThrow(problem);
  });
});
