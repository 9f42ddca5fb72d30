import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { UnknownStoredKind } from '../../../lib/errors/serialization.error.js';
import { TaggedSerializer } from '../../../lib/serialization/tagged-serializer.js';

const serializer = new TaggedSerializer();

function copyOf(value: unknown): unknown {
  return serializer.parse(serializer.stringify(value));
}

describe('plain JSON', () => {
  const values: unknown[] = [
    null,
    true,
    0,
    -1.5,
    1e300,
    '',
    'text "quoted" \\u0000 \n\t é€😀',
    [],
    {},
    [1, ['a', { b: [null] }]],
    { id: 'x', total: 12.5, items: [{ sku: 'A', n: 2 }], note: null, ok: false },
    { '': 1, 'a b': 2, é: 3, 10: 4, constructor: 5, toString: 6, hasOwnProperty: 7, length: 8 },
    { value: { $durables: 1, durable: 2, name: 'class' } },
  ];

  it.each(values.map((value): [unknown] => [value]))('%j is stored as it is', (value) => {
    expect(serializer.stringify(value)).toBe(JSON.stringify(value));
    expect(copyOf(value)).toEqual(value);
  });

  it('is a copy, never the value itself', () => {
    const value = { inner: { list: [1] } };
    const copy = copyOf(value) as typeof value;
    expect(copy).not.toBe(value);
    expect(copy.inner.list).not.toBe(value.inner.list);
  });

  it('keeps control characters and backslashes of any kind', () => {
    for (const text of ['\u0001\u001f', '\\u0000', '\\ud800', '\\\\u0000', '\u2028', '😀']) {
      expect(copyOf({ [text]: text })).toEqual({ [text]: text });
    }
  });

  it('takes objects without a prototype, and those of another realm', () => {
    const bare = Object.assign(Object.create(null) as object, { a: 1 });
    expect(serializer.stringify(bare)).toBe('{"a":1}');
    const foreign: unknown = runInNewContext(
      '({ a: [1, { b: 2 }], when: new Date(5), m: new Map([[1, new Set([2])]]) })',
    );
    expect(copyOf(foreign)).toEqual({ a: [1, { b: 2 }], when: new Date(5), m: new Map([[1, new Set([2])]]) });
  });

  it('reads accessors and leaves out what is not enumerable', () => {
    const value = {
      get total() {
        return 7;
      },
      get at() {
        return new Date(5);
      },
    };
    Object.defineProperty(value, 'hidden', { value: () => 1, enumerable: false });
    expect(copyOf(value)).toEqual({ total: 7, at: new Date(5) });
  });

  it('keeps a value that occurs twice, which is no circle', () => {
    const shared = { a: new Date(5) };
    expect(copyOf({ left: shared, right: shared, list: [shared, shared] })).toEqual({
      left: shared,
      right: shared,
      list: [shared, shared],
    });
  });
});

describe('what JSON has no word for', () => {
  const bytes = Uint8Array.from([0, 1, 127, 128, 255]);

  it.each<[string, unknown]>([
    ['a date', new Date('2026-11-20T12:34:56.789Z')],
    ['a date far away', new Date(8.64e15)],
    ['a bigint', 12345678901234567890n],
    ['a negative bigint', -1n],
    ['NaN', NaN],
    ['Infinity', Infinity],
    ['-Infinity', -Infinity],
    ['undefined', undefined],
    [
      'a map',
      new Map<unknown, unknown>([
        ['a', 1],
        [{ k: 1 }, new Date(1)],
        [2n, undefined],
      ]),
    ],
    ['a set', new Set<unknown>(['a', 1n, NaN, { x: [undefined] }])],
    ['a buffer', Buffer.from('héllo')],
    ['an empty buffer', Buffer.alloc(0)],
    ['bytes', bytes],
    ['floats', Float64Array.from([1.5, -0, NaN])],
    ['wide integers', BigInt64Array.from([-1n, 2n ** 62n])],
    ['a part of a larger buffer', new Uint16Array(bytes.buffer.slice(0, 4), 2, 1)],
    ['an ArrayBuffer', bytes.buffer],
  ])('%s comes back', (_, value) => {
    expect(copyOf(value)).toEqual(value);
    expect(copyOf([value])).toEqual([value]);
    expect(copyOf({ deep: { value, list: [value, 1] } })).toStrictEqual({
      deep: { value, list: [value, 1] },
    });
    expect(copyOf(new Map([[value, value]]))).toEqual(new Map([[value, value]]));
  });

  it('keeps the sign of zero', () => {
    expect(Object.is(copyOf(-0), -0)).toBe(true);
    expect(copyOf({ zero: -0, plain: 0 })).toEqual({ zero: -0, plain: 0 });
  });

  it('keeps keys whose value is undefined apart from keys that are not there', () => {
    expect(Object.keys(copyOf({ a: undefined, b: 1 }) as object)).toEqual(['a', 'b']);
    expect(copyOf([undefined, null])).toEqual([undefined, null]);
  });

  it('makes a hole in an array into undefined', () => {
    const copy = copyOf([1, , 3]) as unknown[]; // oxlint-disable-line no-sparse-arrays
    expect(copy).toEqual([1, undefined, 3]);
    expect(1 in copy).toBe(true);
  });

  it('keeps a date that is none', () => {
    expect((copyOf(new Date(NaN)) as Date).getTime()).toBeNaN();
  });

  it('gives back the class, not only the content', () => {
    expect(Buffer.isBuffer(copyOf(Buffer.from('a')))).toBe(true);
    expect(Buffer.isBuffer(copyOf(bytes))).toBe(false);
    expect(copyOf(Uint8ClampedArray.from([1]))).toBeInstanceOf(Uint8ClampedArray);
    expect(copyOf(Float32Array.from([1.5]))).toBeInstanceOf(Float32Array);
    expect(copyOf(bytes.buffer)).toBeInstanceOf(ArrayBuffer);
  });

  it('is stored under a tag that a reader of the database understands', () => {
    expect(serializer.stringify({ at: new Date(0), n: 5n, plain: 'x', gone: undefined })).toBe(
      '{"at":{"$durable":"Date","value":"1970-01-01T00:00:00.000Z"},"n":{"$durable":"bigint","value":"5"},' +
        '"plain":"x","gone":{"$durable":"undefined"}}',
    );
  });
});

