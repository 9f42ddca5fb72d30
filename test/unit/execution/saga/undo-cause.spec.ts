import { describe, expect, it } from '@jest/globals';
import { ExecutionCancelled, WorkflowTimeout } from '../../../../lib/errors/execution.error.js';
import { FatalError } from '../../../../lib/errors/retry.error.js';
import { judgementOf } from '../../../../lib/execution/ending.js';
import { beginningLine, recordedBeginning, undoCauseOf } from '../../../../lib/execution/saga/undo-cause.js';
import { reviveError } from '../../../../lib/serialization/serialized-error.js';
import { line } from '../../../support/records.js';

describe('The cause of an undoing', () => {
  it.each([
    [new ExecutionCancelled('id', 'enough'), 'cancelled', 'cancelled'],
    [new WorkflowTimeout('id', 100), 'timeout', 'failed'],
    [new FatalError('hopeless'), 'failed', 'failed'],
    ['no error at all', 'failed', 'failed'],
  ])('of %p is %s, and ends what has nothing to undo as %s', (error, because, outcome) => {
    const cause = undoCauseOf(error);
    expect(cause).toMatchObject({ because, isRetried: false });
    expect(judgementOf(cause)).toMatchObject({ outcome, output: null, error: cause.error });
  });

  it.each([true, false])('is the same when it is read from the history (to be retried: %p)', (isRetried) => {
    const cause = { ...undoCauseOf(new ExecutionCancelled('id', 'enough')), isRetried };
    const beginning = { cause, at: 1_000, count: 2, unknown: [{ path: 'charge', undo: 'refund' }] };
    const lines = [line({ seq: 1 }), beginningLine(beginning, 2), line({ seq: 3, path: '#undo/charge' })];
    const recorded = recordedBeginning(lines);
    expect(recorded).toEqual(beginning);
    expect(reviveError(recorded?.cause.error ?? '')).toMatchObject({ reason: 'enough' });
  });

  it('is not in a history that went forward, whatever its steps are called', () => {
    const lines = [line({ seq: 1, path: 'charge' }), line({ seq: 2, path: '%23undo', kind: 'step' })];
    expect(recordedBeginning([])).toBeUndefined();
    expect(recordedBeginning(lines)).toBeUndefined();
  });
});
