import { describe, expect, it } from '@jest/globals';
import { History } from '../../../lib/execution/history.js';
import { parentOf, pathOf } from '../../../lib/identity/operation-path.js';
import type { HistoryLine } from '../../../lib/storage/history-line.js';
import { line as record } from '../../support/records.js';

function line(path: string, seq: number, facts: Partial<HistoryLine> = {}): HistoryLine {
  const { executionId: _id, watcher: _watcher, type: _type, ...lineFacts } = record({ path, seq });
  return { ...lineFacts, ...facts };
}

describe('A history', () => {
  it('knows the ends directly inside a path, in their order', () => {
    const lines = [
      line('a/x', 1),
      line('a', 2),
      line('b', 3, { outcome: 'failed' }),
      line('a/y', 4),
      line('a/x/z', 5),
    ];
    const history = new History(lines);
    expect(history.endsWithin('').map(({ path }) => path)).toEqual(['a', 'b']);
    expect(history.endsWithin('a').map(({ path }) => path)).toEqual(['a/x', 'a/y']);
    expect(history.endsWithin('a/x').map(({ path }) => path)).toEqual(['a/x/z']);
    expect(history.endsWithin('nothing')).toEqual([]);
    expect(history.nextSeq()).toBe(6);
  });

  it('counts failed attempts, and knows when the next one is due', () => {
    const history = new History([
      line('a', 1, { outcome: 'attempt_failed', attempt: 1, dueAt: 10 }),
      line('a', 2, { outcome: 'attempt_failed', attempt: 2, dueAt: 20 }),
    ]);
    expect(history.beginningsOf('a')).toEqual({ failedAttempts: 2, retryAt: 20, opened: undefined });
    expect(history.beginningsOf('b')).toEqual({ failedAttempts: 0, retryAt: null, opened: undefined });
  });

  it('keeps the opening of the attempt that is under way, and not that of one that failed', () => {
    const first = line('a', 1, { outcome: 'opened', attempt: 1 });
    const second = line('a', 3, { outcome: 'opened', attempt: 2 });
    const failed = line('a', 2, { outcome: 'attempt_failed', attempt: 1, dueAt: 5 });
    expect(new History([first]).beginningsOf('a').opened).toBe(first);
    expect(new History([first, failed]).beginningsOf('a').opened).toBeUndefined();
    expect(new History([first, failed, second]).beginningsOf('a')).toEqual({
      failedAttempts: 1,
      retryAt: 5,
      opened: second,
    });
  });

  it('knows the waits inside an operation that are open, however deep, until they end or are withdrawn', () => {
    const opened = (path: string, seq: number, kind: string): HistoryLine =>
      line(path, seq, { outcome: 'opened', kind });
    const history = new History([
      opened('a', 1, 'step'),
      opened('a/b', 2, 'step'),
      opened('a/b/x', 3, 'event'),
      opened('a/y', 4, 'sleep'),
      opened('ab/z', 5, 'input'),
      opened('alone', 6, 'event'),
      opened('a/done', 7, 'event'),
      line('a/done', 8, { kind: 'event' }),
    ]);
    const pathsIn = (path: string): string[] => history.openedWaitsIn(path).map((each) => each.path);
    expect(pathsIn('a')).toEqual(['a/b/x', 'a/y']);
    expect(pathsIn('a/b')).toEqual(['a/b/x']);
    expect(history.inheritedWaits().map(({ path }) => path)).toEqual(['a/b/x', 'a/y', 'ab/z']);
    history.add(line('a/b/x', 9, { outcome: 'withdrawn', kind: 'event' }));
    history.add(line('a/y', 10, { kind: 'sleep' }));
    expect(pathsIn('a')).toEqual([]);
    expect(history.waitsIn('a')).toBe(false);
    expect(history.waitsIn('ab')).toBe(true);
    history.add(opened('a/b/x', 11, 'event'));
    expect(pathsIn('a')).toEqual(['a/b/x']);
    // What this process has opened is none of an earlier one.
    expect(history.inheritedWaits().map(({ path }) => path)).toEqual(['ab/z']);
  });

  it('takes for waiting only what waits in the attempt under way', () => {
    const history = new History([
      line('a/b', 1, { outcome: 'attempt_failed', dueAt: 9 }),
      line('a/c', 2, { outcome: 'opened', kind: 'event' }),
    ]);
    expect(history.waitsIn('a')).toBe(true);
    history.add(line('a', 3, { outcome: 'attempt_failed' }));
    expect(history.waitsIn('a')).toBe(false);
    expect(history.inheritedWaits()).toEqual([]);
    history.add(line('a/b', 4, { outcome: 'attempt_failed', dueAt: 9 }));
    expect(history.waitsIn('a')).toBe(true);
  });

  it('tells what belongs to the attempts under way from what was begun in one that has failed', () => {
    const before = line('a/b', 1, { outcome: 'opened' });
    const history = new History([before]);
    expect(history.isOfThisAttempt(before)).toBe(true);
    // As a step of the main line is noted by the process that runs it.
    history.note(line('a', 2, { outcome: 'attempt_failed' }));
    expect(history.isOfThisAttempt(before)).toBe(false);
    expect(history.isOfThisAttempt(line('a/b', 3, { outcome: 'opened' }))).toBe(true);
    expect(history.isOfThisAttempt(line('b', 1, { outcome: 'opened' }))).toBe(true);
  });

  it('grows with what this process records', () => {
    const history = new History([]);
    expect(history.nextSeq()).toBe(1);
    history.add(line('step/child', 7));
    expect(history.endsWithin('step')).toHaveLength(1);
    expect(history.nextSeq()).toBe(8);
  });

  it('takes a number that was used up for no end of anything', () => {
    const history = new History([line('pay/rolled-back', 4, { outcome: 'opened', kind: 'void' })]);
    expect(history.nextSeq()).toBe(5);
    expect(history.endsWithin('pay')).toEqual([]);
    expect(history.beginningsOf('pay')).toEqual({ failedAttempts: 0, retryAt: null, opened: undefined });
  });
});

describe('The path of an operation', () => {
  it.each([
    ['', 'charge', 1, 'charge'],
    ['', 'charge', 2, 'charge#2'],
    ['charge', 'fetch-rate', 1, 'charge/fetch-rate'],
    ['charge#2', 'fetch-rate', 3, 'charge#2/fetch-rate#3'],
  ])('in "%s", "%s", call %d: %s', (parent, name, occurrence, path) => {
    expect(pathOf(parent, name, occurrence)).toBe(path);
    expect(parentOf(path)).toBe(parent);
  });

  it('is never that of another name, whatever is in the names', () => {
    const names = ['a', 'a/b', 'a#2', 'a%2Fb', 'a%', '#2', '/', '%23', 'ä ö', '😀'];
    const paths = new Set<string>();
    for (const parent of ['', 'p']) {
      for (const name of names) for (const call of [1, 2, 3]) paths.add(pathOf(parent, name, call));
    }
    expect(paths.size).toBe(2 * names.length * 3);
    for (const path of paths) expect(['', 'p']).toContain(parentOf(path));
  });
});
