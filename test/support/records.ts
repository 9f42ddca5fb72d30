import { randomUUID } from 'node:crypto';
import type { DurableError } from '../../lib/errors/durable.error.js';
import type {
  AnnotationRecord,
  CompensationRecord,
  EndRecord,
  HistoryRecord,
  RecordWatcher,
  ReclaimRecord,
  ReleaseRecord,
  StartRecord,
  SuspensionRecord,
} from '../../lib/journal/records.js';

const silent: RecordWatcher = { durable: () => undefined, refused: () => undefined };

/** Some moment, whole milliseconds. */
export const someTime = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

export function start(facts: Partial<StartRecord> = {}): StartRecord {
  return {
    type: 'start',
    executionId: randomUUID(),
    watcher: silent,
    workflow: 'order',
    version: 1,
    kind: 1,
    queue: 'default',
    queueId: 1,
    key: null,
    priority: 0,
    input: '{"amount":7}',
    attributes: null,
    createdAt: someTime,
    dueAt: null,
    deadlineAt: null,
    expiresAt: null,
    timeout: null,
    retryNo: 0,
    originId: null,
    eager: false,
    ...facts,
  };
}

export function line(facts: Partial<HistoryRecord> = {}): HistoryRecord {
  return {
    type: 'history',
    executionId: randomUUID(),
    watcher: silent,
    seq: 1,
    path: 'charge',
    kind: 'step',
    attempt: 1,
    outcome: 'completed',
    startedAt: someTime,
    endedAt: someTime,
    dueAt: null,
    output: '1',
    error: null,
    hash: null,
    ...facts,
  };
}

export function annotation(facts: Partial<AnnotationRecord> = {}): AnnotationRecord {
  return {
    type: 'annotation',
    executionId: randomUUID(),
    watcher: silent,
    attributes: null,
    progress: null,
    ...facts,
  };
}

export function compensation(facts: Partial<CompensationRecord> = {}): CompensationRecord {
  return {
    type: 'compensation',
    executionId: randomUUID(),
    watcher: silent,
    results: null,
    at: someTime,
    ...facts,
  };
}

export function suspension(facts: Partial<SuspensionRecord> = {}): SuspensionRecord {
  return {
    type: 'suspension',
    executionId: randomUUID(),
    watcher: silent,
    epoch: 1,
    signals: 0,
    dueAt: null,
    listening: false,
    ...facts,
  };
}

export function release(facts: Partial<ReleaseRecord> = {}): ReleaseRecord {
  return { type: 'release', executionId: randomUUID(), watcher: silent, epoch: 1, ...facts };
}

export function reclaim(facts: Partial<ReclaimRecord> = {}): ReclaimRecord {
  return { type: 'reclaim', executionId: randomUUID(), watcher: silent, epoch: 1, ...facts };
}

export function ending(facts: Partial<EndRecord> = {}): EndRecord {
  return {
    type: 'end',
    executionId: randomUUID(),
    watcher: silent,
    epoch: 1,
    outcome: 'completed',
    output: null,
    error: null,
    startedAt: someTime,
    endedAt: someTime,
    retry: null,
    closesWaits: false,
    ...facts,
  };
}

export type Verdict = 'stored' | 'declined' | DurableError;

/** Takes note of what becomes of records, and of each that is told twice. */
export class Verdicts {
  readonly #all = new Map<string, Verdict[]>();
  #waiting: (() => void)[] = [];

  watcher(name: string): RecordWatcher {
    return {
      durable: (accepted) => this.#note(name, accepted ? 'stored' : 'declined'),
      refused: (error) => this.#note(name, error),
    };
  }

  /** What the watcher of this name was told; normally one thing. */
  of(name: string): readonly Verdict[] {
    return this.#all.get(name) ?? [];
  }

  get count(): number {
    return this.#all.size;
  }

  /** Resolves when all of these have been told something. */
  async toldTo(...names: readonly string[]): Promise<void> {
    while (names.some((name) => !this.#all.has(name))) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #note(name: string, verdict: Verdict): void {
    this.#all.set(name, [...this.of(name), verdict]);
    for (const resume of this.#waiting.splice(0)) resume();
  }
}
