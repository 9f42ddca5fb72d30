import { reviveError } from '../../../lib/serialization/serialized-error.js';
import { TaggedSerializer } from '../../../lib/serialization/tagged-serializer.js';
import type { BodyRun } from './planned-bodies.js';
import { plain } from './plain-value.js';

/** What is the same of an execution however often its process is lost. */
export interface Story {
  readonly outcome: string | null;
  readonly output: unknown;
  readonly error: unknown;
  /** A line for each line of the history, in no order: things side by side have none. */
  readonly history: readonly string[];
  /** A line for each attempt of an undo: what it was told. */
  readonly undos: readonly string[];
  /** A line for each entry of the results that are kept with the execution. */
  readonly results: readonly string[];
}

/** One execution as it is stored. */
export interface StoredExecution {
  readonly outcome: string | null;
  readonly output: unknown;
  readonly error: unknown;
  readonly results: readonly StoredResult[] | null;
  readonly lines: readonly StoredLine[];
}

interface StoredResult {
  readonly path: string;
  readonly status: string;
  readonly attempts: number;
  readonly error: string | null;
}

interface StoredLine {
  readonly seq: number;
  readonly path: string;
  readonly kind: string;
  readonly attempt: number;
  readonly outcome: string;
  readonly output: string | null;
}

const serializer = new TaggedSerializer();
const UNDO = '#undo/';

/** Where executions are stored. */
export interface Store {
  query<Row extends object>(sql: string, parameters?: unknown[]): Promise<Row[]>;
}

export async function storedExecution(store: Store, id: string): Promise<StoredExecution> {
  const [row] = await store.query<{
    outcome: string | null;
    output: string | null;
    error: string | null;
    results: string | null;
  }>(
    `SELECT outcome, output::text AS output, error::text AS error, compensation_results::text AS results
     FROM durable.workflow_executions WHERE id = $1`,
    [id],
  );
  const lines = await store.query<StoredLine>(
    `SELECT seq, path, kind, attempt, outcome, output::text AS output
     FROM durable.step_executions WHERE execution_id = $1 ORDER BY seq`,
    [id],
  );
  return {
    outcome: row?.outcome ?? null,
    output: valueOf(row?.output ?? null),
    error: row?.error == null ? undefined : plain(reviveError(row.error)),
    results: row?.results == null ? null : (JSON.parse(row.results) as StoredResult[]),
    lines,
  };
}

/**
 * @param stopped names of steps that end only because one beside them has failed. A process that is lost at that
 * moment takes their outcome with it: it is recorded or it is not.
 */
export function storyOf(
  stored: StoredExecution,
  runs: readonly BodyRun[],
  stopped: ReadonlySet<string>,
): Story {
  const { outcome, output, error, results, lines } = stored;
  const ended = lines.filter(
    (line) => line.outcome !== 'opened' && !(line.outcome === 'failed' && stopped.has(lastOf(line.path))),
  );
  const undos = runs.filter(({ path }) => path.startsWith(UNDO));
  return {
    outcome,
    output,
    error,
    history: ended
      .map((line) =>
        [line.path, line.kind, line.outcome, line.attempt, JSON.stringify(valueOf(line.output))].join(' '),
      )
      .sort(),
    undos: [
      ...new Set(undos.map(({ path, attempt, args }) => `${path}@${attempt} ${JSON.stringify(args)}`)),
    ].sort(),
    results: (results ?? [])
      .map(
        (each) =>
          `${each.path} ${each.status} ${each.attempts} ${JSON.stringify(each.error === null ? null : plain(reviveError(each.error)))}`,
      )
      .sort(),
  };
}

/** Where what completes is the same every time, everything is. */
export const ALL = ['outcome', 'output', 'error', 'history', 'undos', 'results'] as const;
/** Where it depends on time, it all comes to the same end nevertheless. */
export const ENDS = ['output', 'error'] as const;

