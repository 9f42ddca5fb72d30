import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { stripVTControlCharacters } from 'node:util';
import type { Execution } from '../../../lib/client/execution.js';
import type { ExecutionStep } from '../../../lib/client/execution-step.js';
import { printTimeline } from '../../../lib/client/print-timeline.js';
import { widthOf } from '../../../lib/client/terminal-text.js';
import { InvalidArgument } from '../../../lib/errors/option.error.js';

const BEGIN = Date.UTC(2026, 0, 1);
const at = (milliseconds: number): Date => new Date(BEGIN + milliseconds);

function step(
  path: string,
  from: number,
  to: number | undefined,
  facts: Partial<ExecutionStep> = {},
): ExecutionStep {
  return {
    seq: 1,
    path,
    name: path.split('/').at(-1)?.split('#')[0] ?? '',
    kind: 'step',
    status: 'completed',
    attempt: 1,
    startedAt: at(from),
    endedAt: to === undefined ? undefined : at(to),
    dueAt: undefined,
    output: undefined,
    error: undefined,
    workerId: '3',
    ...facts,
  };
}

function execution(steps: readonly ExecutionStep[] | undefined, facts: Partial<Execution> = {}): Execution {
  return {
    id: '019a0000-1234-7abc-8def-0123456789ab',
    key: undefined,
    workflow: 'process_order',
    version: 1,
    queue: 'default',
    status: 'completed',
    priority: 0,
    input: undefined,
    output: undefined,
    error: undefined,
    attributes: {},
    progress: undefined,
    parentId: undefined,
    originId: undefined,
    retriedAs: undefined,
    retryNo: 0,
    createdAt: at(0),
    startedAt: at(0),
    completedAt: at(8_000),
    compensationResults: undefined,
    compensatedAt: undefined,
    dueAt: undefined,
    deadlineAt: undefined,
    worker: undefined,
    lost: 0,
    cancelRequested: false,
    cancelReason: undefined,
    ...(steps !== undefined && { steps }),
    ...facts,
  };
}

const story = [
  step('total', 0, 1_000),
  step('charge', 1_000, 2_000, {
    status: 'attempt_failed',
    error: new TypeError('card\ndeclined \u001b[31m'),
  }),
  step('charge/rate', 3_000, 3_500, { workerId: '7' }),
  step('charge', 3_000, 4_000, { attempt: 2, workerId: '7' }),
  step('sleep', 4_000, 8_000, { kind: 'sleep', workerId: '7' }),
];

const plain = (of: Execution, width = 80): string[] =>
  printTimeline(of, { width, colour: false }).split('\n');
const lineOf = (lines: readonly string[], name: string): string =>
  lines.find((line) => line.slice(2).trimStart().startsWith(name)) ?? '';

