import { describe, expect, it } from '@jest/globals';
import { canonical } from '../../../lib/serialization/canonical.js';
import { TaggedSerializer } from '../../../lib/serialization/tagged-serializer.js';

const serializer = new TaggedSerializer();

function canonicalOf(value: unknown): string {
  return canonical(serializer.stringify(value));
}

describe('the canonical text', () => {
  it('is the same whatever the order of keys, at any depth', () => {
    const left = { b: 1, a: { y: [{ q: 1, p: 2 }], x: null }, 10: 'i', at: new Date(5) };
    const right = { at: new Date(5), 10: 'i', a: { x: null, y: [{ p: 2, q: 1 }] }, b: 1 };
    expect(canonicalOf(left)).toBe(canonicalOf(right));
    expect(serializer.stringify(left)).not.toBe(serializer.stringify(right));
  });

  it('is JSON of an equal value', () => {
    const value = { b: ['x', 1, null, true], a: { 'k"': 'é' } };
    expect(JSON.parse(canonicalOf(value))).toEqual(value);
    expect(canonicalOf(value)).toBe('{"a":{"k\\"":"é"},"b":["x",1,null,true]}');
  });

  it.each<[unknown, unknown]>([
    [{ a: 1 }, { a: 2 }],
    [{ a: 1 }, { b: 1 }],
    [
      [1, 2],
      [2, 1],
    ],
    [1, '1'],
    [null, undefined],
    [{ a: new Date(5) }, { a: new Date(6) }],
    [{ a: new Date(5) }, { a: new Date(5).toISOString() }],
    [{ n: 1n }, { n: 1 }],
    [[], {}],
    [JSON.parse('{"__proto__":1}'), {}],
  ])('tells %j and %j apart', (left, right) => {
    expect(canonicalOf(left)).not.toBe(canonicalOf(right));
  });

  it('ignores the white space that a database may add', () => {
    expect(canonical('{ "b" : 1,\n "a": [ 1 , 2 ] }')).toBe('{"a":[1,2],"b":1}');
  });
});
