import { type Effect, readEffects } from './effects.js';
import type { Scene } from './audit.js';

interface LineRow {
  readonly execution: string;
  readonly seq: number;
  readonly path: string;
  readonly kind: string;
  readonly attempt: number;
  readonly outcome: string;
  readonly token: string | null;
}

interface ExecutionRow {
  readonly id: string;
  readonly outcome: string | null;
  readonly results: readonly { readonly path: string; readonly status: string }[] | null;
}

const UNDO = '#undo/';

/** Where the undo of the step at a path stands. */
export function undoOf(path: string): string {
  return `${UNDO}${encodeURIComponent(path)}`;
}

/** Steps of the sagas that can be undone, by the last part of their paths. */
const UNDOABLE: ReadonlySet<string> = new Set(['reserveCar', 'bookFlight', 'bookHotel', 'bookSeat', 'work']);

/**
 * Whether every saga was undone as it has to be: each completed step with an undo exactly once as recorded, at least
 * once in the world outside, with the token of its own run and under one key, the last one first; and nothing else.
 * Everything that breaks it, in sentences.
 */
export async function auditSagas(scene: Scene): Promise<string[]> {
  const executions = await scene.query<ExecutionRow>(
    'SELECT id, outcome, compensation_results AS results FROM durable.workflow_executions',
  );
  const lines = await scene.query<LineRow>(
    `SELECT execution_id AS execution, seq, path, kind, attempt, outcome,
       CASE WHEN kind = 'step' THEN coalesce(output->>'token', output->>'flight', output->>'hotel') END AS token
     FROM durable.step_executions ORDER BY execution_id, seq`,
  );
  const effects = readEffects(scene.effects);
  const faults = executions.flatMap((execution) =>
    sagaFaults(
      execution,
      lines.filter((line) => line.execution === execution.id),
      effects.filter((effect) => effect.execution === execution.id),
    ).map((fault) => `${execution.id}: ${fault}`),
  );
  for (const row of await scene.query('SELECT id, state, worker, lost FROM durable.workflow_queue')) {
    faults.push(`still in the queue: ${JSON.stringify(row)}`);
  }
  for (const row of await scene.query('SELECT at, what, details FROM audit.violations LIMIT 20')) {
    faults.push(`watched: ${JSON.stringify(row)}`);
  }
  return faults;
}

function sagaFaults(
  { outcome, results }: ExecutionRow,
  lines: readonly LineRow[],
  effects: readonly Effect[],
): string[] {
  const completed = lines.filter(
    (line) => line.kind === 'step' && line.outcome === 'completed' && UNDOABLE.has(lastOf(line.path)),
  );
  const expected = completed.toReversed().map(({ path }) => path);
  const undone = lines
    .filter(({ kind, outcome: end }) => kind === 'undo' && end === 'completed')
    .map(({ path }) => decodeURIComponent(path.slice(UNDO.length)));
  const beginnings = lines.filter(({ kind }) => kind === 'compensation').length;
  const resulted = (results ?? []).map(({ path, status }) => `${path} ${status}`);
  return [
    ...(outcome === 'compensated' ? [] : [`it ended as ${String(outcome)}`]),
    ...(beginnings === 1 ? [] : [`undoing began ${beginnings} times`]),
    ...(undone.join() === expected.join() ? [] : [`undone ${undone.join()}, and not ${expected.join()}`]),
    ...(resulted.join() === expected.map((path) => `${path} completed`).join()
      ? []
      : [`its results are ${resulted.join()}`]),
    ...lines
      .filter(({ kind, outcome: end }) => kind === 'undo' && end === 'failed')
      .map(({ path }) => `${path} failed`),
    ...completed.flatMap((line) => undoFaults(line, lines, effects)),
    ...effects
      .filter(
        ({ path }) =>
          path.startsWith(UNDO) && !expected.includes(decodeURIComponent(path.slice(UNDO.length))),
      )
      .map(({ path }) => `${path} was called, and there was nothing to undo`),
  ];
}

function undoFaults(
  { path, token }: LineRow,
  lines: readonly LineRow[],
  effects: readonly Effect[],
): string[] {
  const undo = undoOf(path);
  const runs = effects.filter((effect) => effect.path === undo);
  const attempts = lines
    .filter((line) => line.path === undo && line.outcome !== 'opened')
    .map(({ attempt }) => attempt);
  const strangers = runs.filter(({ args }) => args !== token);
  return [
    ...(runs.length >= attempts.length
      ? []
      : [`${undo} ran ${runs.length} times, and ${attempts.length} are recorded`]),
    ...(new Set(runs.map(({ key }) => key)).size <= 1 ? [] : [`${undo} ran under several keys`]),
    ...(new Set(attempts).size === attempts.length ? [] : [`${undo} recorded an attempt twice`]),
    ...(strangers.length === 0 ? [] : [`${undo} was told of another run of its step`]),
  ];
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
