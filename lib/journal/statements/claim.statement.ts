import { CancelRequest, QueueState } from '../../storage/queue-state.js';
import { encodeColumn } from '../binary-arrays.js';
import type { ClaimedExecution, ClaimRequest } from '../claims.js';
import type { BoundStatement, PreparedStatement } from '../statement-pipeline.js';

/** From this many losses on, an execution is suspected of killing its workers and runs alone. */
export const ISOLATION_FROM_LOSSES = 2;

/** From this many on, no worker takes it again: the reaper ends it. */
export const PARKED_FROM_LOSSES = 3;

/** Before every rank there is. */
const WHOLE_LINE = -(2 ** 53);

const COLUMNS = `q.id, q.kind, q.queue, q.rank, q.epoch, q.signals, q.lost, q.cancel, q.compensating, q.priority,
  (extract(epoch FROM q.deadline_at) * 1000)::bigint, (extract(epoch FROM q.started_at) * 1000)::bigint,
  (extract(epoch FROM e.created_at) * 1000)::bigint, e.key, e.parent_id, e.retry_no, e.timeout_ms,
  e.cancel_reason, e.input, e.attributes`;

/**
 * Takes ready executions. One LATERAL for each queue and kind walks the index (queue, kind, rank) of ready
 * rows and stops at its limit: `queue = ANY(…) ORDER BY rank` would read and sort the whole backlog.
 * Who drains a backlog names the rank that it has come to: the dead rows before it, which somebody's old snapshot
 * may keep from being removed, are not walked again and again.
 * SKIP LOCKED keeps claimers out of each other's way; the rows that a queue has no slot for are only locked
 * for the length of this flush.
 */
export class ClaimStatement {
  readonly #ordinary: PreparedStatement;
  readonly #isolated: PreparedStatement;

  constructor(schema: string) {
    this.#ordinary = { name: 'durable_claim', text: claimSql(schema, `c.lost < ${ISOLATION_FROM_LOSSES}`) };
    this.#isolated = {
      name: 'durable_claim_isolated',
      text: claimSql(schema, `c.lost >= ${ISOLATION_FROM_LOSSES} AND c.lost < ${PARKED_FROM_LOSSES}`),
    };
  }

  bind(request: ClaimRequest, workerId: string): BoundStatement {
    return {
      statement: request.isolated ? this.#isolated : this.#ordinary,
      values: [
        encodeColumn('int4', request.demands, (d) => d.queueId),
        encodeColumn('int4', request.demands, (d) => d.slots),
        encodeColumn('int8', request.demands, (d) => d.from ?? WHOLE_LINE),
        encodeColumn('int4', request.kinds, (kind) => kind),
        workerId,
      ],
    };
  }
}

function claimSql(schema: string, suspicion: string): string {
  return `
    WITH candidates AS (
      SELECT c.id, w.slots, row_number() OVER (PARTITION BY w.queue ORDER BY c.rank) AS place
      FROM unnest($1::int[], $2::int[], $3::bigint[]) AS w(queue, slots, first)
      CROSS JOIN unnest($4::int[]) AS k(kind)
      CROSS JOIN LATERAL (
        SELECT c.id, c.rank FROM ${schema}.workflow_queue c
        WHERE c.state = ${QueueState.ready} AND c.queue = w.queue AND c.kind = k.kind AND c.rank >= w.first AND ${suspicion}
          AND (c.expires_at IS NULL OR c.expires_at > now())
        ORDER BY c.rank LIMIT w.slots FOR UPDATE SKIP LOCKED
      ) c
    )
    UPDATE ${schema}.workflow_queue q
    SET state = ${QueueState.running}, worker = $5::bigint, epoch = q.epoch + 1, due_at = NULL, expires_at = NULL,
      started_at = coalesce(q.started_at, date_trunc('milliseconds', now()))
    FROM candidates, ${schema}.workflow_executions e
    WHERE candidates.place <= candidates.slots AND q.id = candidates.id AND e.id = candidates.id
    RETURNING ${COLUMNS}`;
}

export function claimedExecutionOf(fields: readonly (string | null)[]): ClaimedExecution {
  const [
    id,
    kind,
    queueId,
    rank,
    epoch,
    signals,
    lost,
    cancel,
    compensating,
    priority,
    deadline,
    started,
    created,
    ...rest
  ] = fields;
  const [key, parentId, retryNo, timeout, cancelReason, input, attributes] = rest;
  return {
    id: id ?? '',
    kind: Number(kind),
    queueId: Number(queueId),
    rank: Number(rank),
    epoch: Number(epoch),
    signals: Number(signals),
    lost: Number(lost),
    cancelRequested: Number(cancel) !== CancelRequest.none,
    compensateOnCancel: Number(cancel) === CancelRequest.compensate,
    isCompensating: compensating === 't',
    priority: Number(priority),
    deadlineAt: deadline == null ? null : Number(deadline),
    startedAt: Number(started),
    createdAt: Number(created),
    key: key ?? null,
    parentId: parentId ?? null,
    retryNo: Number(retryNo),
    timeout: timeout == null ? null : Number(timeout),
    cancelReason: cancelReason ?? null,
    input: input ?? null,
    attributes: attributes ?? null,
  };
}
