import { InvalidArgument } from '../errors/option.error.js';
import type { Execution } from './execution.js';
import { type ExecutionStatus, isLivingStatus } from './execution-status.js';
import type { ExecutionStepStatus } from './execution-step.js';
import { type Ink, inColour, type Paint, plain, wantsColour } from './terminal-ink.js';
import { fitted, oneLine, shortened, widthOf } from './terminal-text.js';
import { lengthOf } from '../time/time-length.js';
import { barOf, scaleOf } from './timeline-bar.js';
import { axisOf, type TimelineAxis, type TimelineRow, timelineRows } from './timeline-rows.js';

/** @publicApi */
export interface TimelineOptions {
  /**
   * Whether to write colours.
   *
   * @default where the standard output is a terminal and `NO_COLOR` is not set
   */
  readonly colour?: boolean;
  /**
   * How many columns there are, at least 40.
   *
   * @default those of the terminal, else 100
   */
  readonly width?: number;
}

const statusMarks: Readonly<Record<ExecutionStepStatus, { readonly mark: string; readonly ink: Ink }>> = {
  completed: { mark: '✓', ink: 'green' },
  failed: { mark: '✗', ink: 'red' },
  attempt_failed: { mark: '↻', ink: 'yellow' },
  timed_out: { mark: '⌛', ink: 'yellow' },
  withdrawn: { mark: '–', ink: 'grey' },
  running: { mark: '▶', ink: 'cyan' },
  waiting: { mark: '…', ink: 'yellow' },
  interrupted: { mark: '■', ink: 'grey' },
};

const LEAST_WIDTH = 40;

/**
 * The history of an execution as text for a terminal: one line for each operation, on a common time axis, with
 * attempts, waits, errors, and the workers where they changed. What is in a block or a step follows it, `↩` stands
 * before what was undone, and many items of one block or calls of one step share a line.
 *
 * ```ts
 * console.log(printTimeline(await client.getExecution(id, { steps: true })));
 * ```
 *
 * @throws InvalidArgument where the execution was read without its steps
 * @publicApi
 */
export function printTimeline(execution: Execution, options: TimelineOptions = {}): string {
  const { steps } = execution;
  if (steps === undefined) {
    throw new InvalidArgument('printTimeline()', 'the execution was read without `{ steps: true }`');
  }
  const width = Math.max(options.width ?? process.stdout.columns ?? 100, LEAST_WIDTH);
  const paint = (options.colour ?? wantsColour()) ? inColour : plain;
  const axis = axisOf(execution, steps, Date.now());
  const rows = timelineRows(steps, axis);
  const columns = columnsFor(rows, axis, width);
  const lines = [
    ...header(execution, axis, width, paint),
    ...(rows.length === 0
      ? ['  nothing recorded yet']
      : [' '.repeat(columns.label + 4) + scaleOf(axis, columns.bar, paint)]),
    ...rows.flatMap((row) => rowLines(row, axis, columns, width, paint)),
    ...(execution.error === undefined
      ? []
      : [paint('red', shortened(`✗ ${sentence(execution.error)}`, width))]),
  ];
  return lines.map((line) => line.trimEnd()).join('\n');
}

interface Columns {
  readonly label: number;
  readonly bar: number;
  readonly note: number;
}

/** Names and notes get what they need within bounds, the bar what is left. */
function columnsFor(rows: readonly TimelineRow[], axis: TimelineAxis, width: number): Columns {
  const label = Math.min(longest(rows.map(labelOf)), Math.floor(width * 0.35));
  const note = Math.min(longest(rows.map((row) => noteOf(row, axis))), Math.floor(width * 0.3));
  return { label, note, bar: Math.max(8, width - label - note - 6) };
}

function longest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(widthOf));
}

function header(execution: Execution, axis: TimelineAxis, width: number, paint: Paint): string[] {
  const { workflow, version, id, status, startedAt } = execution;
  const duration =
    startedAt === undefined
      ? ''
      : `${isLivingStatus(status) ? ' for' : ' in'} ${lengthOf(axis.to - axis.from)}`;
  const name = `${oneLine(workflow)} v${version}`;
  const rest = `  ${id}  `;
  const state = `${status}${duration}`;
  const facts = [
    execution.key === undefined ? undefined : `key ${oneLine(execution.key)}`,
    execution.worker === undefined ? undefined : `on worker ${execution.worker}`,
    execution.retryNo === 0 ? undefined : `retry ${execution.retryNo}`,
    execution.retriedAs === undefined ? undefined : `retried as ${execution.retriedAs}`,
    execution.cancelRequested ? 'cancel requested' : undefined,
    undoneOf(execution),
    execution.progress === undefined
      ? undefined
      : `${execution.progress.percent}% ${oneLine(execution.progress.message ?? '')}`.trim(),
  ].filter((fact) => fact !== undefined);
  const oneRow = widthOf(name + rest + state) <= width;
  const first = oneRow
    ? [paint('bold', name) + paint('grey', rest) + paint(inkOf(status), state)]
    : [paint('bold', shortened(name, width)), paint('grey', id), paint(inkOf(status), state)];
  return facts.length === 0 ? first : [...first, paint('grey', shortened(facts.join(', '), width))];
}

function rowLines(
  row: TimelineRow,
  axis: TimelineAxis,
  columns: Columns,
  width: number,
  paint: Paint,
): string[] {
  const { mark, ink } = statusMarks[row.status];
  const line =
    `${paint(ink, mark)} ${fitted(labelOf(row), columns.label)}  ${barOf(row, axis, columns.bar, paint)}  ` +
    paint('grey', shortened(noteOf(row, axis), columns.note));
  const indent = ' '.repeat(2 + 2 * row.depth);
  const failures = row.failures.map(({ what, error }) =>
    [what, error && sentence(error)].filter((part) => part !== undefined).join(': '),
  );
  if (row.moreFailures > 0) failures.push(`… and ${row.moreFailures.toLocaleString('en-US')} more`);
  const below = (ink: Ink, text: string): string =>
    paint(ink, shortened(`${indent}└ ${oneLine(text)}`, width));
  return [
    line,
    ...(row.summary === undefined ? [] : [below('grey', row.summary)]),
    ...failures.map((text) => below('red', text)),
  ];
}

function labelOf({ label, depth }: TimelineRow): string {
  return ' '.repeat(2 * depth) + oneLine(label);
}

function noteOf(row: TimelineRow, axis: TimelineAxis): string {
  const isFirst = row.workers.length === 1 && row.from === axis.from;
  return [
    lengthOf(row.to - row.from),
    row.attempts > 1 ? `${row.attempts} attempts` : undefined,
    row.status === 'completed' || row.status === 'failed'
      ? undefined
      : row.status === 'attempt_failed'
        ? 'retrying'
        : row.status.replace('_', ' '),
    row.workers.length === 0 || isFirst ? undefined : `worker ${row.workers.join('→')}`,
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}

function sentence({ name, message }: Error): string {
  return oneLine(message === '' ? name : `${name}: ${message}`);
}

function undoneOf({ compensationResults: results }: Execution): string | undefined {
  if (results === undefined) return undefined;
  const undone = results.filter(({ status }) => status === 'completed').length;
  return `${undone} of ${results.length} undone`;
}

function inkOf(status: ExecutionStatus): Ink {
  if (status === 'completed') return 'green';
  if (status === 'running') return 'cyan';
  return isLivingStatus(status) || status === 'compensated' ? 'yellow' : 'red';
}
