import { describe, expect, it } from '@jest/globals';
import { addedTogether, lazyCopyOf, merge } from '../../../../lib/execution/pipeline/pipeline-data.js';
import { TaggedSerializer } from '../../../../lib/serialization/tagged-serializer.js';

const serializer = new TaggedSerializer();

describe('Merged data', () => {
  it('has what was added over what there was, at the top level', () => {
    expect(merge({ a: { x: 1 }, b: 1 }, { a: { y: 2 } })).toEqual({ a: { y: 2 }, b: 1 });
  });

  it('loses the keys that were added as undefined', () => {
    expect(Object.keys(merge({ a: 1, b: 1 }, { a: undefined, c: undefined }))).toEqual(['b']);
  });

  it('is the data itself where nothing was added', () => {
    const data = { a: 1 };
    expect(merge(data, undefined)).toBe(data);
    expect(merge(data, null)).toBe(data);
  });

  it('takes a key of any name', () => {
    const added = JSON.parse('{"__proto__":{"polluted":true}}') as Record<string, unknown>;
    const merged = merge({}, added);
    expect(Object.keys(merged)).toEqual(['__proto__']);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
});

describe('Additions together', () => {
  it('are the later over the earlier, and what is removed stays to be removed', () => {
    expect(addedTogether({ a: 1, b: 1 }, { b: undefined, c: 1 })).toEqual({ a: 1, b: undefined, c: 1 });
    expect(Object.keys(addedTogether({ a: 1 }, { a: undefined }) ?? {})).toEqual(['a']);
  });

  it('are those of one where the other has none', () => {
    expect(addedTogether(undefined, { a: 1 })).toEqual({ a: 1 });
    expect(addedTogether({ a: 1 }, null)).toEqual({ a: 1 });
    expect(addedTogether(undefined, undefined)).toBeUndefined();
  });
});

describe('A lazy copy', () => {
  it('copies a value when it is read, and only then', () => {
    let reads = 0;
    const watched = new Proxy(['a'], { get: (target, key) => ((reads += 1), Reflect.get(target, key)) });
    const copy = lazyCopyOf({ watched, other: 1 }, serializer);
    expect([Object.keys(copy), copy['other'], 'watched' in copy]).toEqual([['watched', 'other'], 1, true]);
    expect(reads).toBe(0);
    expect(copy['watched']).toEqual(['a']);
    expect(reads).toBeGreaterThan(0);
  });

  it('copies it once, and shares it with nobody', () => {
    const data = { list: [1] };
    const [copy, other] = [lazyCopyOf(data, serializer), lazyCopyOf(data, serializer)];
    (copy['list'] as number[]).push(2);
    expect([copy['list'], other['list'], data.list]).toEqual([[1, 2], [1], [1]]);
  });

  it('carries what the serializer carries', () => {
    const data = { at: new Date(5), map: new Map([[1, { deep: true }]]), big: 1n };
    expect({ ...lazyCopyOf(data, serializer) }).toEqual(data);
  });

  it('takes a key of any name', () => {
    const data = JSON.parse('{"__proto__":{"polluted":true},"constructor":1}') as Record<string, unknown>;
    const copy = lazyCopyOf(data, serializer);
    expect(Object.keys(copy)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  });
});
