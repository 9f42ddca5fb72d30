import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { SetMetadata } from '@nestjs/common';
import { Step } from '../../../lib/decorators/step.decorator.js';
import { Pipeline } from '../../../lib/definition/pipeline.js';
import { InvalidDefinition } from '../../../lib/errors/definition.error.js';

class Payments {
  private readonly charged: string[] = [];

  @SetMetadata('above', 1)
  @SetMetadata('both', 'above')
  @Step()
  @SetMetadata('both', 'below')
  @SetMetadata('below', 2)
  async charge(id: string, _amount: number): Promise<string[]> {
    this.charged.push(id);
    return this.charged;
  }

  @Step()
  async fail(): Promise<never> {
    throw new Error('declined');
  }

  // @ts-expect-error a step outside a Pipeline returns a promise
  @Step()
  total(): number {
    return 1;
  }
}

describe('a step outside an execution', () => {
  it('is an ordinary call, of the instance and with the arguments', async () => {
    const [one, other] = [new Payments(), new Payments()];

    await one.charge('a', 1);
    expect(await one.charge('b', 2)).toEqual(['a', 'b']);
    expect(await other.charge('c', 3)).toEqual(['c']);
  });

  it('fails as the method fails', async () => {
    await expect(new Payments().fail()).rejects.toThrow('declined');
  });

  it('may be called from a subclass', async () => {
    class Traced extends Payments {
      @Step()
      override async charge(id: string, amount: number): Promise<string[]> {
        return [...(await super.charge(id, amount)), 'traced'];
      }
    }

    expect(await new Traced().charge('a', 1)).toEqual(['a', 'traced']);
  });

  it('of a Pipeline may return at once', () => {
    class Totals extends Pipeline<{ n: number }> {
      @Step()
      double({ n }: { n: number }): { n: number } {
        return { n: n * 2 };
      }
    }

    expect(new Totals().double({ n: 2 })).toEqual({ n: 4 });
  });

  it('of any other class returns a promise, and says so if it does not', () => {
    const call = () => new Payments().total();

    expect(call).toThrow(InvalidDefinition);
    expect(call).toThrow(/Payments.*'total'.*make it async/s);
  });

  it('with wrong options says what is wrong with them', () => {
    class Wrong {
      @Step({ retry: { maxAttempts: 0 } })
      async work(): Promise<void> {}
    }

    expect(() => new Wrong().work()).toThrow(/Wrong.*maxAttempts/s);
  });
});

describe('what takes the place of the method', () => {
  const charge = Object.getOwnPropertyDescriptor(Payments.prototype, 'charge')?.value as () => unknown;

  it('looks like it', () => {
    expect(charge.name).toBe('charge');
    expect(charge).toHaveLength(2);
  });

  it('is found where the method was, and no more', () => {
    expect(Object.getOwnPropertyDescriptor(Payments.prototype, 'charge')).toMatchObject({
      enumerable: false,
      configurable: true,
      writable: true,
    });
  });

  it('has the metadata of decorators above and below', () => {
    const metadata = (key: string) => Reflect.getMetadata(key, charge) as unknown;

    expect(metadata('above')).toBe(1);
    expect(metadata('below')).toBe(2);
    // The topmost decorator is the last to write.
    expect(metadata('both')).toBe('above');
  });
});
