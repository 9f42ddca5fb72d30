import { describe, expect, it } from '@jest/globals';
import { EmbeddedUnavailable, DatabaseUnavailable } from '../../../lib/errors/database.error.js';
import { InvalidDefinition, WorkflowNotRegistered } from '../../../lib/errors/definition.error.js';
import {
  ExecutionCancelled,
  ExecutionFailed,
  ReplayDivergence,
} from '../../../lib/errors/execution.error.js';
import { InvalidDuration, InvalidOptions } from '../../../lib/errors/option.error.js';
import { FatalError, RetryAfter } from '../../../lib/errors/retry.error.js';
import { InvalidInput } from '../../../lib/errors/start.error.js';
import { StepTimeout } from '../../../lib/errors/step.error.js';
import { samples } from './samples.js';

describe('the sentences of the errors', () => {
  it.each(samples.map((error) => [error.name, error.message, error] as const))(
    '%s: %s',
    (_, message, error) => {
      expect(message).toMatch(/^\S[^]*\S$/);
      expect(message).not.toMatch(/undefined|null|\[object|NaN|\.\.|: \./);
      if (error instanceof FatalError || error instanceof RetryAfter) {
        expect(error.remedy).toBe('');
      } else {
        expect(message.endsWith(error.remedy)).toBe(true);
        expect(error.remedy).toMatch(/^[A-Z][^]+\.$/);
      }
      // What a fact of the error says, its message says too.
      for (const fact of [error.executionId, error.step, error.attempt]) {
        if (fact !== undefined && !message.includes(String(fact))) {
          expect(['TransactionNotActive', 'NotSerializable']).toContain(error.name);
        }
      }
    },
  );

  it('list every fault on a line of its own', () => {
    expect(new InvalidOptions(['one is wrong', 'two is wrong']).message).toBe(
      'DurableModule was given options that it cannot use:\n  - one is wrong\n  - two is wrong\n' +
        'Correct them where DurableModule.forRoot() or forRootAsync() is called.',
    );
    expect(new InvalidDefinition('OrderWorkflow', ['a', 'b']).message).toContain(
      'OrderWorkflow cannot be used:\n  - a\n  - b\n',
    );
  });

  it('name each field of a bad input', () => {
    const fields = [
      { path: 'id', messages: ['must be a text', 'must not be empty'] },
      { path: 'items.0.price', messages: ['must be positive'] },
    ];
    expect(new InvalidInput('order', fields).message).toContain(
      'id: must be a text, must not be empty; items.0.price: must be positive.',
    );
  });

  it('carry on what the cause says', () => {
    const cause = new TypeError('Card refused!');
    const failed = new ExecutionFailed('e-1', 'order', cause);
    expect(failed.message).toContain('failed: Card refused! The error');
    expect(failed.cause).toBe(cause);
    expect(new DatabaseUnavailable('postgres shop', new Error('ECONNREFUSED')).message).toContain(
      'cannot be used: ECONNREFUSED. Check',
    );
  });

  it('give the line to run where a package is missing', () => {
    expect(new EmbeddedUnavailable().message).toContain('npm install @electric-sql/pglite');
  });

  it('say where a workflow must be added', () => {
    class ShipWorkflow {}
    const error = new WorkflowNotRegistered(ShipWorkflow);
    expect(error.message).toContain('add it to the `providers` of a module');
    expect(error.workflow).toBe('ShipWorkflow');
  });

  it('name both sides of a divergence', () => {
    expect(new ReplayDivergence('e-1', 'step "a"', 'step "b"').message).toContain(
      'recorded was step "a", but the code called step "b"',
    );
  });

  it('say execution, step and attempt of a time-out', () => {
    expect(new StepTimeout('e-1', 'charge', 2, 500).message).toMatch(/Attempt 2 .*"charge".*e-1.*500 ms/);
  });

  it('give the reason of a cancellation where there is one', () => {
    expect(new ExecutionCancelled('e-1', 'too late').message).toContain('cancelled: too late. Start');
    expect(new ExecutionCancelled('e-1').message).toContain('cancelled. Start');
    expect('reason' in new ExecutionCancelled('e-1')).toBe(false);
  });

  it('are only the words of the user where the user throws', () => {
    expect(new FatalError('The card was refused').message).toBe('The card was refused');
    expect(new RetryAfter('30s', { message: 'Busy' }).message).toBe('Busy');
    expect(new RetryAfter(500).message).toBe('The step asked for its next attempt after 500 ms');
    expect(new RetryAfter('30s').delay).toBe('30s');
    const cause = new Error('429');
    expect(new RetryAfter('30s', { cause }).cause).toBe(cause);
  });

  it('show any value that is not a duration, shortly', () => {
    expect(new InvalidDuration('x'.repeat(10_000)).message.length).toBeLessThan(500);
    expect(new InvalidDuration({ a: { b: {} } }).given).toBe('{ a: [Object] }');
    expect(new InvalidDuration(Object.create(null)).given).toBe('[Object: null prototype] {}');
  });
});