describe('A timeline', () => {
  it('says first what it is of', () => {
    const [header] = plain(execution(story));
    expect(header).toBe('process_order v1  019a0000-1234-7abc-8def-0123456789ab  completed in 8s');
  });

  it('has one line for each operation, those inside another below it', () => {
    const names = plain(execution(story))
      .slice(2)
      .filter((line) => !line.includes('└'))
      .map((line) => /^. ( *\w+)/.exec(line)?.[1]);
    expect(names).toEqual(['total', 'charge', '  rate', 'sleep']);
  });

  it('draws what happened when, on one axis', () => {
    const lines = plain(execution(story));
    const left = lineOf(lines, 'total').indexOf('█');
    const bar = (name: string): string =>
      lineOf(lines, name)
        .slice(left)
        .split(/ {2,}\S*[a-z]/)[0] ?? '';
    const length = bar('sleep').length;
    expect(bar('total')).toBe('█'.repeat(Math.floor(length / 8)));
    expect(bar('charge')).toMatch(/^ +▒+·+█+$/);
    expect(bar('sleep')).toMatch(/^ +·+$/);
    expect(bar('sleep').indexOf('·')).toBe(bar('charge').length);
    expect(lines[1]).toMatch(/^ +0 +4s +8s$/);
    expect(lines[1]?.indexOf('0')).toBe(left);
    expect(lines[1]?.length).toBe(left + length);
  });

  it('tells of attempts, errors and other workers', () => {
    const lines = plain(execution(story));
    expect(lineOf(lines, 'charge')).toContain('3s, 2 attempts, worker 7');
    expect(lines).toContain('  └ attempt 1: TypeError: card declined');
    expect(lineOf(lines, 'sleep')).not.toContain('worker');
  });

  it('tells of what runs, waits and is tried again', () => {
    const since = Date.now() - 60_000 - BEGIN;
    const lines = plain(
      execution(
        [
          step('load', since, since + 1_000, { status: 'attempt_failed' }),
          step('send', since, undefined, { status: 'running' }),
          step('sleep', since, undefined, { kind: 'sleep', status: 'waiting' }),
        ],
        { status: 'running', startedAt: at(since), completedAt: undefined, worker: '3', key: 'o-1' },
      ),
    );
    expect(lines[0]).toMatch(/running for 1m/);
    expect(lines[1]).toBe('key o-1, on worker 3');
    expect(lineOf(lines, 'load')).toMatch(/▒·+ .*retrying$/);
    expect(lineOf(lines, 'send')).toMatch(/░+ .*1m, running$/);
    expect(lineOf(lines, 'sleep')).toMatch(/·+ .*1m, waiting$/);
  });

  it('says of an ended execution that nothing is tried again', () => {
    const lines = plain(
      execution([step('load', 0, 1_000, { status: 'attempt_failed' })], {
        status: 'cancelled',
        error: new Error('not wanted'),
      }),
    );
    expect(lineOf(lines, 'load')).toContain('interrupted');
    expect(lines.at(-1)).toBe('✗ Error: not wanted');
  });

  it('shows the shortest step', () => {
    expect(lineOf(plain(execution([step('quick', 7_999, 7_999)])), 'quick')).toContain('█');
  });

  it('says that there is nothing yet', () => {
    const lines = plain(execution([], { status: 'pending', startedAt: undefined, completedAt: undefined }));
    expect(lines[0]).toMatch(/ pending$/);
    expect(lines[1]).toContain('nothing recorded yet');
  });

  it.each([40, 80, 120])('stays within %d columns', (width) => {
    const long = [
      ...story,
      step('aVeryLongNameOfAStepThatDoesNotFitAnywhereAndGoesOnAndOn', 0, 10, {
        error: new Error('x'.repeat(500)),
      }),
      step('配達する'.repeat(20), 0, 10),
    ];
    const facts = { key: 'k'.repeat(200), error: new Error('y'.repeat(500)) };
    const lines = plain(execution(long, facts), width);
    expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(width);
    expect(Math.max(...lines.map(widthOf))).toBe(width);
  });

  it('has an honest place for an execution without any time', () => {
    const lines = plain(execution([step('a', 0, 0)], { completedAt: at(0) }));
    expect(lines[0]).toContain('completed in 0ms');
  });

  it('refuses an execution that was read without its steps', () => {
    expect(() => printTimeline(execution(undefined))).toThrow(InvalidArgument);
  });
});

/** What stands before and after the bars: marks, names and notes, and the lines without a bar as they are. */
const withoutBars = (of: Execution, width = 100): string[] =>
  plain(of, width)
    .slice(2)
    .map((line) => line.replace(/(?<=[^\s✓✗↻▶…■]) {2,}[─█▒░· ]*(?= |$)/u, ' |').trimEnd());

describe('The timeline of blocks', () => {
  it('has what is in a block below it, and items by their numbers', () => {
    const rows = withoutBars(
      execution([
        step('byKind', 0, 10, { kind: 'branch' }),
        step('byKind/ship', 10, 2_000),
        step('byKind/ship/label', 10, 1_000),
        step('poll', 2_000, 2_010, { kind: 'while', output: true }),
        step('poll/check', 2_010, 3_000),
        step('poll#2', 3_000, 3_010, { kind: 'while', output: false }),
        step('mail', 4_000, 4_010, { kind: 'foreach', output: ['a', 'b'] }),
        step('mail/0/pack', 4_010, 4_300),
        step('mail/1/pack', 4_100, 4_200),
        step('mail/1/send', 4_200, 4_400),
        step('mail/0/send', 4_300, 4_500),
        step('dash/sales', 5_000, 6_000),
        step('dash/costs', 5_000, 7_000),
        step('dash', 7_000, 7_010, { kind: 'parallel' }),
        step('review', 7_010, 7_020, { kind: 'decision' }),
        step('commit', 7_020, 7_020, { kind: 'commit' }),
      ]),
    );
    expect(rows.map((row) => row.split(' |')[0])).toEqual([
      '✓ byKind',
      '✓   ship',
      '✓     label',
      '✓ poll',
      '✓   check',
      '✓ poll#2',
      '✓ mail',
      '✓   [0] pack',
      '✓   [0] send',
      '✓   [1] pack',
      '✓   [1] send',
      '✓ dash',
      '✓   costs',
      '✓   sales',
      '✓ review',
      '✓ commit',
    ]);
    // A block takes as long as what is in it.
    expect(rows[0]).toMatch(/ 2s$/);
    expect(rows[11]).toMatch(/ 2s$/);
  });

  it('draws what a block was asked, and the time that it was open', () => {
    const lines = plain(
      execution([step('byKind', 0, 1_000, { kind: 'branch' }), step('byKind/ship', 1_000, 8_000)]),
    );
    expect(lineOf(lines, 'byKind')).toMatch(/█+─+ /);
    expect(lineOf(lines, 'ship')).toMatch(/ █+ /);
  });

  it('takes no block for a wait', () => {
    for (const kind of ['branch', 'foreach', 'while', 'parallel', 'decision', 'commit', 'undo']) {
      expect(lineOf(plain(execution([step('asked', 0, 4_000, { kind })])), 'asked')).not.toContain('·');
    }
  });

  it('shows a parallel block and a step that have recorded nothing yet by what is in them', () => {
    const since = Date.now() - 60_000 - BEGIN;
    const steps = [step('dash/sales', since, since + 1_000), step('dash/costs/load', since, since + 500)];
    const alive = execution(steps, { status: 'running', startedAt: at(since), completedAt: undefined });
    expect(withoutBars(alive).map((row) => row.split(' |')[0])).toEqual([
      '▶ dash',
      '▶   costs',
      '✓     load',
      '✓   sales',
    ]);
    expect(withoutBars(execution(steps, { status: 'failed' }))[0]).toMatch(/^■ dash/);
  });

  it('has no line for what keeps the operations of a question apart', () => {
    const rows = withoutBars(
      execution([step('poll/#ask/fetch', 0, 10), step('poll', 0, 20, { kind: 'while', output: true })]),
    );
    expect(rows.map((row) => row.split(' |')[0])).toEqual(['✓ poll', '✓   fetch']);
  });
});

