import { CancelRequest, QueueState, rankNowSql } from '../../storage/queue-state.js';
import { encodeColumn } from '../binary-arrays.js';
import type { ReclaimRecord, ReleaseRecord, SuspensionRecord } from '../records.js';
import type { BoundStatement, PreparedStatement } from '../statement-pipeline.js';

/**
 * How an execution changes hands: given up while it waits, given back at a shutdown, taken back by a parked
 * coroutine that went on. Each names the epoch it acts on and returns the ids that it really changed.
 *
 * `workflow_queue` by primary key. The owner is compared with IS NOT DISTINCT FROM, which no index serves: with a
 * plain `=` the planner goes, on a bad day, through all that this worker runs, its dead rows included.
 */
export class OwnershipStatements {
  readonly #suspend: PreparedStatement;
  readonly #release: PreparedStatement;
  readonly #reclaim: PreparedStatement;

  constructor(schema: string) {
    const queue = `${schema}.workflow_queue`;
    // A suspension is a compare-and-set on the signals that the owner has seen: a sender raises the counter
    // on the same row, so one of the two always notices the other.
    this.#suspend = {
      name: 'durable_suspend',
      text: `
        UPDATE ${queue} q SET state = ${QueueState.waiting}, worker = NULL, due_at = d.due_at,
          listening = d.listening
        FROM unnest($1::uuid[], $2::int[], $3::int[], $4::timestamptz[], $6::bool[])
          AS d(id, epoch, signals, due_at, listening)
        WHERE q.id = d.id AND q.worker IS NOT DISTINCT FROM $5::bigint AND q.epoch = d.epoch AND q.signals = d.signals
        RETURNING q.id`,
    };
    this.#release = {
      name: 'durable_release',
      text: `
        UPDATE ${queue} q SET state = ${QueueState.ready}, worker = NULL, due_at = NULL, rank = ${rankNowSql('q.priority')}
        FROM unnest($1::uuid[], $2::int[]) AS d(id, epoch)
        WHERE q.id = d.id AND q.worker IS NOT DISTINCT FROM $3::bigint AND q.epoch = d.epoch
        RETURNING q.id`,
    };
    // Somebody who wants it cancelled has to be heard first; what is being undone nobody interrupts any more.
    this.#reclaim = {
      name: 'durable_reclaim',
      text: `
        UPDATE ${queue} q SET state = ${QueueState.running}, worker = $3::bigint, epoch = q.epoch + 1, due_at = NULL
        FROM unnest($1::uuid[], $2::int[]) AS d(id, epoch)
        WHERE q.id = d.id AND q.worker IS NULL AND q.epoch = d.epoch
          AND (q.cancel = ${CancelRequest.none} OR q.compensating)
        RETURNING q.id`,
    };
  }

  bindSuspensions(records: readonly SuspensionRecord[], workerId: string): BoundStatement {
    return {
      statement: this.#suspend,
      values: [
        encodeColumn('uuid', records, (r) => r.executionId),
        encodeColumn('int4', records, (r) => r.epoch),
        encodeColumn('int4', records, (r) => r.signals),
        encodeColumn('timestamptz', records, (r) => r.dueAt),
        workerId,
        encodeColumn('bool', records, (r) => Number(r.listening)),
      ],
    };
  }

  bindReleases(records: readonly ReleaseRecord[], workerId: string): BoundStatement {
    return { statement: this.#release, values: [...epochs(records), workerId] };
  }

  bindReclaims(records: readonly ReclaimRecord[], workerId: string): BoundStatement {
    return { statement: this.#reclaim, values: [...epochs(records), workerId] };
  }
}

function epochs(records: readonly (ReleaseRecord | ReclaimRecord)[]): Buffer[] {
  return [encodeColumn('uuid', records, (r) => r.executionId), encodeColumn('int4', records, (r) => r.epoch)];
}
