import { type Effect, readEffects } from './effects.js';
import { expectedValue } from './workflows.js';

/**
 * Lets the database itself watch, inside every transaction that writes: a line of history is written only by the
 * living owner of its execution, and a terminal status is never written over another. Losses are noted, too.
 */
export async function installWatch(client: { query(sql: string): Promise<unknown> }): Promise<void> {
  await client.query(`
    CREATE SCHEMA audit;
    CREATE TABLE audit.violations (at timestamptz DEFAULT clock_timestamp(), what text, details jsonb);

    CREATE FUNCTION audit.watch_line() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NOT EXISTS (
        SELECT 1 FROM durable.workflow_queue q JOIN durable.workers w ON w.id = q.worker
        WHERE q.id = NEW.execution_id AND q.worker = NEW.worker AND w.alive
      ) THEN
        INSERT INTO audit.violations (what, details) VALUES ('a line by a worker that is not the living owner',
          to_jsonb(NEW) || jsonb_build_object('queue', (SELECT to_jsonb(q) FROM durable.workflow_queue q
            WHERE q.id = NEW.execution_id)));
      END IF;
      RETURN NULL;
    END $$;
    CREATE TRIGGER watch AFTER INSERT ON durable.step_executions FOR EACH ROW EXECUTE FUNCTION audit.watch_line();

    CREATE FUNCTION audit.watch_end() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO audit.violations (what, details)
      VALUES ('an execution that had ended was changed', jsonb_build_object('old', to_jsonb(OLD), 'new', to_jsonb(NEW)));
      RETURN NULL;
    END $$;
    CREATE TRIGGER watch AFTER UPDATE ON durable.workflow_executions FOR EACH ROW
      WHEN (OLD.outcome IS NOT NULL) EXECUTE FUNCTION audit.watch_end();

    CREATE TABLE audit.losses (execution uuid, lost int);
    CREATE FUNCTION audit.watch_loss() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO audit.losses VALUES (NEW.id, NEW.lost);
      RETURN NULL;
    END $$;
    CREATE TRIGGER watch AFTER UPDATE ON durable.workflow_queue FOR EACH ROW
      WHEN (NEW.lost > OLD.lost) EXECUTE FUNCTION audit.watch_loss();
  `);
}

/** What the auditor needs of the place where things happened. */
export interface Scene {
  readonly effects: string;
  readonly acknowledged: ReadonlySet<string>;
  query<Row extends object>(sql: string): Promise<Row[]>;
}

export interface AuditOptions {
  /**
   * Whether a body may have run again because its worker died or lost its lease before the record.
   *
   * @default true
   */
  readonly repeats?: boolean;
  /** Executions that need not have completed, as long as they have ended. */
  readonly exceptions?: ReadonlySet<string>;
}

interface ExecutionRow {
  readonly id: string;
  readonly workflow: string;
  readonly n: number;
  readonly outcome: string | null;
  readonly error: string | null;
  readonly value: number | null;
}

interface LineRow {
  readonly execution: string;
  readonly path: string;
  readonly attempt: number;
  readonly outcome: string;
  readonly output: string | null;
}

/** Compares what the processes did with what the database says. Everything that breaks a promise, in sentences. */
export async function audit(
  scene: Scene,
  { repeats = true, exceptions = new Set() }: AuditOptions = {},
): Promise<string[]> {
  const executions = await scene.query<ExecutionRow>(
    `SELECT id, workflow, (input->>'n')::int AS n, outcome, error::text AS error, (output->>'value')::int AS value
     FROM durable.workflow_executions`,
  );
  const lines = await scene.query<LineRow>(
    `SELECT execution_id AS execution, path, attempt, outcome, output::text AS output
     FROM durable.step_executions WHERE kind = 'step' ORDER BY execution_id, seq`,
  );
  const dead = new Set(
    (await scene.query<{ id: string }>('SELECT id::text FROM durable.workers WHERE NOT alive')).map(
      ({ id }) => id,
    ),
  );
  const effects = groupBy(readEffects(scene.effects), ({ execution, path }) => `${execution} ${path}`);
  const history = groupBy(lines, ({ execution, path }) => `${execution} ${path}`);

  const faults = [
    ...acknowledgedFaults(scene.acknowledged, executions),
    ...executions.flatMap((execution) => endFaults(execution, exceptions)),
    ...[...effects].flatMap(([step, runs]) => runFaults(step, runs, history.get(step) ?? [], dead, repeats)),
    ...[...history].flatMap(([step, said]) => lineFaults(step, said, effects.get(step) ?? [])),
    ...(await bookingFaults(scene)),
  ];
  for (const row of await scene.query('SELECT id, state, worker, lost FROM durable.workflow_queue')) {
    faults.push(`still in the queue: ${JSON.stringify(row)}`);
  }
  for (const row of await scene.query('SELECT at, what, details FROM audit.violations LIMIT 20')) {
    faults.push(`watched: ${JSON.stringify(row)}`);
  }
  return faults;
}