describe('The timeline of a block with many items', () => {
  const COUNT = 10_000;
  const items = Array.from({ length: COUNT }, (_, item) => item);
  const mail = step('mail', 0, 10, { kind: 'foreach', output: items });
  const sent = (item: number): ExecutionStep =>
    step(`mail/${item}/send`, 10, 20, item % 2_500 === 7 ? { status: 'failed', error: new Error('no') } : {});

  it('has one row for all of them, and names the first that failed', () => {
    const of = execution([mail, ...items.flatMap((item) => [step(`mail/${item}/pack`, 10, 15), sent(item)])]);
    expect(withoutBars(of)).toEqual([
      '✗ mail | 20ms',
      '  └ 10,000 items, 9,996 done, 4 failed',
      '  └ [7] send: Error: no',
      '  └ [2507] send: Error: no',
      '  └ [5007] send: Error: no',
      '  └ … and 1 more',
    ]);
  });

  it('keeps the rows of a few', () => {
    const few = items.slice(0, 20);
    const rows = withoutBars(execution([{ ...mail, output: few }, ...few.map(sent)]));
    // One of them failed and says why.
    expect(rows).toHaveLength(1 + 20 + 1);
    expect(withoutBars(execution([mail, ...items.slice(0, 21).map(sent)]))).toHaveLength(3);
  });

  it('says how many of them run', () => {
    const since = Date.now() - 60_000 - BEGIN;
    const of = execution(
      [
        mail,
        ...items.slice(0, 50).map((item) =>
          step(`mail/${item}/send`, since, item < 40 ? since + 1 : undefined, {
            status: item < 40 ? 'completed' : 'running',
          }),
        ),
      ],
      { status: 'running', completedAt: undefined },
    );
    expect(withoutBars(of)[1]).toBe('  └ 10,000 items, 40 done, 10 running');
  });

  it('takes no item for failed whose join made good what failed in it', () => {
    const of = execution([
      { ...mail, output: items.slice(0, 30) },
      ...items
        .slice(0, 30)
        .flatMap((item) => [
          step(`mail/${item}/both/one`, 10, 20, { status: 'failed', error: new Error('no') }),
          step(`mail/${item}/both`, 20, 20, { kind: 'parallel' }),
        ]),
    ]);
    expect(withoutBars(of)).toEqual(['✓ mail | 20ms', '  └ 30 items, 30 done']);
  });

  it('folds the rounds of a loop, and many items inside one of few', () => {
    const rounds = Array.from({ length: 30 }, (_, round) => (round === 0 ? 'poll' : `poll#${round + 1}`));
    const of = execution([
      ...rounds.flatMap((round) => [
        step(round, 0, 1, { kind: 'while', output: true }),
        step(`${round}/check`, 1, 2),
      ]),
      step('poll#31', 2, 3, { kind: 'while', output: false }),
      step('outer', 10, 11, { kind: 'foreach', output: [1] }),
      step('outer/0/inner', 11, 12, { kind: 'foreach', output: items }),
      ...items.map((item) => step(`outer/0/inner/${item}/send`, 12, 13)),
    ]);
    expect(withoutBars(of)).toEqual([
      '✓ poll | 3ms',
      '  └ 30 rounds, 30 done',
      '✓ outer | 3ms',
      '✓   [0] inner | 2ms',
      '    └ 10,000 items, 10,000 done',
    ]);
  });

  it('folds the many calls of a step', () => {
    const calls = items.map((call) => (call === 0 ? 'send' : `send#${call + 1}`));
    const of = execution(calls.flatMap((call) => [step(`${call}/label`, 0, 5), step(call, 0, 10)]));
    expect(withoutBars(of)).toEqual(['✓ send | 10ms', '  └ 10,000 calls, 10,000 done']);
  });

  it('of which all were undone has one row for that, too', () => {
    const undo = (path: string): ExecutionStep =>
      step(`#undo/${encodeURIComponent(path)}`, 30, 40, {
        kind: 'undo',
        name: 'send',
        compensates: path,
      });
    const of = execution(
      [
        mail,
        ...items.map((item) => step(`mail/${item}/send`, 10, 20)),
        step('fail', 20, 30, { status: 'failed', error: new Error('no') }),
        ...items.toReversed().map((item) => undo(`mail/${item}/send`)),
        undo('total'),
      ],
      { status: 'compensated', error: new Error('no') },
    );
    expect(withoutBars(of)).toEqual([
      '✓ mail | 20ms',
      '  └ 10,000 items, 10,000 done',
      '✗ fail | 10ms',
      '  └ Error: no',
      '✓ ↩ mail | 10ms',
      '  └ 10,000 items, 10,000 done',
      '✓ ↩ total | 10ms',
      '✗ Error: no',
    ]);
  });
});

