import { describe, expect, it } from '@jest/globals';
import { Compensate } from '../../../lib/decorators/compensate.decorator.js';
import { Step } from '../../../lib/decorators/step.decorator.js';
import { undosOf } from '../../../lib/definition/undos.js';
import { InvalidDefinition } from '../../../lib/errors/definition.error.js';

class Payments {
  @Step()
  async charge(_id: string): Promise<string> {
    return 'charged';
  }
  @Step({ name: 'hold' })
  async reserve(_id: string): Promise<string> {
    return 'reserved';
  }
  @Compensate(['charge', 'reserve'], { retry: { maxAttempts: 9, base: '5s' } })
  giveBack(): string {
    return 'base';
  }
}

describe('undosOf', () => {
  it('finds the undo of each step by the method of the step', () => {
    const undos = undosOf(Payments);

    expect([...undos.keys()]).toEqual(['charge', 'reserve']);
    expect(undos.get('charge')).toEqual({
      method: 'giveBack',
      body: Reflect.get(Payments.prototype, 'giveBack'),
      retry: { maxAttempts: 9, backoff: 'exponential', base: 5_000, maxBackoff: 3_600_000, jitter: 0.25 },
    });
    expect(undos.get('reserve')).toBe(undos.get('charge'));
  });

  it('finds the same ones each time', () => {
    expect(undosOf(Payments)).toBe(undosOf(Payments));
  });

  it('knows the inherited ones, and those that a subclass overrides', () => {
    class Inheriting extends Payments {}
    class Overriding extends Payments {
      @Compensate('charge')
      override giveBack(): string {
        return 'override';
      }
    }

    expect(undosOf(Inheriting).get('reserve')).toBe(undosOf(Payments).get('reserve'));
    expect(undosOf(Overriding).get('charge')?.body).toBe(Reflect.get(Overriding.prototype, 'giveBack'));
    expect(undosOf(Overriding).has('reserve')).toBe(false);
  });

  it('is empty for a class without any', () => {
    expect(undosOf(class {}).size).toBe(0);
  });

  it('says what is wrong with the options of a class that no boot has checked', () => {
    class Wrong {
      @Step()
      async charge(): Promise<void> {}
      @Compensate('charge', { retry: { maxAttempts: 0 } })
      refund(): void {}
    }

    expect(() => undosOf(Wrong)).toThrow(InvalidDefinition);
    expect(() => undosOf(Wrong)).toThrow(/Wrong.*maxAttempts/s);
  });
});
