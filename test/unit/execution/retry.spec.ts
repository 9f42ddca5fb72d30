import { describe, expect, it } from '@jest/globals';
import type { RetryPolicy } from '../../../lib/definition/step-definition.js';
import { FatalError, RetryAfter } from '../../../lib/errors/retry.error.js';
import { NotSerializable } from '../../../lib/errors/serialization.error.js';
import { delayAfter, isHopeless } from '../../../lib/execution/retry.js';

const policy: RetryPolicy = {
  maxAttempts: 100,
  backoff: 'exponential',
  base: 1_000,
  maxBackoff: 60_000,
  jitter: 0,
};
const error = new Error('no answer');
const middle = (): number => 0.5;

function delays(facts: Partial<RetryPolicy>, attempts: readonly number[], random = middle): unknown[] {
  return attempts.map((attempt) => delayAfter(error, attempt, { ...policy, ...facts }, random));
}

describe('The delay before the next attempt', () => {
  it.each([
    ['exponential', [1_000, 2_000, 4_000, 8_000]],
    ['linear', [1_000, 2_000, 3_000, 4_000]],
    ['constant', [1_000, 1_000, 1_000, 1_000]],
  ] as const)('grows as it is told: %s', (backoff, expected) => {
    expect(delays({ backoff }, [1, 2, 3, 4])).toEqual(expected);
  });

  it('never grows beyond its limit', () => {
    expect(delays({}, [6, 7, 8, 80])).toEqual([32_000, 60_000, 60_000, 60_000]);
  });

  it('is a number after any number of attempts', () => {
    expect(delays({ maxAttempts: 10_000, base: 0 }, [1, 2, 5_000])).toEqual([0, 0, 0]);
    expect(delays({ maxAttempts: 10_000 }, [5_000])).toEqual([60_000]);
  });

  it('is spread by the jitter, evenly to both sides', () => {
    const spread = (random: number): unknown => delays({ jitter: 0.25 }, [1], () => random)[0];
    expect([spread(0), spread(0.5), spread(1)]).toEqual([750, 1_000, 1_250]);
  });

  it('ends with the last attempt', () => {
    expect(delays({ maxAttempts: 3 }, [1, 2, 3, 4])).toEqual([1_000, 2_000, undefined, undefined]);
    expect(delays({ maxAttempts: 1 }, [1])).toEqual([undefined]);
  });

  it('is what the step itself asked for', () => {
    expect(delayAfter(new RetryAfter('90s'), 1, policy, middle)).toBe(90_000);
    expect(delayAfter(new RetryAfter(5), 1, policy, middle)).toBe(5);
    expect(delayAfter(new RetryAfter('1h'), 100, policy, middle)).toBeUndefined();
  });

  it.each([new FatalError('refused'), new NotSerializable('$', 'a function')])(
    'is none after %s',
    (fault) => {
      expect(delayAfter(fault, 1, policy, middle)).toBeUndefined();
      expect(isHopeless(fault)).toBe(true);
    },
  );

  it('is none where the step says that it is no use, told the error and the attempt', () => {
    const asked: unknown[] = [];
    const retryIf = (fault: Error, attempt: number): boolean => {
      asked.push([fault, attempt]);
      return attempt < 2;
    };
    expect(delays({ retryIf }, [1, 2])).toEqual([1_000, undefined]);
    expect(asked).toEqual([
      [error, 1],
      [error, 2],
    ]);
  });

  it('lets a fault in retryIf through to whoever asked', () => {
    const retryIf = (): boolean => {
      throw new Error('a fault of the policy');
    };
    expect(() => delays({ retryIf }, [1])).toThrow('a fault of the policy');
  });
});
