import { describe, expect, it } from '@jest/globals';
import { TaggedSerializer } from '../../../lib/serialization/tagged-serializer.js';

describe('classes that users registered', () => {
  class Money {
    protected constructor(
      readonly amount: bigint,
      readonly currency: string,
    ) {}
    static of(amount: bigint, currency: string): Money {
      return new Money(amount, currency);
    }
  }
  class Price extends Money {}
  class Tags extends Array<string> {}
  class Basket {
    constructor(readonly total: Money) {}
  }

  const taught = new TaggedSerializer()
    .register('money', Money, {
      encode: (money) => ({ amount: money.amount, currency: money.currency }),
      decode: ({ amount, currency }) => Money.of(amount, currency),
    })
    .register('basket', Basket, { encode: (basket) => basket.total, decode: (total) => new Basket(total) })
    .register('tags', Tags, { encode: (tags) => [...tags], decode: (items) => Tags.from(items) as Tags });

  it('come back as instances, also within each other', () => {
    const value = { basket: new Basket(Money.of(5n, 'EUR')), list: [Money.of(1n, 'USD')] };
    const copy = taught.parse(taught.stringify(value)) as typeof value;
    expect(copy).toStrictEqual(value);
    expect(copy.basket).toBeInstanceOf(Basket);
    expect(copy.basket.total).toBeInstanceOf(Money);
  });

  it('come before what they extend', () => {
    const copy = taught.parse(taught.stringify(Tags.from(['a', 'b'])));
    expect(copy).toBeInstanceOf(Tags);
    expect(copy).toEqual(Tags.from(['a', 'b']));
  });

  it('are not the classes that extend them', () => {
    const price = Object.setPrototypeOf(Money.of(1n, 'EUR'), Price.prototype) as Price;
    expect(() => taught.stringify({ price })).toThrow('$.price cannot be stored: it is an instance of Price');
  });

  it('are stored under their registered name', () => {
    expect(taught.stringify(Money.of(5n, 'EUR'))).toBe(
      '{"$durable":"class","name":"money","value":{"amount":{"$durable":"bigint","value":"5"},"currency":"EUR"}}',
    );
  });

  it('are registered once, under a name', () => {
    const codec = { encode: () => 1, decode: () => Money.of(1n, 'EUR') };
    expect(() => taught.register('money', Price, codec)).toThrow(/registered already/);
    expect(() => taught.register('coins', Money, codec)).toThrow(/registered already/);
    expect(() => taught.register('', Price, codec)).toThrow(/must not be empty/);
  });
});
