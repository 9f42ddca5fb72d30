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