/** In what one execution is not like another that should be: in sentences. */
export function differences(model: Story, story: Story, parts: readonly (keyof Story)[] = ALL): string[] {
  return parts.flatMap((part) => {
    const [expected, found] = [model[part], story[part]];
    if (!Array.isArray(expected) || !Array.isArray(found)) {
      const [one, other] = [JSON.stringify(found), JSON.stringify(expected)];
      return one === other ? [] : [`its ${part} is ${one}, not ${other}`];
    }
    const missing = without(expected, found);
    const added = without(found, expected);
    return [
      ...(missing.length > 0 ? [`its ${part} lack\n    ${missing.join('\n    ')}`] : []),
      ...(added.length > 0 ? [`its ${part} have besides\n    ${added.join('\n    ')}`] : []),
    ];
  });
}

function without(all: readonly string[], some: readonly string[]): string[] {
  const left = [...some];
  return all.filter((each) => {
    const place = left.indexOf(each);
    if (place !== -1) left.splice(place, 1);
    return place === -1;
  });
}

/** What is wrong with one execution, whatever others are like: in sentences. */
export function faultsOf(
  stored: StoredExecution,
  runs: readonly BodyRun[],
  undoable: ReadonlySet<string>,
): string[] {
  const { outcome, results, lines } = stored;
  const undone = lines.filter(({ kind, outcome: end }) => kind === 'undo' && end !== 'attempt_failed');
  const undoOrder = undone
    .filter(({ outcome: end }) => end !== 'opened')
    .map(({ path }) => decodeURIComponent(path.slice(UNDO.length)));
  const committedAt = Math.max(
    0,
    ...lines.filter(({ kind, path }) => kind === 'commit' && !path.startsWith(UNDO)).map(({ seq }) => seq),
  );
  const completedAt = new Map(
    lines
      .filter(({ kind, outcome: end }) => kind === 'step' && end === 'completed')
      .map(({ path, seq }) => [path, seq]),
  );
  const faults: string[] = [];
  const beginnings = lines.filter(({ kind }) => kind === 'compensation').length;
  if (beginnings > 1) faults.push(`its undoing began ${beginnings} times`);
  const positions = undoOrder.map((path) => completedAt.get(path) ?? 0);
  if (positions.some((seq, place) => seq >= (positions[place - 1] ?? Infinity))) {
    faults.push(`undone in the order ${undoOrder.join(', ')}, which is not the reverse of their completion`);
  }
  const toUndo = [...completedAt]
    .filter(([path, seq]) => seq > committedAt && undoable.has(lastOf(path).replace(/#\d+$/, '')))
    .map(([path]) => path);
  const forgotten = outcome === 'completed' ? [] : toUndo.filter((path) => !undoOrder.includes(path));
  if (forgotten.length > 0) faults.push(`never undone: ${forgotten.join(', ')}`);
  if (positions.some((seq) => seq <= committedAt)) faults.push('undid what was completed before a commit');
  if (undoOrder.length > 0 || results !== null) {
    const kept = (results ?? []).map(({ path }) => path);
    if (kept.join() !== undoOrder.join())
      faults.push(`results say ${kept.join()}, the history ${undoOrder.join()}`);
    const expected = (results ?? []).every(({ status }) => status === 'completed')
      ? 'compensated'
      : 'compensation_failed';
    if (outcome !== expected) faults.push(`ended as ${String(outcome)}, and its undos say ${expected}`);
  }
  const called = runs.map(({ path }) => path).filter((path) => path.startsWith(UNDO));
  const calledOrder = [...new Set(called.filter((path) => !path.slice(UNDO.length).includes('/')))];
  const order = calledOrder.map((path) => decodeURIComponent(path.slice(UNDO.length)));
  if (order.join() !== undoOrder.join())
    faults.push(`undos were called as ${order.join()}, recorded as ${undoOrder.join()}`);
  return faults;
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function valueOf(text: string | null): unknown {
  return text === null ? null : plain(serializer.parse(text));
}
