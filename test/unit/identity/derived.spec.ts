import { describe, expect, it } from '@jest/globals';
import { derivedRandom, derivedUuid } from '../../../lib/identity/derived.js';

describe('derivedUuid', () => {
  it('is the same in every process and version of the package', () => {
    expect(derivedUuid('execution/step/1')).toBe('ea8942e8-3950-83d9-9bf5-5f1c8805175b');
  });

  it('is a UUID of version 8 that differs with the seed', () => {
    const made = Array.from({ length: 1_000 }, (_, index) => derivedUuid(`seed ${index}`));
    for (const uuid of made) {
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
    expect(new Set(made).size).toBe(1_000);
  });
});

describe('derivedRandom', () => {
  it('is the same in every process and version of the package', () => {
    expect(derivedRandom('execution/step/1')).toBe(0.2924930884477701);
  });

  it('lies in [0, 1), evenly', () => {
    const made = Array.from({ length: 10_000 }, (_, index) => derivedRandom(`seed ${index}`));
    expect(made.every((number) => number >= 0 && number < 1)).toBe(true);
    expect(new Set(made).size).toBe(10_000);
    const tenths = Array.from({ length: 10 }, () => 0);
    for (const number of made) tenths[Math.floor(number * 10)] = (tenths[Math.floor(number * 10)] ?? 0) + 1;
    for (const count of tenths) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });
});
