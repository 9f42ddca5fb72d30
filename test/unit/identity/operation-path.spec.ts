import { describe, expect, it } from '@jest/globals';
import {
  bodyPathOf,
  callOf,
  callPathOf,
  firstCallOf,
  isOfTheEngine,
  isOfUndoing,
  itemPathOf,
  labelOf,
  nameOf,
  parentOf,
  pathOf,
  pathsAround,
  undonePathAround,
  undonePathOf,
  undoPathOf,
} from '../../../lib/identity/operation-path.js';

describe('The path of an operation', () => {
  it('is the names from the execution down, with the number of a later call', () => {
    expect(pathOf('', 'charge', 1)).toBe('charge');
    expect(pathOf('', 'charge', 2)).toBe('charge#2');
    expect(pathOf('charge#2', 'fetch-rate', 1)).toBe('charge#2/fetch-rate');
    expect(pathOf(itemPathOf('mail', 17), 'send', 1)).toBe('mail/17/send');
    expect(callPathOf('poll', 1)).toBe('poll');
    expect(callPathOf('poll', 2)).toBe('poll#2');
  });

  it.each(['charge', 'a/b', 'a#2', '50%', '#undo', '#ask', '%23', '7'])('keeps the name %j', (name) => {
    for (const call of [1, 2, 31]) {
      const path = pathOf('around#2', name, call);

      expect(nameOf(path)).toBe(name);
      expect(callOf(path)).toBe(call);
      expect(labelOf(path)).toBe(call === 1 ? name : `${name}#${call}`);
      expect(parentOf(path)).toBe('around#2');
      expect(firstCallOf(path)).toBe(pathOf('around#2', name, 1));
      expect(path.split('/').some(isOfTheEngine)).toBe(false);
    }
  });

  it('has a place for what a question calls beside the children of its block', () => {
    expect(bodyPathOf({ path: 'byKind', kind: 'branch' })).toBe('byKind/#ask');
    expect(bodyPathOf({ path: 'review', kind: 'decision' })).toBe('review/#ask');
    expect(bodyPathOf({ path: 'charge', kind: 'step' })).toBe('charge');
  });

  it('is inside the paths around it, the outermost first', () => {
    expect(pathsAround('charge')).toEqual([]);
    expect(pathsAround('mail/17/send')).toEqual(['mail', 'mail/17']);
    expect(pathsAround('#undo/charge')).toEqual([]);
    expect(pathsAround('#undo/charge/call')).toEqual(['#undo/charge']);
  });

  it('says of an undo which step it undoes', () => {
    const undo = undoPathOf('mail/17/send#2');

    expect(undo).toBe('#undo/mail%2F17%2Fsend%232');
    expect(undonePathOf(undo)).toBe('mail/17/send#2');
    expect(undonePathOf(`${undo}/call`)).toBeUndefined();
    expect(undonePathAround(`${undo}/call`)).toBe('mail/17/send#2');
    expect(undonePathAround('mail/17/send')).toBeUndefined();
    expect([undo, `${undo}/call`, '#undo'].map(isOfUndoing)).toEqual([true, true, true]);
    expect(isOfUndoing(pathOf('', '#undo', 1))).toBe(false);
  });
});
