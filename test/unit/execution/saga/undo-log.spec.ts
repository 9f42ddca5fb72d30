import { describe, expect, it } from '@jest/globals';
import { Operation, type Surroundings } from '../../../../lib/execution/operation.js';
import { UndoLog } from '../../../../lib/execution/saga/undo-log.js';
import type { HistoryLine } from '../../../../lib/storage/history-line.js';
import { line as record } from '../../../support/records.js';

const undo = {
  name: 'undo',
  retry: { maxAttempts: 1, backoff: 'constant', base: 0, maxBackoff: 0, jitter: 0 },
  run: () => undefined,
} as const;

const nowhere: Surroundings = {
  path: '',
  strand: undefined,
  isBody: false,
  isAlone: false,
  delivery: {
    holdsBodies: false,
    replayed: async () => undefined,
    caughtUp: async () => undefined,
    forget: () => undefined,
    ended: () => undefined,
    reserve: () => ({ fill: () => undefined, void: () => undefined }),
  },
};

function completed(log: UndoLog, path: string, seq: number, facts: Partial<HistoryLine> = {}): void {
  const operation = new Operation(path, 'step', null, nowhere);
  operation.undo = undo;
  log.completed(operation, { ...record({ path, seq }), ...facts });
}

describe('An undo log', () => {
  it('gives what was completed, the last first, whenever it heard of it', () => {
    const log = new UndoLog();
    completed(log, 'b', 5, { output: '"five"' });
    completed(log, 'c', 9, { output: null });
    completed(log, 'a', 2, { output: '"two"' });
    expect(log.toUndo(0)).toEqual([
      { path: 'c', seq: 9, output: null, undo },
      { path: 'b', seq: 5, output: '"five"', undo },
      { path: 'a', seq: 2, output: '"two"', undo },
    ]);
  });

  it('knows nothing of what failed, began, or cannot be undone', () => {
    const log = new UndoLog();
    for (const outcome of ['failed', 'attempt_failed', 'opened'] as const)
      completed(log, 'a', 1, { outcome });
    log.completed(new Operation('b', 'step', null, nowhere), record({ path: 'b', seq: 2 }));
    expect(log.toUndo(0)).toEqual([]);
  });

  it('leaves out what was completed before the point of no return', () => {
    const log = new UndoLog();
    for (const seq of [1, 2, 4]) completed(log, `step ${seq}`, seq);
    expect(log.toUndo(3).map(({ seq }) => seq)).toEqual([4]);
    expect(log.toUndo(4)).toEqual([]);
  });
});
