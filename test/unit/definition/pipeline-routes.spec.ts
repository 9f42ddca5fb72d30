import { describe, expect, it } from '@jest/globals';
import { childrenOf, clauseFor, clausesOf, targetIndex } from '../../../lib/definition/pipeline-routes.js';
import { branch, step } from '../graph/definitions.js';

const [send, pack, keep] = [step('send'), step('pack'), step('keep')];
const byKind = branch('byKind', { digital: [send], 1: [pack, send], true: [] }, [keep]);
const strict = branch('strict', { digital: [send] });

describe('The routes through a pipeline', () => {
  it('lead by an answer to its clause, else to the default', () => {
    expect(clauseFor(byKind, 'digital')).toEqual({ key: 'digital', nodes: [send] });
    expect(clauseFor(byKind, 1)?.nodes).toEqual([pack, send]);
    expect(clauseFor(byKind, true)?.nodes).toEqual([]);
    for (const answer of ['other', 'default', null, undefined, {}, ['digital']]) {
      expect(clauseFor(byKind, answer)).toEqual({ key: 'default', nodes: [keep] });
    }
    expect(clauseFor(strict, 'other')).toBeUndefined();
    expect(clausesOf(byKind).at(-1)?.key).toBe('default');
  });

  it('have each child of a block once, whatever number of clauses leads there', () => {
    expect(childrenOf(byKind)).toHaveLength(3);
    expect(childrenOf(send)).toEqual([]);
  });

  it('lead on to later nodes only', () => {
    const nodes = [send, pack, keep];

    expect(targetIndex(nodes, 0, 'keep')).toBe(2);
    expect(targetIndex(nodes, 1, 'send')).toBeUndefined();
    expect(targetIndex(nodes, 1, 'pack')).toBeUndefined();
  });
});
