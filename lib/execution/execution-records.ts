import type { DurableError } from '../errors/durable.error.js';
import type { Journal } from '../journal/journal.js';
import type {
  AnnotationRecord,
  CompensationRecord,
  EndRecord,
  HistoryRecord,
  JournalRecord,
  RecordWatcher,
} from '../journal/records.js';

type Facts<Record extends JournalRecord> = Omit<Record, 'type' | 'executionId' | 'watcher'>;

/** Everything that one execution tells the journal, and how much of it is durable yet. */
export class ExecutionRecords {
  #unsettled = 0;
  #waiting: (() => void)[] = [];

  constructor(
    private readonly executionId: string,
    private readonly journal: Journal,
    private readonly refused: (error: DurableError) => void,
  ) {}

  /** Whether everything said so far is committed. */
  get areDurable(): boolean {
    return this.#unsettled === 0;
  }

  /** Resolves when everything said so far is committed; never, if something was refused. */
  async durable(): Promise<void> {
    if (this.#unsettled > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  history(facts: Facts<HistoryRecord>): void {
    this.#unsettled += 1;
    this.journal.append({ type: 'history', executionId: this.executionId, watcher: this.#watcher, ...facts });
  }

  annotation(facts: Facts<AnnotationRecord>): void {
    this.#unsettled += 1;
    this.journal.append({
      type: 'annotation',
      executionId: this.executionId,
      watcher: this.#watcher,
      ...facts,
    });
  }

  compensation(facts: Facts<CompensationRecord>): void {
    this.#unsettled += 1;
    this.journal.append({
      type: 'compensation',
      executionId: this.executionId,
      watcher: this.#watcher,
      ...facts,
    });
  }

  /** Whether the execution is parked now; false when a signal came that its owner has not seen. */
  suspension(facts: {
    epoch: number;
    signals: number;
    dueAt: number | null;
    listening: boolean;
  }): Promise<boolean> {
    return this.#conditional((watcher) => ({
      type: 'suspension',
      executionId: this.executionId,
      watcher,
      ...facts,
    }));
  }

  /** Whether the time of a question was up before anybody answered it. */
  settlement(openedSeq: number): Promise<boolean> {
    return this.#conditional((watcher) => ({
      type: 'settlement',
      executionId: this.executionId,
      watcher,
      openedSeq,
    }));
  }

  reclaim(epoch: number): Promise<boolean> {
    return this.#conditional((watcher) => ({
      type: 'reclaim',
      executionId: this.executionId,
      watcher,
      epoch,
    }));
  }

  release(epoch: number): Promise<boolean> {
    return this.#conditional((watcher) => ({
      type: 'release',
      executionId: this.executionId,
      watcher,
      epoch,
    }));
  }

  end(facts: Facts<EndRecord>): Promise<boolean> {
    return this.#conditional((watcher) => ({
      type: 'end',
      executionId: this.executionId,
      watcher,
      ...facts,
    }));
  }

  readonly #watcher: RecordWatcher = {
    durable: () => {
      this.#unsettled -= 1;
      if (this.#unsettled === 0) for (const resume of this.#waiting.splice(0)) resume();
    },
    refused: (error) => this.refused(error),
  };

  #conditional(record: (watcher: RecordWatcher) => JournalRecord): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.journal.append(record({ durable: resolve, refused: reject }));
    });
  }
}