function acknowledgedFaults(
  acknowledged: ReadonlySet<string>,
  executions: readonly ExecutionRow[],
): string[] {
  const known = new Set(executions.map(({ id }) => id));
  return [...acknowledged].filter((id) => !known.has(id)).map((id) => `acknowledged and lost: ${id}`);
}

function endFaults(
  { id, workflow, n, outcome, error, value }: ExecutionRow,
  exceptions: ReadonlySet<string>,
): string[] {
  const name = `${workflow} ${id}`;
  if (outcome === null) return [`${name} has not ended`];
  if (exceptions.has(id)) return [];
  if (outcome !== 'completed') return [`${name} ended as ${outcome}: ${error ?? ''}`.slice(0, 600)];
  return value === expectedValue(n) ? [] : [`${name} gave ${value} for ${n}`];
}

/** The runs of one body, in the order in which they began. */
function runFaults(
  step: string,
  runs: readonly Effect[],
  lines: readonly LineRow[],
  dead: ReadonlySet<string>,
  repeats: boolean,
): string[] {
  const faults: string[] = [];
  if (new Set(runs.map(({ key }) => key)).size > 1) faults.push(`${step} ran under several idempotency keys`);
  const completed = lines.find(({ outcome }) => outcome === 'completed');
  const recorded = runs.findIndex(({ token }) => completed?.output?.includes(token));
  if (completed !== undefined && recorded === -1) faults.push(`${step} completed with what no run returned`);
  if (recorded !== -1 && recorded < runs.length - 1) {
    faults.push(`${step} ran again after it was recorded: ${JSON.stringify({ runs, lines })}`);
  }
  const failedAttempts = lines.filter(({ outcome }) => outcome === 'attempt_failed' || outcome === 'failed');
  const excused = new Set<number>();
  for (const [place, run] of runs.entries()) {
    if (place === runs.length - 1) break;
    // A failed attempt excuses one run of that attempt.
    const failed = failedAttempts.some(({ attempt }) => attempt === run.attempt && !excused.has(attempt));
    const lastOfAttempt = !runs.slice(place + 1).some(({ attempt }) => attempt === run.attempt);
    if (failed && lastOfAttempt) excused.add(run.attempt);
    else if (!repeats) faults.push(`${step} ran again although its worker lived: ${JSON.stringify(runs)}`);
    else if (!dead.has(run.worker)) faults.push(`${step} ran again although worker ${run.worker} lives`);
  }
  return faults;
}

function lineFaults(step: string, lines: readonly LineRow[], runs: readonly Effect[]): string[] {
  const ends = lines.filter(({ outcome }) => outcome === 'completed' || outcome === 'failed');
  const attempts = lines.filter(({ outcome }) => outcome === 'attempt_failed').map(({ attempt }) => attempt);
  return [
    ...(ends.length > 1 ? [`${step} has ${ends.length} ends`] : []),
    ...(new Set(attempts).size < attempts.length ? [`${step} failed one attempt twice`] : []),
    ...(ends.length > 0 && runs.length === 0 ? [`${step} was recorded and never ran`] : []),
  ];
}

/** What transactional steps wrote is there exactly once, and it is what was recorded. */
async function bookingFaults(scene: Scene): Promise<string[]> {
  const rows = await scene.query<{ execution: string; bookings: string; recorded: string }>(
    `SELECT e.id AS execution, count(b.*) AS bookings,
       count(*) FILTER (WHERE s.output->>'token' = b.token) AS recorded
     FROM durable.workflow_executions e
     LEFT JOIN bookings b ON b.execution = e.id
     LEFT JOIN durable.step_executions s ON s.execution_id = e.id AND s.path = 'book' AND s.outcome = 'completed'
     WHERE e.workflow IN ('booking', 'slow_booking') AND e.outcome = 'completed'
     GROUP BY e.id HAVING count(b.*) <> 1 OR count(*) FILTER (WHERE s.output->>'token' = b.token) <> 1`,
  );
  return rows.map(
    (row) => `booked ${row.bookings} times, recorded ${row.recorded} of them: ${row.execution}`,
  );
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
