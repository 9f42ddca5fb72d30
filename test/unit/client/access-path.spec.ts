import { describe, expect, it } from '@jest/globals';
import { accessPath } from '../../../lib/storage/queries/listing.queries.js';

const any = { kind: 'any' } as const;
const failed = { kind: 'ended', outcome: 'failed' } as const;
const completed = { kind: 'ended', outcome: 'completed' } as const;

describe('The way to the executions of a listing', () => {
  it.each([
    ['nothing asked', any, {}, [], []],
    ['a workflow', any, { workflow: 'a' }, ['workflow'], []],
    ['an outcome', failed, {}, ['outcome'], []],
    ['a workflow and what is rare', failed, { workflow: 'a' }, ['workflow', 'outcome'], []],
    ['a workflow and what is usual', completed, { workflow: 'a' }, ['workflow'], ['outcome']],
    [
      'a parent and all else',
      failed,
      { parentId: 'p', workflow: 'a' },
      ['parentId'],
      ['workflow', 'outcome'],
    ],
    [
      'what no index has in order',
      any,
      { queue: 'q', step: 's', attributes: '{}' },
      [],
      ['queue', 'attributes', 'step'],
    ],
    ['times alone', any, { from: 'x', below: 'y' }, [], []],
  ] as const)('for %s', (_, source, criteria, driven, rest) => {
    expect(accessPath(source, criteria)).toEqual({ driven, rest });
  });
});
