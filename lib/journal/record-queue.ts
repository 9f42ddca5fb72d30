import { Batch } from './batch.js';
import type { ClaimRequest } from './claims.js';
import { type JournalRecord, weightOf } from './records.js';

const MAX_RECORDS = 1_000;
const MAX_BYTES = 1_000_000;

/** Records that wait for their flush, in the order in which they were said. */
export class RecordQueue {
  #records: JournalRecord[] = [];
  /** Executions of which a record was set aside: what they say later has to wait behind it. */
  readonly #aside = new Map<string, JournalRecord[]>();

  get length(): number {
    return this.#records.length;
  }

  /** Nothing waits, and nothing is set aside. */
  get isEmpty(): boolean {
    return this.#records.length === 0 && this.#aside.size === 0;
  }

  add(record: JournalRecord): void {
    const line = this.#aside.get(record.executionId);
    (line ?? this.#records).push(record);
  }

  /** A prefix of the queue that is small enough for one flush; at least one record, however large. */
  take(claim: ClaimRequest | undefined): Batch {
    let bytes = 0;
    let count = 0;
    for (const record of this.#records) {
      bytes += weightOf(record);
      if (count === MAX_RECORDS || (count > 0 && bytes > MAX_BYTES)) break;
      count += 1;
    }
    if (count === this.#records.length) {
      const all = this.#records;
      this.#records = [];
      return new Batch(all, claim);
    }
    return new Batch(this.#records.splice(0, count), claim);
  }

  /** Keeps an execution's records back, those to come included, until `bringBack`. */
  setAside(executionId: string, records: readonly JournalRecord[]): void {
    const later = this.#records.filter((record) => record.executionId === executionId);
    this.#records = this.#records.filter((record) => record.executionId !== executionId);
    this.#aside.set(executionId, [...records, ...later]);
  }

  bringBack(executionId: string): void {
    const records = this.#aside.get(executionId) ?? [];
    this.#aside.delete(executionId);
    this.#records.push(...records);
  }

  /** Empties the queue, what was set aside included. */
  drain(): JournalRecord[] {
    const all = [...this.#records, ...[...this.#aside.values()].flat()];
    this.#records = [];
    this.#aside.clear();
    return all;
  }
}
