import type { ClaimRequest } from './claims.js';
import type {
  AnnotationRecord,
  CompensationRecord,
  EndRecord,
  HistoryRecord,
  JournalRecord,
  ReclaimRecord,
  ReleaseRecord,
  SettlementRecord,
  StartRecord,
  SuspensionRecord,
} from './records.js';

interface RecordsByType {
  start: StartRecord[];
  history: HistoryRecord[];
  settlement: SettlementRecord[];
  suspension: SuspensionRecord[];
  reclaim: ReclaimRecord[];
  release: ReleaseRecord[];
  end: EndRecord[];
  annotation: AnnotationRecord[];
  compensation: CompensationRecord[];
}

/**
 * What goes out in one flush: some first records of the queue, sorted by type, and perhaps a claim.
 *
 * A batch is always a prefix of what its executions have said, and its statements run in the order start,
 * history, annotations, compensation, changes of hands, end, waits: so no end overtakes a step of its own execution,
 * and queue rows are locked before what others lock after them.
 */
export class Batch {
  readonly byType: RecordsByType = {
    start: [],
    history: [],
    settlement: [],
    suspension: [],
    reclaim: [],
    release: [],
    end: [],
    annotation: [],
    compensation: [],
  };

  constructor(
    readonly records: readonly JournalRecord[],
    readonly claim: ClaimRequest | undefined,
  ) {
    for (const record of records) {
      (this.byType[record.type] as JournalRecord[]).push(record);
      if (record.type === 'end' && record.retry !== null) this.byType.start.push(record.retry);
    }
  }

  /** The same records in two halves, split between executions; the claim is left out. */
  halves(): [Batch, Batch] | undefined {
    const ids = [...new Set(this.records.map((record) => record.executionId))];
    if (ids.length < 2) return undefined;
    const first = new Set(ids.slice(0, ids.length >> 1));
    return [
      new Batch(
        this.records.filter((record) => first.has(record.executionId)),
        undefined,
      ),
      new Batch(
        this.records.filter((record) => !first.has(record.executionId)),
        undefined,
      ),
    ];
  }
}
