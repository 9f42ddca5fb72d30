import { describe, expect, it } from '@jest/globals';
import { executionStepsOf } from '../../../lib/client/execution-steps.js';
import { serializeError } from '../../../lib/serialization/serialized-error.js';
import { TaggedSerializer } from '../../../lib/serialization/tagged-serializer.js';
import type { StoredStep } from '../../../lib/storage/queries/execution.queries.js';

const serializer = new TaggedSerializer();

function lines(...facts: (Partial<StoredStep> & Pick<StoredStep, 'path' | 'outcome'>)[]): StoredStep[] {
  return facts.map((fact, index) => ({
    seq: index + 1,
    kind: 'step',
    attempt: 1,
    startedAt: 1_000,
    endedAt: 2_000,
    dueAt: null,
    output: null,
    error: null,
    worker: '1',
    ...fact,
  }));
}

function shown(stored: StoredStep[], isAlive = true): string[] {
  return executionStepsOf(stored, { isAlive, serializer }).map(
    ({ path, status, attempt }) => `${path} ${status} ${attempt}`,
  );
}

describe('The steps of an execution', () => {
  it('carry what was recorded', () => {
    const [step] = executionStepsOf(
      lines({
        path: 'ship%2Fit/50%25#3',
        outcome: 'completed',
        attempt: 2,
        output: serializer.stringify({ at: new Date(5) }),
        dueAt: 3_000,
        worker: '12',
      }),
      { isAlive: true, serializer },
    );
    expect(step).toEqual({
      seq: 1,
      path: 'ship%2Fit/50%25#3',
      name: '50%',
      kind: 'step',
      status: 'completed',
      attempt: 2,
      startedAt: new Date(1_000),
      endedAt: new Date(2_000),
      dueAt: new Date(3_000),
      output: { at: new Date(5) },
      error: undefined,
      workerId: '12',
    });
  });

  it('bring errors back', () => {
    const error = serializeError(new TypeError('no'));
    const [step] = executionStepsOf(lines({ path: 'a', outcome: 'failed', error }), {
      isAlive: true,
      serializer,
    });
    expect(step?.error).toBeInstanceOf(TypeError);
    expect(step?.error?.message).toBe('no');
  });

  it('show a value of a class that is not registered here as it is stored', () => {
    class Money {
      constructor(readonly amount: number) {}
    }
    const elsewhere = new TaggedSerializer().register('money', Money, {
      encode: ({ amount }) => amount,
      decode: (amount) => new Money(amount),
    });
    const output = elsewhere.stringify(new Money(5));
    const [step] = executionStepsOf(lines({ path: 'a', outcome: 'completed', output }), {
      isAlive: true,
      serializer,
    });
    expect(step?.output).toEqual(JSON.parse(output));
  });

  it('show a beginning while there is no end', () => {
    const stored = lines(
      { path: 'charge', outcome: 'opened' },
      { path: 'sleep', outcome: 'opened', kind: 'sleep' },
    );
    expect(shown(stored)).toEqual(['charge running 1', 'sleep waiting 1']);
    expect(executionStepsOf(stored, { isAlive: true, serializer })[0]?.endedAt).toBeUndefined();
  });

  it('leave out a beginning that has an end', () => {
    expect(
      shown(
        lines(
          { path: 'charge', outcome: 'opened' },
          { path: 'other', outcome: 'completed' },
          { path: 'charge', outcome: 'completed' },
        ),
      ),
    ).toEqual(['other completed 1', 'charge completed 1']);
  });

  it('show the attempt that runs after those that failed', () => {
    expect(
      shown(
        lines(
          { path: 'charge', outcome: 'opened' },
          { path: 'charge', outcome: 'attempt_failed' },
          { path: 'charge', outcome: 'opened', attempt: 2 },
        ),
      ),
    ).toEqual(['charge attempt_failed 1', 'charge running 2']);
  });

  it('take two calls of one step for two', () => {
    expect(
      shown(lines({ path: 'charge', outcome: 'opened' }, { path: 'charge#2', outcome: 'completed' })),
    ).toEqual(['charge running 1', 'charge#2 completed 1']);
  });

  it('never show what only keeps a number', () => {
    expect(shown(lines({ path: 'charge/rolled-back', outcome: 'opened', kind: 'void' }))).toEqual([]);
  });

  it('call what its execution did not live to see the end of interrupted', () => {
    expect(shown(lines({ path: 'charge', outcome: 'opened' }), false)).toEqual(['charge interrupted 1']);
  });

  it('call what the step around it did not wait for interrupted', () => {
    expect(
      shown(
        lines({ path: 'ship/sleep', outcome: 'opened', kind: 'sleep' }, { path: 'ship', outcome: 'failed' }),
      ),
    ).toEqual(['ship/sleep interrupted 1', 'ship failed 1']);
  });

  it('take what is in a block for open, though the block has been asked', () => {
    expect(
      shown(
        lines(
          { path: 'byKind', outcome: 'completed', kind: 'branch' },
          { path: 'byKind/ship', outcome: 'opened' },
          { path: 'poll', outcome: 'completed', kind: 'while' },
          { path: 'poll/wait', outcome: 'opened', kind: 'sleep' },
          { path: 'mail', outcome: 'completed', kind: 'foreach' },
          { path: 'mail/17/send', outcome: 'opened' },
          { path: 'review', outcome: 'opened', kind: 'decision' },
        ),
      ).filter((line) => !line.includes('completed')),
    ).toEqual(['byKind/ship running 1', 'poll/wait waiting 1', 'mail/17/send running 1', 'review running 1']);
  });

  it('call what a question, or a join that is over, left open interrupted', () => {
    expect(
      shown(
        lines(
          { path: 'poll/#ask/fetch', outcome: 'opened' },
          { path: 'poll', outcome: 'completed', kind: 'while' },
          { path: 'dash/slow', outcome: 'opened' },
          { path: 'dash', outcome: 'completed', kind: 'parallel' },
        ),
      ).filter((line) => !line.includes('completed')),
    ).toEqual(['poll/#ask/fetch interrupted 1', 'dash/slow interrupted 1']);
  });

  it('name what is undone, and show nothing of where that began', () => {
    const path = `#undo/${encodeURIComponent('mail/17/send#2')}`;
    const steps = executionStepsOf(
      lines(
        { path: '#undo', outcome: 'opened', kind: 'compensation' },
        { path: `${path}/call`, outcome: 'completed' },
        { path, outcome: 'completed', kind: 'undo' },
      ),
      { isAlive: true, serializer },
    );
    expect(steps.map(({ name, compensates }) => [name, compensates])).toEqual([
      ['call', undefined],
      ['send', 'mail/17/send#2'],
    ]);
    expect(steps[0]).not.toHaveProperty('compensates');
  });

  it('call what was open when the undoing began interrupted, and what undoes running', () => {
    const path = `#undo/${encodeURIComponent('charge')}`;
    expect(
      shown(
        lines(
          { path: 'send', outcome: 'opened' },
          { path: '#undo', outcome: 'opened', kind: 'compensation' },
          { path, outcome: 'opened', kind: 'undo' },
          { path: `${path}/sleep`, outcome: 'opened', kind: 'sleep' },
        ),
      ),
    ).toEqual(['send interrupted 1', `${path} running 1`, `${path}/sleep waiting 1`]);
  });

  it('keep what waits inside a step whose attempt failed: the next attempt finds it again', () => {
    expect(
      shown(
        lines(
          { path: 'ship/sleep', outcome: 'opened', kind: 'sleep' },
          { path: 'ship', outcome: 'attempt_failed' },
        ),
      ),
    ).toEqual(['ship/sleep waiting 1', 'ship attempt_failed 1']);
  });
});
