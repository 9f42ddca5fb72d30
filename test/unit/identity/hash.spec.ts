import { describe, expect, it } from '@jest/globals';
import { hash32 } from '../../../lib/identity/hash.js';

describe('hash32', () => {
  it('is the same in every process and version of the package: histories hold it', () => {
    expect([hash32(''), hash32('a'), hash32('{"id":1}'), hash32('é€😀')]).toEqual([
      -1421968373, 444641715, -201008244, 1546679087,
    ]);
  });

  it('is a signed 32-bit number, as a column of type int holds', () => {
    const hashes = Array.from({ length: 10_000 }, (_, index) => hash32(`value ${index}`));
    expect(hashes.every((hash) => Number.isInteger(hash) && hash === (hash | 0))).toBe(true);
    expect(hashes.some((hash) => hash < 0)).toBe(true);
    expect(hashes.some((hash) => hash > 0)).toBe(true);
  });

  it('tells near texts apart, in its high bits and low bits alike', () => {
    const texts = Array.from({ length: 20_000 }, (_, index) => `{"n":${index}}`);
    // Of 20,000 random 32-bit numbers, more than one pair alike is unlikely: expected are 0.05.
    expect(new Set(texts.map(hash32)).size).toBeGreaterThanOrEqual(19_998);
    for (const shift of [0, 24]) {
      const buckets = new Set(texts.slice(0, 4_000).map((text) => (hash32(text) >>> shift) & 0xff));
      expect(buckets.size).toBe(256);
    }
  });

  it('looks at the order and at every unit', () => {
    expect(hash32('ab')).not.toBe(hash32('ba'));
    expect(hash32('a'.repeat(1_000))).not.toBe(hash32('a'.repeat(999) + 'b'));
    expect(hash32('Ā')).not.toBe(hash32('\0'));
  });
});
