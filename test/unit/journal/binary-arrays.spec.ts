import { describe, expect, it } from '@jest/globals';
import { encodeColumn } from '../../../lib/journal/binary-arrays.js';

const same = <T>(value: T): T => value;

/** The elements of a binary array, as bytes; null where the element is. */
function elements(array: Buffer): (Buffer | null)[] {
  const found: (Buffer | null)[] = [];
  for (let at = 20; at < array.length;) {
    const length = array.readInt32BE(at);
    at += 4;
    if (length === -1) found.push(null);
    else {
      found.push(array.subarray(at, at + length));
      at += length;
    }
  }
  return found;
}

describe('encodeColumn', () => {
  it('writes a header that names the type, the length, and whether there are nulls', () => {
    const array = encodeColumn('int4', [1, null, 3], same);
    expect(array.readInt32BE(0)).toBe(1);
    expect(array.readInt32BE(4)).toBe(1);
    expect(array.readInt32BE(8)).toBe(23);
    expect(array.readInt32BE(12)).toBe(3);
    expect(array.readInt32BE(16)).toBe(1);
    expect(encodeColumn('int4', [1], same).readInt32BE(4)).toBe(0);
  });

  it('writes an empty array without dimensions', () => {
    const array = encodeColumn('uuid', [], same);
    expect(array).toHaveLength(12);
    expect(array.readInt32BE(0)).toBe(0);
    expect(array.readInt32BE(8)).toBe(2950);
  });

  it('keeps nulls in their places', () => {
    expect(
      elements(encodeColumn('text', ['a', null, ''], same)).map((each) => each?.toString() ?? null),
    ).toEqual(['a', null, '']);
  });

  it.each([0, 1, -1, 2 ** 31 - 1, -(2 ** 31)])('int4: %d', (value) => {
    expect(elements(encodeColumn('int4', [value], same))[0]?.readInt32BE(0)).toBe(value);
  });

  it.each([0, 1, -1, 2 ** 32, -(2 ** 32), 2 ** 32 - 1, -(2 ** 32) - 1, 2 ** 53 - 1, -(2 ** 53) + 1])(
    'int8: %d',
    (value) => {
      expect(elements(encodeColumn('int8', [value], same))[0]?.readBigInt64BE(0)).toBe(BigInt(value));
    },
  );

  it.each([0, 946_684_800_000, 946_684_799_999, 1_767_312_245_678, -62_135_596_800_000])(
    'timestamptz: %d ms become microseconds since 2000',
    (value) => {
      const expected = (BigInt(value) - 946_684_800_000n) * 1_000n;
      expect(elements(encodeColumn('timestamptz', [value], same))[0]?.readBigInt64BE(0)).toBe(expected);
    },
  );

  it('counts text in bytes, not in characters', () => {
    const texts = ['é', '語', '😀', 'x'.repeat(100_000), '語'.repeat(50_000)];
    expect(elements(encodeColumn('text', texts, same)).map(String)).toEqual(texts);
  });

  it('puts the version before jsonb', () => {
    const [element] = elements(encodeColumn('jsonb', ['{"a":1}'], same));
    expect(element?.[0]).toBe(1);
    expect(element?.subarray(1).toString()).toBe('{"a":1}');
  });

  it('gives each array bytes of its own', () => {
    const first = encodeColumn('text', ['first'], same);
    const copy = Buffer.from(first);
    encodeColumn('text', ['second, longer'], same);
    expect(first).toEqual(copy);
  });

  it.each([
    ['int4', 2 ** 31],
    ['int8', 2 ** 70],
    ['timestamptz', 1e17],
    ['timestamptz', Infinity],
  ] as const)('%s: %d does not fit, and says so', (type, value) => {
    expect(() => encodeColumn(type, [value], same)).toThrow('out of range');
  });
});
