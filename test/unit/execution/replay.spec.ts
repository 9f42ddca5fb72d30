import { beforeEach, describe, expect, it } from '@jest/globals';
import { Replay } from '../../../lib/execution/replay.js';
import type { HistoryLine } from '../../../lib/storage/history-line.js';
import { Deferred } from '../../support/gate.js';
import { drained } from '../../support/held-clock.js';

let notes: string[];

function replay({ isFresh = false } = {}): Replay {
  return new Replay({ diverged: (recorded, called) => notes.push(`${recorded} but ${called}`) }, isFresh);
}

function lines(...paths: readonly string[]): HistoryLine[] {
  return paths.map((path, index) => ({
    seq: index + 1,
    path,
    kind: 'step',
    attempt: 1,
    outcome: 'completed',
    startedAt: 0,
    endedAt: 0,
    dueAt: null,
    output: null,
    error: null,
    hash: null,
  }));
}

/** Calls something that is recorded; what follows from its result is done when it is delivered. */
function call(on: Replay, path: string, then: () => void = () => undefined, isAlone = false): void {
  const deliver = (): void => {
    notes.push(path);
    on.delivered();
    then();
  };
  on.expect(path, { deliver }, { isAlone });
}

beforeEach(() => {
  notes = [];
});

describe('A replay', () => {
  it('of nothing is over at once', () => {
    expect(replay({ isFresh: true }).isOver).toBe(true);
  });

  it('delivers in the recorded order, whoever asks first', async () => {
    const replaying = replay();
    replaying.follow(lines('a', 'b', 'c'));
    call(replaying, 'c');
    call(replaying, 'b');
    call(replaying, 'a');
    await replaying.over();
    expect(notes).toEqual(['a', 'b', 'c']);
    expect([replaying.isOver, replaying.isIncomplete]).toEqual([true, false]);
  });

  it('delivers one result a turn, each after what followed from the one before', async () => {
    const replaying = replay();
    replaying.follow(lines('a', 'b', 'c'));
    call(replaying, 'a', () => {
      void Promise.resolve()
        .then(() => notes.push('what follows from a'))
        .then(() => call(replaying, 'b'));
    });
    call(replaying, 'c');
    await replaying.over();
    expect(notes).toEqual(['a', 'what follows from a', 'b', 'c']);
  });

  it('holds everything while code takes some turns to go on', async () => {
    const replaying = replay();
    const stopping = new Deferred();
    replaying.follow(lines('a', 'b'));
    call(replaying, 'a', () => void replaying.during(stopping.promise));
    call(replaying, 'b');
    const over = replaying.over();
    await drained(20);
    expect(notes).toEqual(['a']);
    expect(replaying.isOver).toBe(false);
    stopping.resolve();
    await over;
    expect(notes).toEqual(['a', 'b']);
  });

  it('that never comes to its end is a divergence, which names what was called instead', async () => {
    const replaying = replay();
    replaying.follow(lines('a', 'b'));
    call(replaying, 'a', () => replaying.called({ path: 'other', kind: 'step' }));
    let isOver = false;
    void replaying.over().then(() => (isOver = true));
    await drained(20);
    expect(notes).toEqual(['a', 'step "b" but step "other"']);
    expect([isOver, replaying.isOver, replaying.isIncomplete]).toEqual([false, false, true]);
  });

  it('that never comes to its end and called nothing else says that', async () => {
    const replaying = replay();
    replaying.follow(lines('a'));
    void replaying.over();
    await drained(20);
    expect(notes).toEqual(['step "a" but nothing more']);
  });
});
