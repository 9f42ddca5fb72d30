import type { Ink, Paint } from './terminal-ink.js';
import { fitted } from './terminal-text.js';
import { lengthOf } from '../time/time-length.js';
import type { TimelineAxis, TimelineRow } from './timeline-rows.js';
import type { TimelineSpan } from './timeline-spans.js';

const spanMarks: Readonly<Record<TimelineSpan['kind'], { readonly mark: string; readonly ink: Ink }>> = {
  done: { mark: '█', ink: 'green' },
  failed: { mark: '▒', ink: 'red' },
  open: { mark: '░', ink: 'cyan' },
  pause: { mark: '·', ink: 'grey' },
  around: { mark: '─', ink: 'grey' },
};

/** What is drawn over what: the shortest attempt still shows, and most of all one that failed. */
const layers: readonly TimelineSpan['kind'][] = ['around', 'pause', 'open', 'done', 'failed'];

/** What an operation did when, in so many columns. */
export function barOf({ spans }: TimelineRow, axis: TimelineAxis, width: number, paint: Paint): string {
  const whole = Math.max(axis.to - axis.from, 1);
  const edge = (time: number): number => Math.floor(((time - axis.from) / whole) * width);
  const cells: (TimelineSpan['kind'] | undefined)[] = Array.from({ length: width }, () => undefined);
  for (const span of spans.toSorted(
    (left, right) => layers.indexOf(left.kind) - layers.indexOf(right.kind),
  )) {
    const from = Math.min(edge(span.from), width - 1);
    cells.fill(span.kind, from, Math.max(edge(span.to), from + 1));
  }
  let bar = '';
  for (let at = 0; at < width;) {
    const kind = cells[at];
    let end = at;
    while (end < width && cells[end] === kind) end += 1;
    bar +=
      kind === undefined
        ? ' '.repeat(end - at)
        : paint(spanMarks[kind].ink, spanMarks[kind].mark.repeat(end - at));
    at = end;
  }
  return bar;
}

/** The scale of the bars: `0` at the left end, the whole length at the right one, half of it in between. */
export function scaleOf(axis: TimelineAxis, width: number, paint: Paint): string {
  const whole = axis.to - axis.from;
  const end = lengthOf(whole);
  const half = lengthOf(whole / 2);
  const middle = Math.floor((width - half.length) / 2);
  const left = width < 24 ? '0' : fitted('0', middle) + half;
  return paint('grey', fitted(left, width - end.length) + end);
}