describe('The timeline of what is undone', () => {
  const undo = (path: string, facts: Partial<ExecutionStep> = {}): ExecutionStep =>
    step(`#undo/${encodeURIComponent(path)}`, 5_000, 6_000, { kind: 'undo', compensates: path, ...facts });

  it('names the steps that are undone, with what the undo called below it', () => {
    const rows = withoutBars(
      execution(
        [
          step('charge#2', 0, 10),
          step('mail', 10, 20, { kind: 'foreach', output: [1] }),
          step('mail/0/send', 20, 30),
          undo('mail/0/send', { startedAt: at(4_000) }),
          undo('charge#2', { status: 'failed', error: new Error('gone'), attempt: 3 }),
          step(`#undo/${encodeURIComponent('charge#2')}/call`, 5_100, 5_200),
        ],
        { status: 'compensation_failed' },
      ),
    );
    expect(rows).toEqual([
      '✓ charge#2 | 10ms',
      '✓ mail | 20ms',
      '✓   [0] send | 10ms',
      '✓ ↩ [0] send | 2s',
      '✗ ↩ charge#2 | 1s, 3 attempts',
      '  └ attempt 3: Error: gone',
      '✓   call | 100ms',
    ]);
  });

  it('says that nothing else goes on', () => {
    const rows = withoutBars(
      execution(
        [
          step('load', 0, 1_000, { status: 'attempt_failed' }),
          undo('charge', { status: 'attempt_failed', error: new Error('gone') }),
        ],
        { status: 'compensating', completedAt: undefined },
      ),
    );
    expect(rows[0]).toMatch(/^■ load \| 1s, interrupted$/);
    expect(rows[1]).toMatch(/^↻ ↩ charge \| .*, retrying$/);
  });

  it('says how much was undone', () => {
    const result = { step: 'a', path: 'a', undo: 'b', attempts: 1, error: undefined, endedAt: at(0) };
    const lines = plain(
      execution(story, {
        status: 'compensation_failed',
        compensationResults: [
          { ...result, status: 'completed' },
          { ...result, status: 'failed' },
        ],
      }),
    );
    expect(lines).toContain('1 of 2 undone');
  });
});

describe('The colours of a timeline', () => {
  const { isTTY } = process.stdout;
  const { NO_COLOR } = process.env;

  beforeEach(() => {
    delete process.env.NO_COLOR;
  });

  afterEach(() => {
    process.stdout.isTTY = isTTY;
    if (NO_COLOR === undefined) delete process.env.NO_COLOR;
    else process.env.NO_COLOR = NO_COLOR;
  });

  it('change nothing else', () => {
    const colourful = printTimeline(execution(story), { colour: true, width: 80 });
    expect(colourful).toContain('\u001b[32m');
    expect(stripVTControlCharacters(colourful)).toBe(
      printTimeline(execution(story), { colour: false, width: 80 }),
    );
  });

  it.each([
    { terminal: true, noColour: undefined, colours: true },
    { terminal: true, noColour: '', colours: true },
    { terminal: true, noColour: '1', colours: false },
    { terminal: false, noColour: undefined, colours: false },
  ])('by default, with a terminal: $terminal, NO_COLOR: $noColour, are on: $colours', (given) => {
    process.stdout.isTTY = given.terminal;
    if (given.noColour !== undefined) process.env.NO_COLOR = given.noColour;
    expect(printTimeline(execution(story)).includes('\u001b[')).toBe(given.colours);
  });
});
