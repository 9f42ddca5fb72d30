import { encodeColumn } from '../binary-arrays.js';
import type {
  CompensationRecord,
  EndRecord,
  HistoryRecord,
  PendingEvent,
  PendingInput,
  SettlementRecord,
  WaitChange,
} from '../records.js';
import type { BoundStatement, PreparedStatement } from '../statement-pipeline.js';

interface Opened<Pending> {
  readonly line: HistoryRecord;
  readonly pending: Pending;
}

interface Closed {
  readonly executionId: string;
  readonly openedSeq: number;
}

/**
 * What others see of waits: written, and taken away, in the transaction that has the wait's own line.
 *
 * They come after everything that locks queue rows, because senders and people who answer lock the queue row first
 * and then what is here. Rows are inserted by primary key, or found by it; letters by their ids.
 */
export class WaitStatements {
  readonly #openEvents: PreparedStatement;
  readonly #openInputs: PreparedStatement;
  readonly #closeEvents: PreparedStatement;
  readonly #closeInputs: PreparedStatement;
  readonly #closeAll: PreparedStatement;
  readonly #take: PreparedStatement;
  readonly #settle: PreparedStatement;

  constructor(schema: string) {
    // A line of history that opens a wait is new, so its number is free in these tables, too.
    this.#openEvents = {
      name: 'durable_open_events',
      text: `
        INSERT INTO ${schema}.pending_events
          (execution_id, seq, workflow, path, kind, names, broadcast, scope, opened_at, due_at)
        SELECT d.id, d.seq, d.workflow, d.path, d.kind, d.names::text[], d.broadcast, d.scope, d.opened_at, d.due_at
        FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
          $9::timestamptz[], $10::timestamptz[])
          AS d(id, seq, workflow, path, kind, names, broadcast, scope, opened_at, due_at)`,
    };
    this.#openInputs = {
      name: 'durable_open_inputs',
      text: `
        INSERT INTO ${schema}.pending_inputs
          (execution_id, seq, workflow, path, name, question, metadata, assignees, opened_at, due_at)
        SELECT d.id, d.seq, d.workflow, d.path, d.name, d.question, d.metadata, d.assignees::text[], d.opened_at, d.due_at
        FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[], $6::json[], $7::json[], $8::text[],
          $9::timestamptz[], $10::timestamptz[])
          AS d(id, seq, workflow, path, name, question, metadata, assignees, opened_at, due_at)`,
    };
    this.#closeEvents = {
      name: 'durable_close_events',
      text: `
        DELETE FROM ${schema}.pending_events p USING unnest($1::uuid[], $2::int[]) AS d(id, seq)
        WHERE p.execution_id = d.id AND p.seq = d.seq`,
    };
    // One that was answered, or whose time was up, keeps that.
    this.#closeInputs = {
      name: 'durable_close_inputs',
      text: `
        UPDATE ${schema}.pending_inputs p SET outcome = 'withdrawn', settled_at = now()
        FROM unnest($1::uuid[], $2::int[]) AS d(id, seq)
        WHERE p.execution_id = d.id AND p.seq = d.seq AND p.outcome IS NULL`,
    };
    // An end is conditional: only what has left the queue has ended. What begins to be undone is still there.
    this.#closeAll = {
      name: 'durable_close_waits',
      text: `
        WITH closed AS (
          SELECT d.id FROM unnest($1::uuid[], $2::bool[]) AS d(id, is_end)
          WHERE NOT d.is_end OR NOT EXISTS (SELECT 1 FROM ${schema}.workflow_queue q WHERE q.id = d.id)
        ), events AS (
          DELETE FROM ${schema}.pending_events p USING closed WHERE p.execution_id = closed.id
        )
        UPDATE ${schema}.pending_inputs p SET outcome = 'withdrawn', settled_at = now()
        FROM closed WHERE p.execution_id = closed.id AND p.outcome IS NULL`,
    };
    this.#take = {
      name: 'durable_take',
      text: `
        UPDATE ${schema}.workflow_events e SET taken = true, delivered = true
        FROM unnest($1::bigint[]) AS d(id) WHERE e.id = d.id`,
    };
    // The compare-and-set against an answer. Asked again after its reply was lost, it says the same again.
    this.#settle = {
      name: 'durable_settle',
      text: `
        UPDATE ${schema}.pending_inputs p SET outcome = 'timed_out', settled_at = now()
        FROM unnest($1::uuid[], $2::int[]) AS d(id, seq)
        WHERE p.execution_id = d.id AND p.seq = d.seq AND (p.outcome IS NULL OR p.outcome = 'timed_out')
        RETURNING p.execution_id || '/' || p.seq`,
    };
  }

  bind(
    lines: readonly HistoryRecord[],
    ends: readonly EndRecord[],
    compensations: readonly CompensationRecord[],
  ): BoundStatement[] {
    const statements: BoundStatement[] = [];
    const events: Opened<PendingEvent>[] = [];
    const inputs: Opened<PendingInput>[] = [];
    const closed: Record<PendingEvent['table'] | PendingInput['table'], Closed[]> = {
      events: [],
      inputs: [],
    };
    const taken: string[] = [];
    for (const line of lines) {
      const { wait } = line;
      if (wait === undefined) continue;
      if (isOpening(wait)) {
        if (wait.opens.table === 'events') events.push({ line, pending: wait.opens });
        else inputs.push({ line, pending: wait.opens });
        continue;
      }
      closed[wait.closes].push({ executionId: line.executionId, openedSeq: wait.openedSeq });
      taken.push(...wait.takes);
    }
    if (events.length > 0) statements.push(this.#bindEvents(events));
    if (inputs.length > 0) statements.push(this.#bindInputs(inputs));
    if (closed.events.length > 0) statements.push(bindPlaces(this.#closeEvents, closed.events));
    if (closed.inputs.length > 0) statements.push(bindPlaces(this.#closeInputs, closed.inputs));
    if (taken.length > 0) {
      statements.push({ statement: this.#take, values: [encodeColumn('int8', taken, Number)] });
    }
    const over = [
      ...ends.filter(({ closesWaits }) => closesWaits),
      ...compensations.filter(({ results }) => results === null),
    ];
    if (over.length > 0) {
      statements.push({
        statement: this.#closeAll,
        values: [
          encodeColumn('uuid', over, (r) => r.executionId),
          encodeColumn('bool', over, (r) => Number(r.type === 'end')),
        ],
      });
    }
    return statements;
  }

  bindSettlements(records: readonly SettlementRecord[]): BoundStatement {
    return bindPlaces(this.#settle, records);
  }

  #bindEvents(opened: readonly Opened<PendingEvent>[]): BoundStatement {
    return {
      statement: this.#openEvents,
      values: [
        encodeColumn('uuid', opened, ({ line }) => line.executionId),
        encodeColumn('int4', opened, ({ line }) => line.seq),
        encodeColumn('text', opened, ({ pending }) => pending.workflow),
        encodeColumn('text', opened, ({ line }) => line.path),
        encodeColumn('text', opened, ({ pending }) => pending.kind),
        encodeColumn('text', opened, ({ pending }) => arrayLiteral(pending.names)),
        encodeColumn('text', opened, ({ pending }) => pending.broadcast),
        encodeColumn('text', opened, ({ pending }) => pending.scope),
        encodeColumn('timestamptz', opened, ({ line }) => line.startedAt),
        encodeColumn('timestamptz', opened, ({ line }) => line.dueAt),
      ],
    };
  }

  #bindInputs(opened: readonly Opened<PendingInput>[]): BoundStatement {
    return {
      statement: this.#openInputs,
      values: [
        encodeColumn('uuid', opened, ({ line }) => line.executionId),
        encodeColumn('int4', opened, ({ line }) => line.seq),
        encodeColumn('text', opened, ({ pending }) => pending.workflow),
        encodeColumn('text', opened, ({ line }) => line.path),
        encodeColumn('text', opened, ({ pending }) => pending.name),
        encodeColumn('json', opened, ({ pending }) => pending.question),
        encodeColumn('json', opened, ({ pending }) => pending.metadata),
        encodeColumn('text', opened, ({ pending }) => arrayLiteral(pending.assignees)),
        encodeColumn('timestamptz', opened, ({ line }) => line.startedAt),
        encodeColumn('timestamptz', opened, ({ line }) => line.dueAt),
      ],
    };
  }
}

function isOpening(wait: WaitChange): wait is Extract<WaitChange, { readonly opens: unknown }> {
  return 'opens' in wait;
}

function bindPlaces(statement: PreparedStatement, closed: readonly Closed[]): BoundStatement {
  return {
    statement,
    values: [
      encodeColumn('uuid', closed, (r) => r.executionId),
      encodeColumn('int4', closed, (r) => r.openedSeq),
    ],
  };
}

/** Arrays of different lengths fit into no array of PostgreSQL's: they travel as texts. */
function arrayLiteral(texts: readonly string[]): string {
  return `{${texts.map((text) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`;
}

/** What the settlement of a question returns. */
export function settlementOf(executionId: string, openedSeq: number): string {
  return `${executionId}/${openedSeq}`;
}
