import { describe, expect, it } from '@jest/globals';
import { runInNewContext } from 'node:vm';
import type { ExecutionFilter } from '../../../lib/client/execution-filter.js';
import { checkFilter } from '../../../lib/client/filter.checks.js';
import { listingRequestOf } from '../../../lib/client/listing-request.js';
import { Run } from '../../../lib/decorators/run.decorator.js';
import { Workflow } from '../../../lib/decorators/workflow.decorator.js';
import { InvalidArgument } from '../../../lib/errors/option.error.js';

@Workflow({ name: 'process_order' })
class OrderWorkflow {
  @Run()
  async run(): Promise<void> {
    return await Promise.resolve();
  }
}

class NoWorkflow {
  readonly run = 1;
}

const check = (filter: unknown) => () => checkFilter('listExecutions()', filter);

describe('The checks of a filter', () => {
  it.each([
    ['nothing', {}],
    ['undefined values', { workflow: undefined, limit: undefined }],
    ['the name of a workflow', { workflow: 'process_order' }],
    ['the class of a workflow', { workflow: OrderWorkflow }],
    ['one status', { status: 'failed' }],
    ['several statuses', { status: ['failed', 'waiting'] }],
    ['attributes', { attributes: { customer: 'acme', vip: true, total: 3, note: null } }],
    ['times', { createdAfter: new Date(0), createdBefore: new Date() }],
    ['a time of another realm', { createdAfter: runInNewContext('new Date()') as Date }],
    ['a parent in capitals', { parentId: '019A0000-1234-7ABC-8DEF-0123456789AB' }],
    ['the bounds of the limit', { limit: 1000 }],
    ['a cursor', { cursor: 'abc' }],
  ])('accept %s', (_, filter) => {
    expect(check(filter)).not.toThrow();
  });

  it.each([
    ['no object', 'failed', 'not '],
    ['null', null, 'not null'],
    ['an array', [], 'not []'],
    ['an unknown key', { stats: 'failed' }, "did you mean 'status'?"],
    ['an empty workflow', { workflow: '' }, "'workflow' must be"],
    ['a class that is no workflow', { workflow: NoWorkflow }, 'a class with @Workflow()'],
    ['an unknown status', { status: 'done' }, "'completed', 'failed'"],
    ['an unknown status among others', { status: ['failed', 'done'] }, "'status' must be a list"],
    ['no status at all', { status: [] }, 'at least one'],
    ['a key of Object.prototype as status', { status: 'toString' }, "'status' must be"],
    ['null for a criterion', { queue: null }, "'queue' must be"],
    ['a NUL', { queue: 'a\0b' }, "'queue' must be"],
    ['a lone surrogate', { step: 'a\ud800' }, "'step' must be"],
    ['attributes that are none', { attributes: 'acme' }, "'attributes' must be an object"],
    ['an attribute that cannot be one', { attributes: { a: { b: 1 } } }, "the attribute 'a'"],
    ['an attribute that is undefined', { attributes: { a: undefined } }, "the attribute 'a'"],
    ['a NUL in an attribute', { attributes: { a: '\0' } }, "the attribute 'a'"],
    ['an invalid date', { createdAfter: new Date(NaN) }, 'a valid Date'],
    ['a number for a date', { createdBefore: 0 }, 'a valid Date'],
    ['a parent that is no id', { parentId: "'; DROP TABLE" }, 'the id of an execution'],
    ['a limit of 0', { limit: 0 }, 'a whole number from 1 to 1000'],
    ['a limit of 1001', { limit: 1001 }, 'a whole number from 1 to 1000'],
    ['half a limit', { limit: 1.5 }, 'a whole number from 1 to 1000'],
    ['a text for a limit', { limit: '10' }, 'a whole number from 1 to 1000'],
    ['a number for a cursor', { cursor: 1 }, "'cursor' must be"],
  ])('refuse %s', (_, filter, words) => {
    expect(check(filter)).toThrow(InvalidArgument);
    expect(check(filter)).toThrow(words);
  });

  it('name everything that is wrong at once', () => {
    expect(check({ limit: 0, status: 'done' })).toThrow(/limit.*status/);
  });
});

const identity = (filter: ExecutionFilter): string => listingRequestOf(filter).identity;

describe('What a filter asks for', () => {
  it.each([
    ['the order of statuses', { status: ['failed', 'waiting'] }, { status: ['waiting', 'failed', 'failed'] }],
    ['one status and a list of it', { status: 'failed' }, { status: ['failed'] }],
    ['the order of attributes', { attributes: { a: 1, b: 2 } }, { attributes: { b: 2, a: 1 } }],
    ['a class and its name', { workflow: OrderWorkflow }, { workflow: 'process_order' }],
    ['no attributes and an empty object', {}, { attributes: {} }],
    ['the limit', { limit: 1 }, { limit: 2 }],
    ['undefined', { queue: undefined }, {}],
  ] as const)('is the same whatever %s', (_, left, right) => {
    expect(identity(left)).toBe(identity(right));
  });

  it('is another where any criterion is another', () => {
    const filters = [
      {},
      { workflow: 'a' },
      { queue: 'a' },
      { step: 'a' },
      { status: 'failed' },
      { status: ['failed', 'waiting'] },
      { attributes: { a: 1 } },
      { attributes: { a: '1' } },
      { parentId: '019a0000-1234-7abc-8def-0123456789ab' },
      { createdAfter: new Date(5) },
      { createdBefore: new Date(5) },
    ] as const;
    expect(new Set(filters.map(identity)).size).toBe(filters.length);
  });

  it('reads what is alive before what has ended', () => {
    const { sources } = listingRequestOf({ status: ['failed', 'running', 'completed', 'pending'] });
    expect(sources).toEqual([
      { kind: 'living', statuses: ['pending', 'running'] },
      { kind: 'ended', outcome: 'completed' },
      { kind: 'ended', outcome: 'failed' },
    ]);
  });
});
