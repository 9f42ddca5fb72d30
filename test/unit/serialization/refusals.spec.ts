import { describe, expect, it } from '@jest/globals';
import { NotSerializable } from '../../../lib/errors/serialization.error.js';
import { TaggedSerializer } from '../../../lib/serialization/tagged-serializer.js';

const serializer = new TaggedSerializer();

class Socket {
  open = true;
}

function refusalOf(value: unknown): { path: string; what: string } {
  try {
    serializer.stringify(value);
  } catch (error) {
    if (error instanceof NotSerializable) return { path: error.path, what: error.what };
    throw error;
  }
  throw new Error('it was stored');
}

/** `depth` objects within each other, by way of `wrap`. */
function nested(depth: number, wrap: (inner: unknown) => unknown = (inner) => ({ next: inner })): unknown {
  let value: unknown = 1;
  for (let count = 0; count < depth; count++) value = wrap(value);
  return value;
}

describe('what cannot be stored', () => {
  class Days extends Date {}
  class Index extends Map {}
  class List extends Array {}
  class Bytes extends Uint8Array {}
  class Chain extends null {}

  it.each<[unknown, string]>([
    [() => 1, 'a function'],
    [Socket, 'a function'],
    [Symbol('s'), 'a symbol'],
    [{ [Symbol('s')]: 1 }, 'an object with a symbol as a key'],
    [new Socket(), 'an instance of Socket'],
    [new (class {})(), 'an instance of a class without a name'],
    [Promise.resolve(1), 'a promise (is an await missing?)'],
    [/x/, 'an instance of RegExp'],
    [new URL('http://a'), 'an instance of URL'],
    [new WeakMap(), 'an instance of WeakMap'],
    [new Number(1), 'an instance of Number'], // oxlint-disable-line no-new-wrappers
    [new Days(), 'an instance of Days'],
    [new Index(), 'an instance of Index'],
    [new List(), 'an instance of List'],
    [new Bytes(1), 'an instance of Bytes'],
    [new SharedArrayBuffer(1), 'an instance of SharedArrayBuffer'],
    [Object.create(Chain.prototype as object), 'an instance of Chain'],
    [Object.create({ inherited: 1 }), 'an instance of Object'],
    ['a\0b', 'text with a NUL character'],
    ['a\ud800', 'text with a lone surrogate (half a character)'],
    ['\udc00a', 'text with a lone surrogate (half a character)'],
    [{ 'a\0b': 1 }, 'text with a NUL character'],
    [{ 'a\ud800': 1 }, 'text with a lone surrogate (half a character)'],
  ])('%p is refused', (value, what) => {
    expect(refusalOf(value).what).toBe(what);
    expect(refusalOf({ at: new Date(), value }).what).toBe(what);
    expect(refusalOf({ value }).path.startsWith('$.value')).toBe(true);
  });

  it.each<[string, unknown, string]>([
    ['the value itself', new Socket(), '$'],
    ['a member', { user: { socket: new Socket() } }, '$.user.socket'],
    ['an item', { items: [1, 2, 3, new Socket()] }, '$.items[3]'],
    ['items of items', [[new Socket()]], '$[0][0]'],
    ['the value of a text key of a map', { prices: new Map([['eur', new Socket()]]) }, '$.prices.get("eur")'],
    [
      'the value of another key of a map',
      new Map([
        [{}, 1],
        [{}, new Socket()],
      ] as [object, unknown][]),
      '$.values()[1]',
    ],
    ['a key of a map', new Map([[new Socket(), 1]]), '$.keys()[0]'],
    ['a member of a set', new Set([1, [new Socket()]]), '$.values()[1][0]'],
    ['a key that is no name', { 'a b': { 'x"y': { 0: new Socket() } } }, '$["a b"]["x\\"y"]["0"]'],
    ['a name in any script', { größe: { $x_1: new Socket() } }, '$.größe.$x_1'],
    ['a key that could not be stored itself', { 'a\0': 1 }, '$["a\\u0000"]'],
    ['a place after others', { a: { b: [1, new Date()] }, c: new Map([['d', 1]]), e: new Socket() }, '$.e'],
  ])('is named by its path: %s', (_, value, path) => {
    expect(refusalOf(value).path).toBe(path);
  });

  it('is refused with a sentence that says where, what, and what to do', () => {
    expect(() => serializer.stringify({ user: { socket: new Socket() } })).toThrow(
      /^The value at \$\.user\.socket cannot be stored: it is an instance of Socket\. Use plain objects/,
    );
  });

  it('is named by its own path after an error whose fields were dropped', () => {
    const error = Object.assign(new Error('x'), { request: { sockets: [new Socket()] } });
    expect(refusalOf({ error, list: [error, { after: new Socket() }] }).path).toBe('$.list[1].after');
  });

  it('keeps long keys and long paths short', () => {
    expect(refusalOf({ ['k '.repeat(5_000)]: new Socket() }).path.length).toBeLessThan(100);
    const { path } = refusalOf(nested(100, (inner) => ({ step: inner === 1 ? new Socket() : inner })));
    expect(path.startsWith('$.step.step.step')).toBe(true);
    expect(path).toContain('…');
    expect(path.length).toBeLessThan(100);
  });
});