describe('the key of the tag in users’ own objects', () => {
  const values: unknown[] = [
    { $durable: 'Date', value: '2026-01-01' },
    { $durable: 1 },
    { $durable: undefined },
    { $durable: { $durable: { $durable: 'Map', value: [] } } },
    { $durable: 'Object', value: { $durable: 'Set', value: [1] } },
    { a: [{ $durable: 'class', name: 'x', value: new Date(5) }] },
    new Map([[{ $durable: 'bigint', value: '1' }, { $durable: 'undefined' }]]),
    'a text with "$durable" in it',
    { '"$durable"': 1 },
  ];

  it.each(values.map((value): [unknown] => [value]))('is no tag: %j', (value) => {
    expect(copyOf(value)).toStrictEqual(value);
  });

  it('is no way to forge a value', () => {
    const text = serializer.stringify({ $durable: 'Error', value: { code: 'DURABLE_FATAL' } });
    expect(serializer.parse(text)).toEqual({ $durable: 'Error', value: { code: 'DURABLE_FATAL' } });
  });

  it('with a kind that nobody knows is refused when read', () => {
    expect(() => serializer.parse('{"a":{"$durable":"Quaternion","value":1}}')).toThrow(UnknownStoredKind);
    expect(() => serializer.parse('{"$durable":"constructor"}')).toThrow(/"constructor"/);
    expect(() => serializer.parse('{"$durable":"class","name":"money","value":1}')).toThrow(/"money"/);
  });
});

describe('a key __proto__', () => {
  const plain = JSON.parse('{"__proto__":{"polluted":1},"a":1}') as object;
  const dated = JSON.parse('{"__proto__":{"polluted":1,"at":null},"a":1}') as Record<
    string,
    { at?: unknown }
  >;
  const inner = Object.getOwnPropertyDescriptor(dated, '__proto__')?.value as { at?: unknown };
  inner.at = new Date(5);

  it.each([
    ['in plain JSON', plain],
    ['beside tags', dated],
  ])('stays an ordinary key %s', (_, value) => {
    const copy = copyOf(value) as { polluted?: unknown };
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
    expect(Object.keys(copy)).toEqual(['__proto__', 'a']);
    expect(copy.polluted).toBeUndefined();
    expect(Object.getOwnPropertyDescriptor(copy, '__proto__')?.value).toEqual(
      Object.getOwnPropertyDescriptor(value, '__proto__')?.value,
    );
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('errors among the values', () => {
  it('come back with what can be stored of them', () => {
    const error = Object.assign(new RangeError('too far', { cause: new TypeError('inner') }), {
      status: 400,
      at: new Date(5),
      socket: () => 1,
    });
    const copy = copyOf({ reason: error }) as { reason: typeof error };
    expect(copy.reason).toBeInstanceOf(RangeError);
    expect(copy.reason).toMatchObject({
      message: 'too far',
      status: 400,
      at: new Date(5),
      stack: error.stack,
    });
    expect(copy.reason.cause).toBeInstanceOf(TypeError);
    expect('socket' in copy.reason).toBe(false);
  });

  it('end where errors hold each other', () => {
    const left: Error & { other?: unknown } = new Error('left');
    const right = Object.assign(new Error('right'), { other: left, self: undefined as unknown });
    left.other = right;
    right.self = right;
    const copy = copyOf([left]) as [{ other: Error & { other?: unknown } }];
    expect(copy[0].other.message).toBe('right');
    expect(copy[0].other.other).toBeUndefined();
  });

  it('stay small where every error has errors in two fields', () => {
    let error: Error = new Error('last');
    for (let count = 0; count < 30; count++) {
      error = Object.assign(new Error(`number ${count}`, { cause: error }), {
        original: error,
        parent: error,
      });
    }
    expect(serializer.stringify(error).length).toBeLessThan(40_000);
  });
});
