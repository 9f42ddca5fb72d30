import { types } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { reviveError, serializeError } from '../../../lib/serialization/serialized-error.js';

describe('serializeError', () => {
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const hostile = new Proxy(new Error('x'), {
    get: () => {
      throw new Error('no');
    },
    ownKeys: () => {
      throw new Error('no');
    },
  });
  const moody = Object.defineProperty(new Error('x'), 'message', {
    get: () => {
      throw new Error('no');
    },
  });
  const unshowable = {
    [Symbol.for('nodejs.util.inspect.custom')]: () => {
      throw new Error('no');
    },
  };

  it.each<[string, unknown]>([
    ['a revoked proxy', revoked.proxy],
    ['a proxy that refuses all', hostile],
    ['an error whose message throws', moody],
    ['a value that cannot be shown', unshowable],
    [
      'an error with strange parts',
      Object.assign(new Error('x'), {
        name: 5,
        message: {},
        stack: [],
        code: NaN,
        cause: revoked.proxy,
        errors: 'x',
      }),
    ],
    ['an error without a prototype', Object.setPrototypeOf(new Error('x'), null)],
    ['an aggregate of itself', Object.assign(new AggregateError([]), { errors: [hostile, revoked.proxy] })],
  ])('never throws: %s', (_, thrown) => {
    const copy = reviveError(serializeError(thrown));
    expect(types.isNativeError(copy)).toBe(true);
    expect(typeof copy.message).toBe('string');
    expect(copy.name).toBe('Error' === copy.name ? 'Error' : 'AggregateError');
  });

  it.each<[string, unknown]>([
    ['a long message', new Error('é'.repeat(1_000_000))],
    ['a message of escapes', new Error('\u0001'.repeat(1_000_000))],
    ['a message of emoji', new Error('😀'.repeat(500_000))],
    ['a long name', Object.assign(new Error('x'), { name: 'n'.repeat(1_000_000) })],
    ['a long code', Object.assign(new Error('x'), { code: 'c'.repeat(1_000_000) })],
    ['a large field', Object.assign(new Error('x'), { body: 'b'.repeat(1_000_000), status: 500 })],
    [
      'many fields',
      Object.assign(
        new Error('x'),
        Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`f${i}`, 'value '.repeat(20)])),
      ),
    ],
    [
      'many errors',
      new AggregateError(
        Array.from({ length: 5_000 }, (_, i) => new Error(`number ${i}`)),
        'all',
      ),
    ],
    [
      'many values',
      new AggregateError(
        Array.from({ length: 5_000 }, (_, i) => `number ${i}`),
        'all',
      ),
    ],
    [
      'long causes',
      new Error('a'.repeat(20_000), {
        cause: new Error('b'.repeat(20_000), { cause: new Error('c'.repeat(20_000)) }),
      }),
    ],
    ['a long text thrown', 'x'.repeat(1_000_000)],
  ])('stays below 32 kB: %s', (_, thrown) => {
    const text = serializeError(thrown);
    expect(Buffer.byteLength(text)).toBeLessThan(32_768);
    expect(text.isWellFormed()).toBe(true);
    expect(reviveError(text).message).not.toBe('');
  });

  it('keeps the outer error whole before it cuts what is within', () => {
    const inner = Object.assign(new Error('inner'), { body: 'b'.repeat(50_000) });
    const error = Object.assign(new Error('outer', { cause: inner }), {
      status: 500,
      body: 'b'.repeat(50_000),
    });
    const copy = reviveError(serializeError(error));
    expect(copy).toMatchObject({ message: 'outer', status: 500, stack: error.stack });
    expect(copy.cause).toMatchObject({ message: 'inner' });
    expect('body' in copy).toBe(false);
  });
});
