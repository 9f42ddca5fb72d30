import { describe, expect, it } from '@jest/globals';
import { didYouMean, nearestName } from '../../../lib/definition/nearest-name.js';

describe('nearestName', () => {
  const candidates = ['retry', 'timeout', 'transactional', 'name'];

  it.each([
    ['retries', 'retry'],
    ['rerty', 'retry'],
    ['timeOut', 'timeout'],
    ['transational', 'transactional'],
    ['nam', 'name'],
    ['action', 'transactional'],
    ['nmae', 'name'],
  ])('finds what %s was meant to be', (name, meant) => {
    expect(nearestName(name, candidates)).toBe(meant);
  });

  it.each(['queue', 'x', 'concurrency', ''])('finds nothing near %p', (name) => {
    expect(nearestName(name, candidates)).toBeUndefined();
  });

  it('takes the nearest of several', () => {
    expect(nearestName('sumary', ['sugars', 'summary'])).toBe('summary');
    expect(nearestName('summery', ['summer', 'summary', 'summery'])).toBe('summery');
  });

  it('says nothing where nothing is near', () => {
    expect(didYouMean('timeuot', candidates)).toBe(": did you mean 'timeout'?");
    expect(didYouMean('elephant', candidates)).toBe('');
  });
});