describe('circular values', () => {
  it('are refused, naming both ends', () => {
    const user: Record<string, unknown> = { name: 'Ann' };
    user['self'] = user;
    expect(refusalOf(user)).toEqual({ path: '$.self', what: 'a circular reference to $' });

    const order = { lines: [{ order: undefined as unknown }] };
    if (order.lines[0]) order.lines[0].order = order.lines;
    expect(refusalOf({ order })).toEqual({
      path: '$.order.lines[0].order',
      what: 'a circular reference to $.order.lines',
    });
  });

  it('are refused through maps, sets and arrays', () => {
    const map = new Map<string, unknown>();
    map.set('inner', [map]);
    expect(refusalOf(map)).toEqual({ path: '$.get("inner")[0]', what: 'a circular reference to $' });
    const set = new Set<unknown>();
    set.add(set);
    expect(refusalOf(set).what).toBe('a circular reference to $');
    const list: unknown[] = [];
    list.push(list);
    expect(refusalOf(list)).toEqual({ path: '$[0]', what: 'a circular reference to $' });
  });

  it('are refused soon, however much lies beside the circle', () => {
    const value: Record<string, unknown> = {
      rows: Array.from({ length: 20_000 }, (_, index) => ({ index })),
    };
    value['self'] = value;
    expect(refusalOf(value).path).toBe('$.self');
  });
});

describe('depth', () => {
  it('is as good as free up to hundreds of levels', () => {
    for (const depth of [15, 16, 17, 40, 999]) {
      const value = nested(depth);
      expect(serializer.stringify(value)).toBe(JSON.stringify(value));
      expect(serializer.parse(serializer.stringify({ at: undefined, value: nested(depth - 1) }))).toEqual({
        at: undefined,
        value: nested(depth - 1),
      });
    }
  });

  it.each<[string, (inner: unknown) => unknown]>([
    ['objects', (inner) => ({ next: inner })],
    ['arrays', (inner) => [inner]],
    ['maps', (inner) => new Map([['next', inner]])],
    ['maps as keys', (inner) => new Map([[inner, 1]])],
    ['sets', (inner) => new Set([inner])],
  ])('of many thousands is refused: %s', (_, wrap) => {
    const { path, what } = refusalOf(nested(50_000, wrap));
    expect(what).toBe('nested more than 1000 levels deep');
    expect(path.length).toBeLessThan(400);
  });

  it('is refused where a registered class never ends', () => {
    class Endless {
      readonly own = true;
    }
    const endless = new TaggedSerializer().register('endless', Endless, {
      encode: () => [new Endless()],
      decode: () => new Endless(),
    });
    expect(() => endless.stringify(new Endless())).toThrow(/nested more than 1000 levels/);
  });

  it('at its limit is read back', () => {
    const value = nested(332, (inner) => new Map([['next', inner]]));
    let copy = serializer.parse(serializer.stringify(value));
    for (let count = 0; count < 332; count++) copy = (copy as Map<string, unknown>).get('next');
    expect(copy).toBe(1);
  });
});
