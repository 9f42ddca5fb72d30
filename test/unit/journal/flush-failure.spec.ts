import { describe, expect, it } from '@jest/globals';
import { classifyFailure, type FlushFailure, Unwritable } from '../../../lib/journal/flush-failure.js';
import { StatementFailed } from '../../../lib/journal/statement-pipeline.js';
import { FENCE } from '../../../lib/journal/statements/fence.statement.js';

function refusedBy(statement: string, code: string): StatementFailed {
  return new StatementFailed(statement, Object.assign(new Error('no'), { code }));
}

const byCode: readonly (readonly [FlushFailure, readonly string[]])[] = [
  ['poison', ['22P02', '22021', '22008', '22003', '23505', '23502', '54000', '54001', '22012']],
  ['blocked', ['55P03']],
  ['transient', ['40001', '40P01', '57014']],
  ['forgotten', ['26000', '42P05', '0A000']],
  ['disconnected', ['08000', '08003', '08006', '57P01', '57P02', '57P03', '57P05', '25P03']],
  ['unavailable', ['53100', '53200', '53300', '42P01', '42501', '25006', 'XX000', 'XX001', '58030', '55000']],
];

describe('What a failed flush calls for', () => {
  it.each(byCode.flatMap(([failure, codes]) => codes.map((code) => [code, failure] as const)))(
    '%s in a statement of records: %s',
    (code, failure) => {
      expect(classifyFailure(refusedBy('durable_history', code))).toBe(failure);
    },
  );

  it('a division by zero in the fence is the fence', () => {
    expect(classifyFailure(refusedBy(FENCE, '22012'))).toBe('fenced');
  });

  it("a lock on the worker's own row blames no record", () => {
    expect(classifyFailure(refusedBy(FENCE, '55P03'))).toBe('transient');
  });

  it.each([
    ['a code of the operating system', Object.assign(new Error('gone'), { code: 'ECONNRESET' })],
    ['a code of five letters that is none of SQL', Object.assign(new Error('pipe'), { code: 'EPIPE' })],
    ['an error without a code', new Error('Connection terminated unexpectedly')],
    ['something that is no error', 'gone'],
    ['nothing', undefined],
  ])('%s: only the database knows', (_, error) => {
    expect(classifyFailure(error)).toBe('disconnected');
  });

  it('a record that cannot be written down is to blame itself', () => {
    expect(classifyFailure(new Unwritable(new RangeError('out of range')))).toBe('poison');
  });
});
