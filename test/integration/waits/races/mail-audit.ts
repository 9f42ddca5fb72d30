/** Where the tables are. */
export interface MailScene {
  query<Row extends object>(sql: string): Promise<Row[]>;
}

interface LetterRow {
  readonly execution: string;
  readonly id: string;
  readonly type: string;
  readonly payload: string | null;
  readonly taken: boolean;
}

interface EndRow {
  readonly execution: string;
  readonly path: string;
  readonly kind: string;
  readonly outcome: string;
  readonly output: string | null;
}

interface FaultRow {
  readonly what: string;
  readonly id: string;
}

/**
 * Compares mailboxes, open waits and histories once everything has come to rest. Everything that breaks a promise, in
 * sentences. Payloads have to be different within one execution.
 */
export async function auditMail(scene: MailScene): Promise<string[]> {
  const letters = await scene.query<LetterRow>(
    `SELECT execution_id AS execution, id::text, type, payload::text AS payload, taken
     FROM durable.workflow_events ORDER BY id`,
  );
  const ends = await scene.query<EndRow>(
    `SELECT execution_id AS execution, path, kind, outcome, output::text AS output FROM durable.step_executions
     WHERE kind IN ('sleep', 'event', 'any', 'all', 'broadcast', 'input') AND outcome <> 'opened'
     ORDER BY execution_id, seq`,
  );
  const left = await scene.query<FaultRow>(LEFT_BEHIND);
  return [
    ...left.map(({ what, id }) => `${id}: ${what}`),
    ...twice(ends.map(({ execution, path }) => `${execution}: ${path}`)).map(
      (end) => `${end} ended ${outcomesOf(end, ends)}`,
    ),
    ...takenFaults(letters, ends, ['event'], ['event', 'any', 'all']),
    ...takenFaults(letters, ends, ['answer'], ['input']),
  ];
}

function outcomesOf(end: string, ends: readonly EndRow[]): string {
  const those = ends.filter(({ execution, path }) => `${execution}: ${path}` === end);
  return those.map(({ outcome }) => outcome).join(' and ');
}

/** What must not be there, as long as nobody is about to act on it. */
const LEFT_BEHIND = `
  SELECT 'it has ended, and waits for events' AS what, p.execution_id AS id FROM durable.pending_events p
  JOIN durable.workflow_executions x ON x.id = p.execution_id WHERE x.outcome IS NOT NULL
  UNION ALL
  SELECT 'it has ended, and a question is open', p.execution_id FROM durable.pending_inputs p
  JOIN durable.workflow_executions x ON x.id = p.execution_id
  WHERE x.outcome IS NOT NULL AND p.outcome IS NULL
  UNION ALL
  SELECT 'it has ended, and is in the queue', q.id FROM durable.workflow_queue q
  JOIN durable.workflow_executions x ON x.id = q.id WHERE x.outcome IS NOT NULL
  UNION ALL
  SELECT 'event ' || e.id || ' was never delivered', e.execution_id FROM durable.workflow_events e
  WHERE NOT e.delivered
  UNION ALL
  SELECT 'its wait ' || p.path || ' did not take event ' || e.id, p.execution_id
  FROM durable.pending_events p JOIN durable.workflow_queue q ON q.id = p.execution_id
  JOIN durable.workflow_events e ON e.execution_id = p.execution_id
  WHERE q.state = 2 AND p.kind IN ('event', 'any') AND NOT e.taken AND e.type = 'event' AND e.name = ANY(p.names)
    AND (p.due_at IS NULL OR e.created_at <= p.due_at)
  UNION ALL
  SELECT 'its wait ' || p.path || ' did not take a broadcast', p.execution_id
  FROM durable.pending_events p JOIN durable.workflow_queue q ON q.id = p.execution_id
  JOIN durable.broadcasts b ON b.name = p.broadcast AND b.scope = p.scope
  WHERE q.state = 2 AND (b.expires_at IS NULL OR b.expires_at > p.opened_at)
  UNION ALL
  SELECT 'its question ' || p.path || ' is ' || p.outcome || ', and it waits for it', p.execution_id
  FROM durable.pending_inputs p JOIN durable.workflow_queue q ON q.id = p.execution_id
  WHERE q.state = 2 AND p.outcome IN ('answered', 'cancelled') AND NOT EXISTS (
    SELECT FROM durable.step_executions s
    WHERE s.execution_id = p.execution_id AND s.path = p.path AND s.outcome <> 'opened')
  UNION ALL
  SELECT 'it waits beyond its time', q.id FROM durable.workflow_queue q
  WHERE q.state = 2 AND q.due_at < now() - interval '5 seconds'
  UNION ALL
  SELECT 'the broadcast was never announced', NULL FROM durable.broadcasts WHERE NOT announced`;

/** What was taken is what the ends of waits say that they were given: everything, and nothing twice. */
function takenFaults(
  letters: readonly LetterRow[],
  ends: readonly EndRow[],
  types: readonly string[],
  kinds: readonly string[],
): string[] {
  const taken = letters
    .filter((letter) => letter.taken && types.includes(letter.type))
    .map(({ execution, payload }) => `${execution}: ${payload}`);
  const given = ends
    .filter(({ kind, outcome }) => kinds.includes(kind) && outcome === 'completed')
    .flatMap(({ execution, kind, output }) =>
      payloadsOf(kind, output).map((payload) => `${execution}: ${payload}`),
    );
  return [
    ...twice(given).map((each) => `${each} was given twice`),
    ...missing(given, taken).map((each) => `${each} was given, and is not taken`),
    ...missing(taken, given).map((each) => `${each} was taken, and given to nobody`),
  ];
}

function payloadsOf(kind: string, output: string | null): string[] {
  if (kind === 'event' || kind === 'input') return [String(output)];
  const told = JSON.parse(output ?? '{}') as Record<string, unknown>;
  return (kind === 'any' ? [told['payload']] : Object.values(told)).map((each) => JSON.stringify(each));
}

function twice(items: readonly string[]): string[] {
  const seen = new Set<string>();
  return items.filter((item) => seen.size === seen.add(item).size);
}

function missing(items: readonly string[], others: readonly string[]): string[] {
  const there = new Set(others);
  return items.filter((item) => !there.has(item));
}
