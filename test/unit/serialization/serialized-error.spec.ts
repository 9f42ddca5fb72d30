import { types } from 'node:util';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { ExecutionFailed } from '../../../lib/errors/execution.error.js';
import { FatalError, RetryAfter } from '../../../lib/errors/retry.error.js';
import { InvalidInput } from '../../../lib/errors/start.error.js';
import { StepTimeout } from '../../../lib/errors/step.error.js';
import { reviveError, serializeError } from '../../../lib/serialization/serialized-error.js';
import { samples } from '../errors/samples.js';

type Fields = Error & Record<string, unknown>;

function copyOf(thrown: unknown): Fields {
  return reviveError(serializeError(thrown)) as Fields;
}

function recordOf(thrown: unknown): Record<string, unknown> {
  return JSON.parse(serializeError(thrown)) as Record<string, unknown>;
}

function causesOf(error: Error): Error[] {
  return error.cause instanceof Error ? [error.cause, ...causesOf(error.cause)] : [];
}

describe('an error', () => {
  it('keeps name, message, stack and code where a reader of the database looks for them', () => {
    const error = Object.assign(new Error('no such host'), { code: 'ENOTFOUND', port: 80 });
    expect(recordOf(error)).toEqual({
      name: 'Error',
      message: 'no such host',
      code: 'ENOTFOUND',
      stack: error.stack,
      fields: { port: 80 },
    });
  });

  it('comes back as an Error with its name and fields', () => {
    class CardRefused extends Error {
      override readonly name = 'CardRefused';
      readonly at = new Date(5);
      readonly amounts = new Map([['eur', 5n]]);
    }
    const error = new CardRefused('limit reached');
    const copy = copyOf(error);
    expect(types.isNativeError(copy)).toBe(true);
    expect(copy.name).toBe('CardRefused');
    expect(String(copy)).toBe('CardRefused: limit reached');
    expect(copy.stack).toBe(error.stack);
    expect(copy['at']).toEqual(new Date(5));
    expect(copy['amounts']).toEqual(new Map([['eur', 5n]]));
    expect(Object.keys(copy).sort()).toEqual(['amounts', 'at']);
  });

  it.each([Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError])(
    'of a builtin class comes back as one: %p',
    (classRef) => {
      const copy = copyOf(new classRef('x'));
      expect(Object.getPrototypeOf(copy)).toBe(classRef.prototype);
      expect(copy.name).toBe(classRef.name);
      expect(Object.keys(copy)).toEqual([]);
    },
  );

  it('of another realm is an error too', () => {
    const copy = copyOf(runInNewContext('Object.assign(new RangeError("far"), { limit: { n: 1 } })'));
    expect(copy).toBeInstanceOf(RangeError);
    expect(copy).toMatchObject({ message: 'far', limit: { n: 1 } });
  });

  it('of the platform keeps what its accessors say', () => {
    const copy = copyOf(AbortSignal.abort().reason);
    expect(copy).toMatchObject({ name: 'AbortError', message: 'This operation was aborted', code: 20 });
  });

  it('keeps its causes, the errors and the values', () => {
    const error = new Error('outer', { cause: new TypeError('middle', { cause: { why: 5n } }) });
    const copy = copyOf(error);
    expect(copy.cause).toBeInstanceOf(TypeError);
    expect((copy.cause as Error).cause).toEqual({ why: 5n });
    expect(Object.keys(copy)).toEqual([]);
  });

  it('keeps eight causes of a long chain, and ends at a circle', () => {
    let error = new Error('0');
    for (let count = 1; count < 40; count++) error = new Error(String(count), { cause: error });
    expect(causesOf(copyOf(error)).map((cause) => cause.message)).toEqual([
      '38',
      '37',
      '36',
      '35',
      '34',
      '33',
      '32',
      '31',
    ]);

    const circle = new Error('a', { cause: new Error('b') });
    (circle.cause as Error).cause = circle;
    expect(causesOf(copyOf(circle)).map((cause) => cause.message)).toEqual(['b']);
  });

  it('keeps the errors of an AggregateError', () => {
    const copy = copyOf(new AggregateError([new RangeError('one'), 'two', 'two'], 'both'));
    expect(copy).toBeInstanceOf(AggregateError);
    expect(copy.message).toBe('both');
    const [one, ...two] = (copy as unknown as AggregateError).errors as [Error, unknown];
    expect(one).toBeInstanceOf(RangeError);
    expect(two).toEqual(['two', 'two']);
  });

  it('drops only those fields that cannot be stored', () => {
    const error = Object.assign(new Error('x'), {
      request: new (class ClientRequest {})(),
      retry: () => 1,
      bad: 'a\0b',
      nested: { deep: [Symbol('s')] },
      status: 503,
      self: undefined as unknown,
    });
    error.self = { error };
    Object.defineProperty(error, 'moody', {
      enumerable: true,
      get: () => {
        throw new Error('not now');
      },
    });
    const copy = copyOf(error);
    expect(copy['status']).toBe(503);
    for (const key of ['request', 'retry', 'bad', 'nested']) expect(key in copy).toBe(false);
    expect(copy['moody']).toBeUndefined();
  });

  it('loses NUL characters and lone surrogates, which the database would refuse', () => {
    const error = new Error('a\0b\ud800c');
    error.name = 'N\0';
    Object.assign(error, { code: 'C\0', 'k\0': 1 });
    const text = serializeError(error);
    expect(text).not.toMatch(/\\u0000|\\ud/);
    expect(reviveError(text)).toMatchObject({ name: 'N\ufffd', message: 'a\ufffdb\ufffdc', code: 'C\ufffd' });
  });
});

