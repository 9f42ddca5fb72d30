import { describe, expect, it } from '@jest/globals';
import { isNamedIn, type NamedWaitKind, titleOf } from '../../../../lib/execution/waiting/event-names.js';

describe('The title of a wait for events', () => {
  it.each<[NamedWaitKind, string[], string, boolean]>([
    ['event', ['paid'], 'paid', true],
    ['event', ['paid.late'], 'paid', false],
    ['event', ['a|b'], 'a', false],
    ['any', ['paid', 'failed'], 'paid', true],
    ['any', ['paid', 'failed'], 'failed', true],
    ['any', ['paid.late', 'failed'], 'paid', false],
    ['any', ['paid', 'failed'], 'paid|failed', true],
    ['any', ['a|b', 'c'], 'a|b', true],
    ['all', ['legal', 'finance'], 'finance', true],
    ['all', ['legal', 'finance'], 'fin', false],
    ['all', ['legal', 'finance'], 'legal|finance', false],
  ])('of kind %s for %j says whether it is for "%s"', (kind, names, name, isFor) => {
    expect(isNamedIn(kind, titleOf(kind, names), name)).toBe(isFor);
  });
});
