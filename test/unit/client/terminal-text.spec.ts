import { describe, expect, it } from '@jest/globals';
import { fitted, oneLine, shortened, widthOf } from '../../../lib/client/terminal-text.js';
import { lengthOf } from '../../../lib/time/time-length.js';

describe('Text for a terminal', () => {
  it.each([
    ['plain', 5],
    ['配達', 4],
    ['é', 1],
    ['e\u0301', 1],
    ['🚚', 2],
    ['', 0],
  ])('knows how wide %j is', (text, width) => {
    expect(widthOf(text)).toBe(width);
  });

  it('is cut to its columns, wide characters as a whole', () => {
    expect(shortened('delivery', 5)).toBe('deli…');
    expect(shortened('delivery', 8)).toBe('delivery');
    expect(shortened('配達する', 4)).toBe('配…');
    expect(shortened('delivery', 0)).toBe('');
  });

  it('is filled up to its columns', () => {
    expect(fitted('ab', 4)).toBe('ab  ');
    expect(widthOf(fitted('配達する', 4))).toBe(4);
  });

  it('carries nothing that steers the terminal', () => {
    expect(oneLine('a\n\tb\u001b[31mred\u001b[0m\u0007\u2028c\u202ed')).toBe('a bred cd');
  });
});

describe('A length of time', () => {
  it.each([
    [0, '0ms'],
    [999, '999ms'],
    [1_000, '1s'],
    [3_440, '3.4s'],
    [59_949, '59.9s'],
    [59_960, '1m'],
    [125_000, '2m 5s'],
    [3_599_999, '1h'],
    [12_000_000, '3h 20m'],
    [367_200_000, '4d 6h'],
  ])('of %d ms is %s', (milliseconds, text) => {
    expect(lengthOf(milliseconds)).toBe(text);
  });
});