describe('an error of the engine', () => {
  it.each(samples.map((error) => [error.name, error] as const))('comes back as its class: %s', (_, error) => {
    const copy = copyOf(error);
    expect(Object.getPrototypeOf(copy)).toBe(Object.getPrototypeOf(error));
    expect(copy).toMatchObject({ name: error.name, message: error.message, stack: error.stack });
    expect(copy).toEqual(error);
    expect(Object.getOwnPropertyNames(copy).sort()).toEqual(Object.getOwnPropertyNames(error).sort());
  });

  it('keeps its facts and its cause', () => {
    const cause = new FatalError('Refused', { cause: new RangeError('limit') });
    const copy = copyOf(new ExecutionFailed('e-1', 'order', cause)) as unknown as ExecutionFailed;
    expect(copy).toMatchObject({ executionId: 'e-1', workflow: 'order', code: 'DURABLE_EXECUTION_FAILED' });
    expect(copy.cause).toBeInstanceOf(FatalError);
    expect((copy.cause as Error).cause).toBeInstanceOf(RangeError);
    expect(copyOf(new RetryAfter('30s'))).toMatchObject({ delay: '30s' });
    expect(copyOf(new StepTimeout('e-1', 's', 2, 5))).toMatchObject({ step: 's', attempt: 2, timeout: 5 });
    const fields = [{ path: 'id', messages: ['no'] }];
    expect(copyOf(new InvalidInput('order', fields))).toMatchObject({ fields });
  });

  it('that a user extended keeps the name of the user’s class', () => {
    class CardRefused extends FatalError {
      readonly limit = 5;
    }
    const copy = copyOf(new CardRefused('Refused'));
    expect(copy).toBeInstanceOf(FatalError);
    expect(copy).toMatchObject({ name: 'CardRefused', message: 'Refused', limit: 5 });
  });
});

describe('what is thrown and is no error', () => {
  it.each<[unknown, string]>([
    ['text', "'text'"],
    [5n, '5n'],
    [null, 'null'],
    [{ status: 404 }, '{ status: 404 }'],
    [[1], '[ 1 ]'],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
  ])('comes back as an error with the value as its cause: %p', (thrown, shown) => {
    const copy = copyOf(thrown);
    expect(copy.message).toBe(`A value that is not an error was thrown: ${shown}`);
    expect(copy.cause).toEqual(thrown);
  });

  it('is shown where it cannot be stored', () => {
    expect(copyOf(undefined).message).toMatch(/thrown: undefined$/);
    expect(copyOf(() => 1).message).toMatch(/thrown: \[Function/);
    expect(copyOf(Symbol('s')).message).toMatch(/thrown: Symbol\(s\)$/);
    expect('cause' in copyOf(() => 1)).toBe(false);
  });

  it('but has a message is treated as an error', () => {
    expect(copyOf({ name: 'ApiError', message: 'nope', status: 400 })).toMatchObject({
      name: 'ApiError',
      message: 'nope',
      status: 400,
    });
    expect(copyOf({ message: 'nope' }).name).toBe('Error');
  });
});

describe('reviveError', () => {
  it.each([
    '',
    'not json',
    '5',
    'null',
    '[]',
    '"text"',
    '{}',
    '{"name":5,"message":{},"fields":3,"errors":[1,null,{}],"cause":5}',
    '{"name":"constructor","message":"m"}',
    '{"name":"E","message":"m","fields":{"a":{"$durable":"class","name":"gone","value":1}}}',
  ])('never throws: %s', (text) => {
    expect(types.isNativeError(reviveError(text))).toBe(true);
  });

  it('shows a text that it cannot read', () => {
    expect(reviveError('not json').message).toContain('not json');
    expect(reviveError('"gone"').message).toContain('gone');
  });

  it('leaves out a field that this process cannot read', () => {
    const text =
      '{"name":"E","message":"m","fields":{"a":{"$durable":"nope"},"b":{"$durable":"Date","value":"1970-01-01T00:00:00.000Z"}}}';
    expect(reviveError(text)).toMatchObject({ name: 'E', message: 'm', b: new Date(0) });
    expect('a' in reviveError(text)).toBe(false);
  });

  it('has no stack but that of the place where the error was thrown', () => {
    expect(reviveError('{"name":"E","message":"m"}').stack).toBe('E: m');
  });
});
