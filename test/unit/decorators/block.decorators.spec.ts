import { describe, expect, it } from '@jest/globals';
import { Branch } from '../../../lib/decorators/branch.decorator.js';
import { Compensate } from '../../../lib/decorators/compensate.decorator.js';
import { Decision } from '../../../lib/decorators/decision.decorator.js';
import { ForEach } from '../../../lib/decorators/for-each.decorator.js';
import { Parallel } from '../../../lib/decorators/parallel.decorator.js';
import { Step } from '../../../lib/decorators/step.decorator.js';
import { While } from '../../../lib/decorators/while.decorator.js';
import { blocksOf, declaredUndosOf } from '../../../lib/definition/class-methods.js';
import { Goto, goto } from '../../../lib/definition/goto.js';
import { Pipeline } from '../../../lib/definition/pipeline.js';
import type { Undo } from '../../../lib/definition/undo-definition.js';

interface Order {
  kind: 'digital' | 'physical';
  lines: string[];
  total: number;
}

class Shop extends Pipeline<Order> {
  private readonly limit = 100;

  @Branch({ digital: 'work', physical: 'work' })
  choose({ kind }: Order): 'digital' | 'physical' {
    return kind;
  }
  @Parallel(['work'])
  join(_data: Order, { work }: { work: { total: number } }): { total: number } {
    return { total: work.total + 1 };
  }
  @ForEach({ do: 'work' })
  each({ lines }: Order): string[] {
    return lines;
  }
  @While({ do: 'work', max: 3 })
  async goesOn({ total }: Order): Promise<boolean> {
    return total > this.limit;
  }
  @Decision({ to: ['work'] })
  decide({ total }: Order): Goto<'work', { total: number }> {
    return goto('work', { total: total + this.limit });
  }
  @Step({ in: 'choose' })
  work(): { total: number } {
    return { total: 1 };
  }
  @Compensate('work')
  undo(_data: Order, { result }: Undo<{ total: number }>): number {
    return result.total;
  }
}

const shop = new Shop();
const order: Order = { kind: 'digital', lines: ['a'], total: 101 };

describe('a call from code', () => {
  it('of the method of a block is an ordinary call', async () => {
    expect(shop.choose(order)).toBe('digital');
    expect(shop.join(order, { work: { total: 1 } })).toEqual({ total: 2 });
    expect(shop.each(order)).toBe(order.lines);
    expect(await shop.goesOn(order)).toBe(true);
    expect(shop.decide(order)).toEqual(new Goto('work', { total: 201 }));
  });

  it('of an undo is an ordinary call', () => {
    expect(shop.undo(order, { result: { total: 7 }, step: 'work' })).toBe(7);
  });
});

describe('what the decorators leave behind', () => {
  it('is what they were given, on the prototype, and the method as it was written', () => {
    const left = blocksOf(Shop).map(({ method, declaration, body, owner }) => ({
      method,
      kind: declaration.kind,
      isItself: body === Reflect.get(Shop.prototype, method),
      owner,
    }));

    expect(left).toEqual([
      { method: 'choose', kind: 'branch', isItself: true, owner: Shop },
      { method: 'join', kind: 'parallel', isItself: true, owner: Shop },
      { method: 'each', kind: 'foreach', isItself: true, owner: Shop },
      { method: 'goesOn', kind: 'while', isItself: true, owner: Shop },
      { method: 'decide', kind: 'decision', isItself: true, owner: Shop },
    ]);
    expect(declaredUndosOf(Shop)).toMatchObject([{ method: 'undo', steps: ['work'], owner: Shop }]);
  });

  it('is not there for a class that has none', () => {
    expect(blocksOf(class extends Pipeline {})).toEqual([]);
    expect(declaredUndosOf(class {})).toEqual([]);
  });
});
