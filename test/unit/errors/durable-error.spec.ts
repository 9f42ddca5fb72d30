import { readdirSync } from 'node:fs';
import { types } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { DurableError, type ErrorContext } from '../../../lib/errors/durable.error.js';
import { durableErrorsByCode, reviveDurableError } from '../../../lib/errors/durable-errors-by-code.js';
import { samples } from './samples.js';

class Example extends DurableError {
  readonly code = 'DURABLE_EXAMPLE';
  constructor(problem = 'The cup is empty', context?: ErrorContext) {
    super(problem, 'Fill it.', context);
  }
}

describe('a DurableError', () => {
  it('says what is wrong and what to do, each as a sentence', () => {
    expect(new Example().message).toBe('The cup is empty. Fill it.');
    expect(new Example('The cup is empty.').message).toBe('The cup is empty. Fill it.');
    expect(new Example('Is the cup empty?').message).toBe('Is the cup empty? Fill it.');
    expect(new Example().remedy).toBe('Fill it.');
  });

  it('has the name of its class, also in the first line of the stack', () => {
    class More extends Example {}
    expect(new Example().name).toBe('Example');
    expect(new More().name).toBe('More');
    expect(new More().stack).toMatch(/^More: The cup is empty\. Fill it\.\n/);
    expect(String(new Example())).toBe('Example: The cup is empty. Fill it.');
  });

  it('says where it happened, as far as it is known', () => {
    const cause = new Error('leak');
    const error = new Example('Empty', { execution: 'e-1', step: 'fill', attempt: 2, cause });
    expect(error).toMatchObject({ executionId: 'e-1', step: 'fill', attempt: 2 });
    expect(error.cause).toBe(cause);
    expect(Object.keys(new Example())).toEqual(['remedy', 'code']);
    expect('cause' in new Example()).toBe(false);
  });

  it('tells its facts', () => {
    expect(new Example('Empty', { step: 'fill', cause: 1 }).toDetails()).toEqual({
      code: 'DURABLE_EXAMPLE',
      remedy: 'Fill it.',
      step: 'fill',
    });
  });
});

describe('the classes by code', () => {
  it('hold every error class of the folder', async () => {
    const files = readdirSync(new URL('../../../lib/errors/', import.meta.url));
    const classes = new Set<unknown>();
    for (const file of files.filter((name) => name.endsWith('.error.ts'))) {
      const module = (await import(`../../../lib/errors/${file.replace(/\.ts$/, '.js')}`)) as object;
      for (const exported of Object.values(module)) {
        if (typeof exported === 'function' && exported !== DurableError) classes.add(exported);
      }
    }
    expect(classes.size).toBeGreaterThan(30);
    expect(new Set(durableErrorsByCode.values())).toEqual(classes);
  });

  it('have a sample in this test each', () => {
    expect([...new Set(samples.map((error) => error.code))].sort()).toEqual(
      [...durableErrorsByCode.keys()].sort(),
    );
  });

  it.each(samples.map((error) => [error.code, error] as const))('%s comes back as it was', (code, error) => {
    const details = JSON.parse(JSON.stringify(error.toDetails())) as Record<string, unknown>;
    const revived = reviveDurableError(error.message, details, error.cause);
    expect(code).toMatch(/^DURABLE_[A-Z]+(_[A-Z]+)*$/);
    expect(revived).toBeInstanceOf(durableErrorsByCode.get(code));
    expect(types.isNativeError(revived)).toBe(true);
    expect(revived?.name).toBe(error.name);
    expect(revived?.message).toBe(error.message);
    expect(revived?.cause).toBe(error.cause);
    expect(revived?.toDetails()).toEqual(error.toDetails());
    expect(Object.keys(error.toDetails())).toEqual(expect.arrayContaining(['code', 'remedy']));
  });

  it('are not found for what is no code of theirs', () => {
    expect(reviveDurableError('x', { code: 'DURABLE_NOPE' })).toBeUndefined();
    expect(reviveDurableError('x', { code: 7 })).toBeUndefined();
    expect(reviveDurableError('x', {})).toBeUndefined();
    expect(reviveDurableError('x', { code: 'constructor' })).toBeUndefined();
  });

  it('take facts as plain fields, whatever their names', () => {
    const details = JSON.parse('{"code":"DURABLE_FATAL","name":"Mine","__proto__":{"polluted":1}}') as Record<
      string,
      unknown
    >;
    const revived = reviveDurableError('x', details);
    expect(revived?.name).toBe('Mine');
    expect(revived).toBeInstanceOf(durableErrorsByCode.get('DURABLE_FATAL'));
    expect((revived as unknown as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
